namespace Cencori.Edge.Tests.Infrastructure;

/// <summary>One edge, one scripted <c>openai</c> behind it and an unlimited production key, for all tests of a class.</summary>
public class EdgeBeforeProvider : IAsyncLifetime
{
    public ScriptedProvider Provider { get; } = new();

    public RunningEdge Edge { get; private set; } = null!;

    /// <summary>Has the credential <see cref="RunningEdge.ProviderKey"/>.</summary>
    public string ProjectId { get; private set; } = null!;

    public string Key { get; private set; } = null!;

    protected virtual string[] Settings => [];

    public async Task InitializeAsync()
    {
        Edge = await RunningEdge.StartAsync(Provider, Settings);
        ProjectId = await Edge.CreateProjectAsync("openai");
        Key = await Edge.CreateKeyAsync(ProjectId);
    }

    public async Task DisposeAsync()
    {
        await Edge.DisposeAsync();
        await Provider.DisposeAsync();
    }

    public static object Chat(string model = "gpt-4o") => new { model, messages = new[] { new { role = "user", content = "hi" } } };

    public Task<HttpResponseMessage> PostChatAsync() => Edge.PostAsync(Key, "/v1/chat/completions", Chat());
}
