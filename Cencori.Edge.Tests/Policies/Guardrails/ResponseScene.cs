using System.Text;
using System.Text.Json.Nodes;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;
using Cencori.Edge.Tests.Records;

namespace Cencori.Edge.Tests.Policies.Guardrails;

/// <summary>A project with a guardrail, <c>judge</c>, that checks responses, and a scripted provider.</summary>
public sealed class ResponseScene(ScriptedEdge at) : IAsyncDisposable
{
    public const string Streamed = """{"model":"gpt-4o","stream":true,"max_tokens":10,"messages":[{"role":"user","content":"x"}],"input":"x"}""";

    private const int Piece = 1_997;

    private readonly GuardrailScene _scene = new(at);

    public ScriptedProvider Guardrail => _scene.Guardrail;

    public string Project => _scene.Project;

    public string Key => _scene.Key;

    /// <summary>The texts that the edge sent to the guardrail, in order.</summary>
    public IEnumerable<string> Asked => Guardrail.Requests.SelectMany(request => JsonNode.Parse(request.BodyText)!["texts"]!.AsArray()).Select(text => (string)text!);

    public async Task SetAsync(string action, string more = "", string type = "http", string others = "", string path = "/check", string stage = "output", string settings = "")
    {
        await _scene.SetAsync("off");
        var rule = _scene.RuleOf("judge", action, more, type, path);
        await at.Edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{Project}/policies", JsonNode.Parse($$"""{"rules":[{{rule[..^1]}},"stage":"{{stage}}"}{{others}}]{{settings}}}"""));
    }

    public void Says(string json) => _scene.Says(json);

    /// <summary>The guardrail rewrites all texts.</summary>
    public void Rewrites(string from, string to) => _scene.Rewrites(from, to);

    /// <summary>The guardrail blocks texts that contain <paramref name="word"/>.</summary>
    public void BlocksAt(string word) => Guardrail.Respond((request, response) =>
        response.JsonAsync(200, request.BodyText.Contains(word, StringComparison.Ordinal) ? GuardrailScene.Blocks : GuardrailScene.Passes));

    /// <summary>Returns what a caller receives when the provider responds with one JSON document.</summary>
    public Task<(int Status, string Text)> RespondAsync(string providerBody, string path = "/v1/chat/completions", string body = """{"model":"gpt-4o","n":3,"messages":[{"role":"user","content":"x"}]}""") =>
        RespondAsync(_ => providerBody, body, path);

    public async Task<(int Status, string Text)> RespondAsync(Func<ReceivedRequest, string> providerBody, string body, string path = "/v1/chat/completions")
    {
        at.Provider.Respond((request, response) => response.JsonAsync(200, providerBody(request)));
        using var got = await at.Edge.PostAsync(Key, path, body);
        return ((int)got.StatusCode, await got.Content.ReadAsStringAsync());
    }

    /// <summary>Returns what a caller receives when the provider responds with a stream, cut into pieces of a fixed size.</summary>
    public async Task<(int Status, string Text)> StreamAsync(string stream, string path = "/v1/chat/completions", string body = Streamed)
    {
        at.Provider.Respond(async (_, response) =>
        {
            await response.SendHeadAsync(200, ("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"));
            var bytes = Encoding.UTF8.GetBytes(stream);
            for (var at = 0; at < bytes.Length; at += Piece)
            {
                await response.SendChunkAsync(bytes.AsMemory(at, Math.Min(Piece, bytes.Length - at)));
            }

            await response.EndChunksAsync();
        });
        using var got = await at.Edge.PostAsync(Key, path, body);
        return ((int)got.StatusCode, await got.Content.ReadAsStringAsync());
    }

    public async Task<RequestRecord> RowAsync() => Assert.Single(await at.Edge.RowsOfAsync(Project, 1));

    public ValueTask DisposeAsync() => _scene.DisposeAsync();
}
