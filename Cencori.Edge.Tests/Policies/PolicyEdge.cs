using System.Text;
using System.Text.Json.Nodes;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Policies;

/// <summary>Projects with policies, and a scripted provider that shows what it received.</summary>
public class PolicyEdge : ScriptedEdge
{
    /// <summary>Creates a project with these rules, and a key of it.</summary>
    public async Task<(string ProjectId, string Key)> CreateAsync(string rules, string more = "")
    {
        var (project, key) = await CreateAsync(new { });
        await SetAsync(project, rules, more);
        return (project, key);
    }

    public Task<JsonNode> SetAsync(string project, string rules, string more = "") =>
        Edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{project}/policies", JsonNode.Parse($$"""{"rules":[{{rules}}]{{more}}}"""));

    /// <summary>The body that the provider received for one request.</summary>
    public async Task<string> SentAsync(string key, string body, string path = "/v1/chat/completions", string providerBody = """{"id":"x","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}]}""")
    {
        var sent = "";
        Provider.Respond((request, response) =>
        {
            sent = Encoding.UTF8.GetString(request.Body.Span);
            return response.JsonAsync(200, providerBody);
        });
        using var got = await Edge.PostAsync(key, path, body);
        Assert.True(got.IsSuccessStatusCode, await got.Content.ReadAsStringAsync());
        return sent;
    }

    /// <summary>The stream that a caller reads when the provider sends these pieces of text.</summary>
    public async Task<string> StreamedAsync(string key, IEnumerable<string> pieces) => await StreamedAsync(key, pieces.Select(piece => ChunkOf(piece)), EndOf());

    public async Task<string> StreamedAsync(string key, IEnumerable<string> events, string end)
    {
        var all = string.Concat(events) + end;
        Provider.Respond(async (_, response) =>
        {
            await response.SendHeadAsync(200, ("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"));
            await response.SendChunkAsync(all);
            await response.EndChunksAsync();
        });
        using var got = await Edge.PostAsync(key, "/v1/chat/completions", StreamedChat);
        return await got.Content.ReadAsStringAsync();
    }

    public static string ChunkOf(string text, int choice = 0) =>
        $"data: {{\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"gpt-4o\",\"choices\":[{{\"index\":{choice},\"delta\":{{\"content\":{System.Text.Json.JsonSerializer.Serialize(text)}}},\"logprobs\":null,\"finish_reason\":null}}]}}\n\n";

    /// <summary>A chunk with a fragment of the arguments of a tool call.</summary>
    public static string CallChunkOf(string arguments, int call = 0) =>
        $"data: {{\"id\":\"c1\",\"choices\":[{{\"index\":0,\"delta\":{{\"tool_calls\":[{{\"index\":{call},\"function\":{{\"arguments\":{System.Text.Json.JsonSerializer.Serialize(arguments)}}}}}]}},\"finish_reason\":null}}]}}\n\n";

    public static string EndOf(string reason = "stop") =>
        $"data: {{\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"gpt-4o\",\"choices\":[{{\"index\":0,\"delta\":{{}},\"finish_reason\":\"{reason}\"}}]}}\n\ndata: [DONE]\n\n";

    /// <summary>The text of a streamed chat as clients assemble it.</summary>
    public static string TextOf(string stream, int choice = 0) => string.Concat(Events(stream).Select(data => data["choices"]?.AsArray().FirstOrDefault(one => (int)one!["index"]! == choice)?["delta"]?["content"]).Select(text => (string?)text));

    /// <summary>The arguments of the first tool call of a streamed chat as clients assemble them.</summary>
    public static string ArgumentsOf(string stream) => string.Concat(Events(stream).Select(data => (string?)data["choices"]?[0]?["delta"]?["tool_calls"]?[0]?["function"]?["arguments"]));

    public static IEnumerable<JsonNode> Events(string stream) =>
        stream.Split("\n\n").Where(text => text.StartsWith("data: {", StringComparison.Ordinal)).Select(text => JsonNode.Parse(text["data: ".Length..])!);
}
