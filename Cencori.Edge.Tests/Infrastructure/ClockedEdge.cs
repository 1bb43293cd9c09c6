using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Cencori.Edge.Tests.Infrastructure;

/// <summary>An edge whose clock stands still until a test moves it. Projects keep tests apart.</summary>
public sealed class ClockedEdge : AnsweringEdge
{
    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));

    /// <summary>A chat that reserves exactly <paramref name="tokens"/>, 10 of them for its text.</summary>
    public static object ChatOf(long tokens, bool stream = false) => new
    {
        model = "gpt-4o",
        max_tokens = tokens - 10,
        stream,
        messages = new[] { new { role = "user", content = new string('x', 25) } },
    };

    /// <summary>Returns when the headers are there.</summary>
    public Task<HttpResponseMessage> PostChatAsync(string key, long tokens = 100, object? body = null) =>
        Edge.PostAsync(key, "/v1/chat/completions", body ?? ChatOf(tokens));

    protected override void Configure(WebApplicationBuilder builder) => builder.Services.AddSingleton<TimeProvider>(Clock);
}
