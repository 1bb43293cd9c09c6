using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Cencori.Edge.Tests.Infrastructure;

/// <summary>An edge whose clock stands still until a test moves it, in front of a scripted <c>openai</c>. Projects keep tests apart.</summary>
public sealed class ClockedEdge : IAsyncLifetime, IAsyncDisposable
{
    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public ScriptedProvider Provider { get; } = new();

    public RunningEdge Edge { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        AnswerChats();
        Edge = await RunningEdge.StartAsync([RunningEdge.Destination("openai", Provider.Address)], Configure);
    }

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        await Edge.DisposeAsync();
        await Provider.DisposeAsync();
    }

    /// <summary>The provider answers every request with one small completion.</summary>
    public void AnswerChats() => Provider.Respond((_, response) => response.JsonAsync(200, ScriptedProvider.ChatCompletion("gpt-4o", "hi", 3, 1)));

    /// <summary>A new project with these limits, and a production key of it.</summary>
    public async Task<(string ProjectId, string Key)> CreateAsync(object limits)
    {
        var project = await Edge.CreateProjectAsync("openai");
        await Edge.SetLimitsAsync(project, limits);
        return (project, await Edge.CreateKeyAsync(project));
    }

    public Task<HttpResponseMessage> ChatAsync(string key, long tokens = 100, object? body = null) =>
        Edge.PostAsync(key, "/v1/chat/completions", body ?? Chat(tokens));

    /// <summary>A chat that reserves exactly <paramref name="tokens"/>, 10 of them for its text.</summary>
    public static object Chat(long tokens, bool stream = false) => new
    {
        model = "gpt-4o",
        max_tokens = tokens - 10,
        stream,
        messages = new[] { new { role = "user", content = new string('x', 36) } },
    };

    private void Configure(WebApplicationBuilder builder) => builder.Services.AddSingleton<TimeProvider>(Clock);
}
