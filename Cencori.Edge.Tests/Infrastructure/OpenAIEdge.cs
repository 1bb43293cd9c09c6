namespace Cencori.Edge.Tests.Infrastructure;

/// <summary>
/// One traced edge for all tests of a class: <c>openai</c> is a scripted provider, and there is a project that may use it.
/// Each test takes the requests it causes, with <see cref="ScriptedProvider.NextRequestAsync"/>.
/// </summary>
public class OpenAIEdge : IAsyncLifetime, IAsyncDisposable
{
    public ScriptedProvider Provider { get; } = new();

    public SpanRecorder Spans { get; } = new();

    public RunningEdge Edge { get; private set; } = null!;

    public string ProjectId { get; private set; } = "";

    /// <summary>A production key of the project.</summary>
    public string Key { get; private set; } = "";

    protected virtual IEnumerable<string> Settings => [];

    public async Task InitializeAsync()
    {
        Provider.Respond((_, response) => response.JsonAsync(200, ScriptedProvider.ChatCompletion("gpt-4o", "hi", 3, 1)));
        Edge = await RunningEdge.StartAsync(
            [RunningEdge.Destination("openai", Provider.Address), $"{SpanRecorder.Switch}=http://127.0.0.1:1", .. Settings],
            Spans.AddTo);
        ProjectId = await Edge.CreateProjectAsync("openai");
        Key = await Edge.CreateKeyAsync(ProjectId);
    }

    // The test runner knows only its own interface, the analyzer only the framework's.
    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await Edge.DisposeAsync();
        await Provider.DisposeAsync();
        Spans.Dispose();
    }

    /// <summary>Sends a small chat and returns the whole answer.</summary>
    public async Task<HttpResponseMessage> ChatAsync(string? key = null, object? body = null, params (string Name, string Value)[] headers)
    {
        var answer = await Edge.PostAsync(key ?? Key, "/v1/chat/completions", body ?? Chat, headers);
        await answer.Content.LoadIntoBufferAsync();
        return answer;
    }

    public static string Chat => """{"model":"gpt-4o","messages":[{"role":"user","content":"Hello!"}]}""";

    public static string StreamedChat => """{"model":"gpt-4o","stream":true,"messages":[{"role":"user","content":"Hello!"}]}""";
}
