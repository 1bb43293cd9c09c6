using System.Text.Json.Nodes;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;
using Cencori.Edge.Tests.Records;

namespace Cencori.Edge.Tests.Policies.Guardrails;

/// <summary>A project on an edge that other tests also use. The test itself responds to requests to the guardrails of the project.</summary>
public sealed class GuardrailScene(ScriptedEdge at) : IAsyncDisposable
{
    public const string Body = """{ "model":"gpt-4o","temperature":1.0,  "messages":[{"role":"system","content":"Be kind."},{"role":"user","content":"Hi, I am Ann."},{"role":"assistant","content":"Hello!"},{"role":"user","content":[{"type":"text","text":"Ann \u0041gain"}]},{"role":"tool","tool_call_id":"c1","content":"Hi, I am Ann."}]}""";

    /// <summary>The documented limit of texts in one request to a guardrail.</summary>
    public const int MaxTexts = 200;

    public ScriptedProvider Guardrail { get; } = new();

    public string Project { get; private set; } = null!;

    public string Key { get; private set; } = null!;

    public static string Passes => """{"action":"NONE"}""";

    public static string Blocks => """{"action":"BLOCKED","blocked_reason":"It speaks of Ann, who is secret."}""";

    /// <summary>Sets one rule, <c>judge</c>, plus the rules in <paramref name="others"/>.</summary>
    public async Task SetAsync(string action, string more = "", string type = "http", string others = "", string path = "/check")
    {
        if (Project is null)
        {
            (Project, Key) = await at.CreateAsync(new { });
        }

        await PutAsync(RuleOf("judge", action, more, type, path) + others);
    }

    /// <summary>A rule whose guardrail may take longer than the default of one second, which a busy machine needs.</summary>
    public string RuleOf(string name, string action, string more = "", string type = "http", string path = "/check")
    {
        var timeout = more.Contains("\"timeout_ms\"", StringComparison.Ordinal) ? "" : ""","timeout_ms":10000""";
        return $$$"""{"name":"{{{name}}}","kind":"guardrail","action":"{{{action}}}","guardrail":{"type":"{{{type}}}","url":"{{{Guardrail.Address.AbsoluteUri.TrimEnd('/')}}}{{{path}}}"{{{timeout}}}{{{more}}}}}""";
    }

    public Task<JsonNode> PutAsync(string rules) => at.Edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{Project}/policies", JsonNode.Parse($$"""{"rules":[{{rules}}]}"""));

    public Task<JsonNode> GetAsync() => at.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{Project}/policies");

    /// <summary>The status, the response, and the body that the provider received. Null: it received none.</summary>
    public async Task<(int Status, string Text, string? Sent, HttpResponseMessage Response)> AskAsync(string body = Body, string path = "/v1/chat/completions")
    {
        string? sent = null;
        at.Provider.Respond((request, response) =>
        {
            sent = request.BodyText;
            return response.JsonAsync(200, ScriptedProvider.ChatCompletion("gpt-4o", "hi", 3, 1));
        });
        var edgeResponse = await at.Edge.PostAsync(Key, path, body, ("baggage", "caller=yes"), ("X-Caller", "yes"));
        return ((int)edgeResponse.StatusCode, await edgeResponse.Content.ReadAsStringAsync(), sent, edgeResponse);
    }

    public async Task<RequestPolicy> RecordAsync(int count = 1) => (await at.Edge.RowsOfAsync(Project, count)).OrderBy(row => row.StartedAt).Last().Policy!;

    public void Says(string json) => Guardrail.Respond((_, response) => response.JsonAsync(200, json));

    /// <summary>The guardrail rewrites all texts. It fails if it gets more of them than the edge may send.</summary>
    public void Rewrites(string from, string to) => Guardrail.Respond((request, response) =>
    {
        var texts = JsonNode.Parse(request.BodyText)!["texts"]!.AsArray();
        return response.JsonAsync(texts.Count > MaxTexts ? 500 : 200, new JsonObject
        {
            ["action"] = "GUARDRAIL_INTERVENED",
            ["texts"] = new JsonArray([.. texts.Select(text => JsonValue.Create(((string)text!).Replace(from, to, StringComparison.Ordinal)))]),
        }.ToJsonString());
    });

    public ValueTask DisposeAsync() => Guardrail.DisposeAsync();
}
