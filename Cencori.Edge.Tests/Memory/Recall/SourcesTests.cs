using System.Net;
using System.Text.Json.Nodes;
using Cencori.Edge.Memory.Recall;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Providers;
using Cencori.Edge.Tests.Policies;
using Cencori.Edge.Tests.Records;

namespace Cencori.Edge.Tests.Memory.Recall;

/// <summary>Answers with sources.</summary>
public sealed class SourcesTests(RecallingEdge at) : IClassFixture<RecallingEdge>
{
    private const string Path = "/api/ai/rag";

    private static readonly RecalledMemory[] Notes = [new("mem_1", "Ada lives in Accra.", """{"page":3,"tags":["x"]}""", 0.8731), new("mem_2", "She likes \"tea\".", null, 0.5)];

    [Fact]
    public async Task A_response_has_the_message_and_its_sources()
    {
        var (project, key) = await at.CreateAsync(new { });
        var name = at.Memory.Add(Notes);
        at.Provider.Respond((_, response) => response.JsonAsync(200, ScriptedProvider.ChatCompletion("gpt-4o", "In Accra.", 7, 5)));

        using var edgeResponse = await at.Edge.PostAsync(key, Path, Body(name, """,  "maxTokens":9,"limit":2"""));
        var reported = JsonNode.Parse(await edgeResponse.Content.ReadAsStringAsync())!.AsObject();
        var sent = at.Provider.Requests[^1];

        Assert.Equal(["message", "model", "provider", "usage", "latency_ms", "sources"], reported.Select(member => member.Key));
        Assert.Equal("""{"role":"assistant","content":"In Accra."}""", reported["message"]!.ToJsonString());
        Assert.Equal("""{"prompt_tokens":7,"completion_tokens":5,"total_tokens":12}""", reported["usage"]!.ToJsonString());
        Assert.Equal(("gpt-4o", "openai"), ((string?)reported["model"], (string?)reported["provider"]));
        Assert.True((long)reported["latency_ms"]! >= 0);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""[{"content":"Ada lives in Accra.","metadata":{"page":3,"tags":["x"]},"similarity":0.8731},{"content":"She likes \"tea\".","metadata":{},"similarity":0.5}]"""), reported["sources"]), reported["sources"]!.ToJsonString());
        Assert.Equal(("2", "openai"), (edgeResponse.Header("X-Cencori-Memory-Retrieved"), edgeResponse.Header("X-Provider")));
        Assert.Equal(("/v1/chat/completions", (name, "Where?", 2, 0.5)), (sent.Target, at.Memory.Asked.Last()));
        Assert.Equal(["model", "messages", "max_tokens"], JsonNode.Parse(sent.BodyText)!.AsObject().Select(member => member.Key));
        Assert.Equal(RecallingEdge.Block(Notes[0].Content, Notes[1].Content) + "\n\nWhere?", RecallingEdge.Unfenced((string)JsonNode.Parse(sent.BodyText)!["messages"]![0]!["content"]!));
        Assert.Equal("POST /api/ai/rag", Assert.Single(await at.Edge.RowsOfAsync(project, 1)).Endpoint);
    }

    [Theory]
    [InlineData(""","include_sources":false""", null)]
    [InlineData(""","includeSources":false""", null)]
    [InlineData("", "[]")]
    public async Task Sources_can_be_omitted_or_empty(string more, string? sources)
    {
        at.Provider.Respond((_, response) => response.JsonAsync(200, ScriptedProvider.ChatCompletion("gpt-4o", "I do not know.", 7, 5)));

        using var edgeResponse = await at.Edge.PostAsync(at.Key, Path, Body(sources is null ? at.Memory.Add(Notes) : at.Memory.Add(Array.Empty<RecalledMemory>()), more));
        var reported = JsonNode.Parse(await edgeResponse.Content.ReadAsStringAsync())!.AsObject();

        Assert.Equal("I do not know.", (string?)reported["message"]!["content"]);
        Assert.Equal(sources, reported["sources"]?.ToJsonString());
        Assert.Equal(sources is not null, reported.ContainsKey("sources"));
        Assert.Equal(sources is null ? "2" : "0", edgeResponse.Header("X-Cencori-Memory-Retrieved"));
    }

    [Theory]
    [InlineData("", true)]
    [InlineData(""","include_sources":false""", false)]
    public async Task A_stream_begins_with_the_sources_and_ends_with_done(string more, bool tells)
    {
        at.Provider.Respond((_, response) => response.SseAsync(ScriptedProvider.ChatChunks("gpt-4o", ["In ", "Accra."])));

        using var edgeResponse = await at.Edge.PostAsync(at.Key, Path, Body(at.Memory.Add(Notes), more + ""","stream":true"""));
        var stream = await edgeResponse.Content.ReadAsStringAsync();
        var events = PolicyEdge.Events(stream).ToList();

        Assert.Equal(tells ? 2 : null, events[0]["sources"]?.AsArray().Count);
        Assert.Equal("In Accra.", string.Concat(events.Select(reported => (string?)reported["delta"])));
        Assert.Equal("stop", (string?)events[^1]["finish_reason"]);
        Assert.All(events.Skip(tells ? 1 : 0), reported => Assert.Equal("content", (string?)reported["type"]));
        Assert.EndsWith("\n\ndata: [DONE]\n\n", stream, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("data: {\"error\":{\"message\":\"overloaded\"}}\n\n", "overloaded")]
    [InlineData("data: {\"cho", "The provider 'openai' broke off its response.")]
    public async Task A_failed_stream_ends_with_an_error_and_without_done(string last, string message)
    {
        at.Provider.Respond(async (_, response) =>
        {
            await response.SendHeadAsync(200, ("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"));
            await response.SendChunkAsync(PolicyEdge.ChunkOf("In ") + last);
            await response.CloseAsync();
        });

        using var edgeResponse = await at.Edge.PostAsync(at.Key, Path, Body(at.Memory.Add(Notes), ""","stream":true"""));
        var stream = await edgeResponse.Content.ReadAsStringAsync();

        Assert.Equal($$"""{"error":"{{message}}"}""", System.Text.RegularExpressions.Regex.Unescape(PolicyEdge.Events(stream).Last().ToJsonString()));
        Assert.DoesNotContain("[DONE]", stream, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"model":"gpt-4o","messages":[{"role":"user","content":"x"}]}""", "namespace")]
    [InlineData("""{"model":"gpt-4o","namespace":"","messages":[{"role":"user","content":"x"}]}""", "namespace")]
    [InlineData("""{"model":"gpt-4o","namespace":"a","limit":0,"messages":[{"role":"user","content":"x"}]}""", "limit")]
    [InlineData("""{"model":"gpt-4o","namespace":"a","limit":"5","messages":[{"role":"user","content":"x"}]}""", "limit")]
    [InlineData("""{"model":"gpt-4o","namespace":"a","threshold":1.5,"messages":[{"role":"user","content":"x"}]}""", "threshold")]
    [InlineData("""{"model":"gpt-4o","namespace":"a","include_sources":"no","messages":[{"role":"user","content":"x"}]}""", "include_sources")]
    [InlineData("""{"model":"gpt-4o","namespace":"a","include_sources":true,"includeSources":true,"messages":[{"role":"user","content":"x"}]}""", "include_sources")]
    [InlineData("""{"model":"gpt-4o","namespace":"a","namespace":"b","messages":[{"role":"user","content":"x"}]}""", "namespace")]
    [InlineData("""{"model":"gpt-4o","namespace":"a","memory":{"namespace":"b"},"messages":[{"role":"user","content":"x"}]}""", "memory")]
    [InlineData("""{"model":"gpt-4o","namespace":"a","tools":[{"type":"function","function":{"name":"f"}}],"messages":[{"role":"user","content":"x"}]}""", "tools")]
    [InlineData("""{"model":"gpt-4o","namespace":"a","n":2,"messages":[{"role":"user","content":"x"}]}""", "n")]
    [InlineData("""{"model":"gpt-4o","namespace":"a","messages":[{"role":"system","content":"x"}]}""", "messages")]
    [InlineData("""{"model":"gpt-4o","namespace":"a"}""", "messages")]
    [InlineData("""{"namespace":"a","messages":[{"role":"user","content":"x"}]}""", "model")]
    public async Task Invalid_fields_are_refused_and_named(string body, string param)
    {
        var error = await at.Edge.PostAsync(at.Key, Path, body).FlatErrorAsync();

        Assert.Equal((400, "INVALID_REQUEST", param), (error.Status, error.Code, error.Param));
    }

    [Fact]
    public async Task Unknown_namespaces_and_publishable_keys_are_refused()
    {
        var publishable = await at.Edge.CreateKeyAsync(at.ProjectId, "publishable", more: new { allowed_domains = (string[])["example.com"] });

        var unknown = await at.Edge.PostAsync(at.Key, Path, Body("nobody's")).FlatErrorAsync();
        var browser = await at.Edge.PostAsync(publishable, Path, Body("a"), ("Origin", "https://example.com")).FlatErrorAsync();

        Assert.Equal((404, "NOT_FOUND", "namespace"), (unknown.Status, unknown.Code, unknown.Param));
        Assert.Equal((403, "key_type"), (browser.Status, browser.Reason));
    }

    [Fact]
    public async Task A_provider_error_is_returned_as_a_flat_error()
    {
        at.Provider.Respond((_, response) => response.JsonAsync(429, """{"error":{"message":"slow down"}}"""));

        var error = await at.Edge.PostAsync(at.Key, Path, Body(at.Memory.Add(Notes))).FlatErrorAsync();

        Assert.Equal((429, "RATE_LIMIT_EXCEEDED", "slow down"), (error.Status, error.Code, error.Message));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Output_policies_apply_to_sources(bool isStream)
    {
        var (_, key) = await at.CreateAsync("""{"name":"mail","kind":"email","stage":"output","action":"mask"}""");
        at.Provider.Respond((_, response) => isStream
            ? response.SseAsync(ScriptedProvider.ChatChunks("gpt-4o", ["Ask ali", "ce@exam", "ple.com."]))
            : response.JsonAsync(200, ScriptedProvider.ChatCompletion("gpt-4o", "Ask alice@example.com.", 7, 5)));

        using var edgeResponse = await at.Edge.PostAsync(key, Path, Body(at.Memory.Add("Of bob@example.com."), isStream ? ""","stream":true""" : ""));
        var text = await edgeResponse.Content.ReadAsStringAsync();

        Assert.Equal(HttpStatusCode.OK, edgeResponse.StatusCode);
        Assert.DoesNotContain("@example.com", text, StringComparison.Ordinal);
        var events = isStream ? PolicyEdge.Events(text).ToList() : [JsonNode.Parse(text)!];
        Assert.Equal("Of [EMAIL].", (string?)events[0]["sources"]![0]!["content"]);
        Assert.Equal("Ask [EMAIL].", isStream ? string.Concat(events.Select(reported => (string?)reported["delta"])) : (string?)events[0]["message"]!["content"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task With_a_test_key_the_sandbox_responds(bool isStream)
    {
        var key = await at.Edge.CreateKeyAsync(at.ProjectId, environment: "test");

        using var response = await at.Edge.PostAsync(key, Path, Body(at.Memory.Add(Notes), isStream ? ""","stream":true""" : "").Replace("gpt-4o", "sandbox/echo", StringComparison.Ordinal));
        var text = await response.Content.ReadAsStringAsync();

        Assert.True(response.IsSuccessStatusCode, text);
        var said = isStream ? string.Concat(PolicyEdge.Events(text).Select(reported => (string?)reported["delta"])) : (string?)JsonNode.Parse(text)!["message"]!["content"];
        Assert.Contains("Ada lives in Accra.", said, StringComparison.Ordinal);
        Assert.EndsWith("Where?", said!.TrimEnd(), StringComparison.Ordinal);
    }

    private static string Body(string name, string more = "") => $$"""{"model":"gpt-4o","namespace":"{{name}}","messages":[{"role":"user","content":"Where?"}]{{more}}}""";
}
