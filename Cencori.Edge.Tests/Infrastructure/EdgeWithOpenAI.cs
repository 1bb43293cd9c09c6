namespace Cencori.Edge.Tests.Infrastructure;

/// <summary>For a class whose tests change nothing: one edge, and one provider behind <c>openai</c> and <c>groq</c> that answers <c>{}</c> to everything.</summary>
public sealed class EdgeWithOpenAI : IAsyncLifetime, IAsyncDisposable
{
    public ScriptedProvider Provider { get; } = new();

    public RunningEdge Edge { get; private set; } = null!;

    /// <summary>Without limits, with credentials for both environments.</summary>
    public string Project { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Provider.Respond((_, response) => response.JsonAsync(200, "{}"));
        Edge = await RunningEdge.StartAsync([RunningEdge.Destination("openai", Provider.Address), RunningEdge.Destination("groq", Provider.Address)]);
        Project = await Edge.CreateProjectAsync("openai", "groq");
        await Edge.StoreProviderKeyAsync(Project, "openai", "test");
    }

    public async ValueTask DisposeAsync()
    {
        await Edge.DisposeAsync();
        await Provider.DisposeAsync();
    }

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();
}
