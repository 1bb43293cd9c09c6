using Cencori.Edge.Tests.Infrastructure.Providers;
using Microsoft.AspNetCore.Builder;

namespace Cencori.Edge.Tests.Infrastructure.Edges;

/// <summary>
/// One edge for all tests of a class, with a scripted provider as <c>openai</c> and a project that may use it. A request without a script fails the class;
/// <see cref="RespondingEdge"/> has a default response instead.
/// </summary>
public class ScriptedEdge : ISharesProvider, IAsyncLifetime, IAsyncDisposable
{
    public ScriptedProvider Provider { get; } = new();

    public RunningEdge Edge { get; private set; } = null!;

    /// <summary>A project without limits, with the credential <see cref="RunningEdge.ProviderKey"/>.</summary>
    public string ProjectId { get; private set; } = null!;

    /// <summary>A production key of the project.</summary>
    public string Key { get; private set; } = null!;

    public static string Chat => ChatOf("gpt-4o");

    public static string StreamedChat => """{"model":"gpt-4o","stream":true,"messages":[{"role":"user","content":"Hello!"}]}""";

    protected virtual IEnumerable<string> Settings => [];

    public static string ChatOf(string model) => $$"""{"model":"{{model}}","messages":[{"role":"user","content":"Hello!"}]}""";

    public virtual async Task InitializeAsync()
    {
        Edge = await RunningEdge.StartAsync([RunningEdge.Destination("openai", Provider.Address), RunningEdge.LoopbackIsOpen, .. Settings], Configure);
        ProjectId = await Edge.CreateProjectAsync("openai");
        Key = await Edge.CreateKeyAsync(ProjectId);
    }

    // xUnit calls only its own interface. The code analyzer requires the interface of .NET.
    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await Edge.DisposeAsync();
        await Provider.DisposeAsync();
    }

    /// <summary>Creates a project with these limits, and a production key of it.</summary>
    public async Task<(string ProjectId, string Key)> CreateAsync(object limits)
    {
        var project = await Edge.CreateProjectAsync("openai");
        await Edge.SetLimitsAsync(project, limits);
        return (project, await Edge.CreateKeyAsync(project));
    }

    /// <summary>Sends a small chat and returns the complete response.</summary>
    public async Task<HttpResponseMessage> ChatAsync(string? key = null, object? body = null, params (string Name, string Value)[] headers)
    {
        var response = await Edge.PostAsync(key ?? Key, "/v1/chat/completions", body ?? Chat, headers);
        await response.Content.LoadIntoBufferAsync();
        return response;
    }

    /// <summary>Replaces services of the edge.</summary>
    protected virtual void Configure(WebApplicationBuilder builder)
    {
    }
}
