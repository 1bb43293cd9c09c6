using System.Text.Json;
using System.Text.Json.Nodes;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Edges;
using static Cencori.Edge.Tests.Policies.PolicyEdge;

namespace Cencori.Edge.Tests.Policies.Guardrails;

/// <summary>Guardrails check streams part by part, before callers receive them.</summary>
public sealed class GuardedStreamTests(PolicyEdge at) : IClassFixture<PolicyEdge>
{
    private static readonly string Start = string.Concat(Enumerable.Range(0, 20).Select(number => $"Sentence number {number} is harmless. "));

    [Theory]
    [InlineData("I am Ann.", "I am X.")]
    [InlineData("Ann", "X")]
    [InlineData("no one \"quoted\" \n été 🦅", "no one \"quoted\" \n été 🦅")]
    public async Task A_stream_cut_anywhere_has_the_same_text(string text, string expected)
    {
        await using var scene = new ResponseScene(at);
        await scene.SetAsync("mask");
        scene.Rewrites("Ann", "X");
        for (var cut = 0; cut <= text.Length; cut++)
        {
            if (cut > 0 && cut < text.Length && char.IsLowSurrogate(text[cut]))
            {
                continue;
            }

            var (_, stream) = await scene.StreamAsync(ChunkOf(text[..cut]) + ChunkOf(text[cut..]) + EndOf());
            Assert.Equal((cut, expected), (cut, TextOf(stream)));
            Assert.EndsWith("data: [DONE]\n\n", stream, StringComparison.Ordinal);
            Assert.True(stream.LastIndexOf(expected[^1], stream.IndexOf("\"stop\"", StringComparison.Ordinal)) > 0);
        }
    }

    [Theory]
    [InlineData("chat")]
    [InlineData("choices")]
    [InlineData("responses")]
    [InlineData("messages")]
    [InlineData("native")]
    public async Task Long_texts_are_checked_in_overlapping_parts_and_no_finding_passes(string form)
    {
        await using var scene = new ResponseScene(at);
        await scene.SetAsync("mask");
        scene.Rewrites("Ann", "somebody");
        for (var seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            var text = string.Concat(Enumerable.Range(0, random.Next(20, 200)).Select(_ => random.Next(6) switch { 0 => "Ann ", 1 => "Ann. ", 2 => "été\n", 3 => "🦅 ", _ => "and so on " }));
            var (path, stream, read) = GuardedForms.Of(form, GuardedForms.Cut(random, text), text);
            var requested = scene.Guardrail.Requests.Count;
            var (status, got) = await scene.StreamAsync(stream, path);

            Assert.Equal(200, status);
            Assert.False(got.Contains("Ann", StringComparison.Ordinal), $"{seed}: {got}");
            Assert.All(read(got), one => Assert.Equal((seed, text.Replace("Ann", "somebody", StringComparison.Ordinal)), (seed, one)));
            var texts = scene.Guardrail.Requests.Skip(requested).SelectMany(request => JsonNode.Parse(request.BodyText)!["texts"]!.AsArray()).Select(one => (string)one!).ToList();
            Assert.All(texts, one => Assert.Contains(one, text, StringComparison.Ordinal));
            Assert.True(texts.Count <= ((text.Length / 200) + 2) * (form == "choices" ? 2 : 1), $"{seed}: {texts.Count} for {text.Length} characters.");
        }
    }

    [Fact]
    public async Task Checked_text_reaches_the_caller_before_the_rest_arrives_and_a_block_ends_the_stream()
    {
        await using var scene = new ResponseScene(at);
        await scene.SetAsync("block");
        scene.BlocksAt("Ann");
        var (stream, aborted) = await ReadInTwoAsync(scene, ChunkOf(Start), ChunkOf("Now Ann comes. " + Start));

        Assert.StartsWith("Sentence number 0", TextOf(Chunks(stream)), StringComparison.Ordinal);
        Assert.DoesNotContain("Ann", stream, StringComparison.Ordinal);
        Assert.DoesNotContain("[DONE]", stream, StringComparison.Ordinal);
        var error = Events(stream).Last()["error"]!;
        Assert.Equal(("POLICY_VIOLATION", """["guardrail.judge"]"""), ((string?)error["code"], error["reasons"]!.ToJsonString()));
        await aborted.WaitAsync(Eventually.Timeout, TimeProvider.System);
        var record = await scene.RowAsync();
        Assert.Equal((RequestOutcome.Filtered, 200, "block", "output"), (record.Outcome, record.Status, record.Policy!.Hits.Single().Action, record.Policy.Hits.Single().Stage));

        Assert.Equal(2, scene.Guardrail.Requests.Count);
        var (first, second) = (scene.Asked.First(), scene.Asked.Last());
        Assert.StartsWith(first[^100..], second, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_response_that_pauses_after_its_first_event_is_sent_on()
    {
        await using var scene = new ResponseScene(at);
        await scene.SetAsync("block");
        scene.BlocksAt("Ann");
        var (stream, _) = await ReadInTwoAsync(scene, "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}]}\n\n", ChunkOf("hi") + EndOf())
            .WaitAsync(Eventually.Timeout, TimeProvider.System);
        Assert.Equal("hi", TextOf(stream));
    }

    [Fact]
    public async Task A_block_can_end_the_stream_with_a_finish_reason()
    {
        await using var scene = new ResponseScene(at);
        await scene.SetAsync("block", settings: ""","on_output_block":"finish" """);
        scene.BlocksAt("Ann");
        var (stream, _) = await ReadInTwoAsync(scene, ChunkOf(Start), ChunkOf("Now Ann comes. " + Start));
        Assert.Equal("content_filter", (string?)Events(stream).Last()["choices"]![0]!["finish_reason"]);
        Assert.EndsWith("data: [DONE]\n\n", stream, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/v1/chat/completions", 403)]
    [InlineData("/api/ai/chat", 400)]
    public async Task A_block_before_the_first_text_is_an_error_response(string path, int expected)
    {
        await using var scene = new ResponseScene(at);
        await scene.SetAsync("block");
        scene.Says(GuardrailScene.Blocks);
        var (status, text) = await scene.StreamAsync("data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}]}\n\n" + ChunkOf("I am Ann.") + EndOf(), path);
        Assert.Equal(expected, status);
        Assert.Contains("POLICY_VIOLATION", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Ann", text, StringComparison.Ordinal);
        Assert.Equal(RequestOutcome.Filtered, (await scene.RowAsync()).Outcome);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_guardrail_failure_in_the_middle_of_a_stream_follows_the_rule(bool blocks)
    {
        await using var scene = new ResponseScene(at);
        await scene.SetAsync("mask", $$""","timeout_ms":1500,"on_failure":"{{(blocks ? "block" : "allow")}}" """);
        scene.Guardrail.Enqueue((_, response) => response.JsonAsync(200, GuardrailScene.Passes));
        scene.Guardrail.Respond((_, response) => response.WaitForAbortAsync());
        var (stream, _) = await ReadInTwoAsync(scene, ChunkOf(Start), ChunkOf("And Ann.") + EndOf());

        var record = await scene.RowAsync();
        Assert.Equal((blocks ? RequestOutcome.Error : RequestOutcome.Success, blocks ? "failed" : "skipped", "output"), (record.Outcome, record.Policy!.Hits.Single().Action, record.Policy.Hits.Single().Stage));
        Assert.Equal(blocks, !stream.Contains("Ann", StringComparison.Ordinal));
        Assert.Equal(blocks, !stream.Contains("[DONE]", StringComparison.Ordinal));
        if (blocks)
        {
            Assert.Equal("POLICY_UNAVAILABLE", (string?)Events(stream).Last()["error"]!["code"]);
        }

        scene.Says("?");
        Assert.Equal(blocks ? 503 : 200, (await scene.StreamAsync(ChunkOf("Ann") + EndOf())).Status);
    }

    [Fact]
    public async Task The_arguments_of_a_call_are_checked_as_a_whole()
    {
        await using var scene = new ResponseScene(at);
        await scene.SetAsync("mask");
        scene.Rewrites("Ann", "X");
        static string Call(string arguments) => $"data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"tool_calls\":[{{\"index\":0,\"id\":\"c\",\"function\":{{\"name\":\"f\",\"arguments\":{JsonSerializer.Serialize(arguments)}}}}}]}},\"finish_reason\":null}}]}}\n\n";
        var filler = new string('y', 300);
        var (_, stream) = await scene.StreamAsync(ChunkOf("Calling. ") + Call("{\"to\":\"An") + Call($"n {filler} ") + Call($"{filler} Ann\"}}") + EndOf("tool_calls"));
        Assert.Equal(["Calling. ", $$"""{"to":"Ann {{filler}} {{filler}} Ann"}"""], scene.Asked);
        Assert.Equal($$"""{"to":"X {{filler}} {{filler}} X"}""", string.Concat(Events(stream).Select(data => (string?)data["choices"]?[0]?["delta"]?["tool_calls"]?[0]?["function"]?["arguments"])));
        Assert.True(stream.IndexOf("Calling", StringComparison.Ordinal) < stream.IndexOf("tool_calls", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Interleaved_calls_are_also_checked_as_a_whole()
    {
        await using var scene = new ResponseScene(at);
        await scene.SetAsync("mask");
        scene.Rewrites("Ann", "X");
        static string Call(int index, string arguments) => $"data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"tool_calls\":[{{\"index\":{index},\"function\":{{\"arguments\":{JsonSerializer.Serialize(arguments)}}}}}]}},\"finish_reason\":null}}]}}\n\n";
        var (_, stream) = await scene.StreamAsync(Call(0, "{\"a\":\"An") + Call(1, "{\"b\":\"An") + Call(0, "n\"}") + Call(1, "n\"}") + EndOf("tool_calls"));
        Assert.Equal(["""{"a":"Ann"}""", """{"b":"Ann"}"""], scene.Asked);
        var calls = Events(stream).Select(data => data["choices"]?[0]?["delta"]?["tool_calls"]?[0]).Where(call => call is not null).GroupBy(call => (int)call!["index"]!);
        Assert.Equal(["""{"a":"X"}""", """{"b":"X"}"""], calls.Select(call => string.Concat(call.Select(part => (string?)part!["function"]!["arguments"]))));
    }

    [Fact]
    public async Task A_guardrail_receives_placeholders_and_the_caller_the_restored_values()
    {
        await using var scene = new ResponseScene(at);
        await scene.SetAsync("mask", others: """,{"name":"mail","kind":"email","action":"tokenize"},{"name":"w","kind":"words","words":["falcon"],"action":"mask","stage":"output"}""");
        scene.Rewrites("Ann", "X");
        const string Body = """{"model":"gpt-4o","stream":true,"messages":[{"role":"user","content":"alice@example.com"}]}""";
        var placeholder = "";
        at.Provider.Respond(async (request, response) =>
        {
            placeholder = (string)JsonNode.Parse(request.BodyText)!["messages"]![0]!["content"]!;
            await response.SendHeadAsync(200, ("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"));
            await response.SendChunkAsync(ChunkOf("A fal") + ChunkOf("con of Ann, " + placeholder[..5]) + ChunkOf(placeholder[5..]) + EndOf());
            await response.EndChunksAsync();
        });
        using var got = await at.Edge.PostAsync(scene.Key, "/v1/chat/completions", Body);
        Assert.Equal("A [REDACTED] of X, alice@example.com", TextOf(await got.Content.ReadAsStringAsync()));
        Assert.Equal([$"A [REDACTED] of Ann, {placeholder}"], scene.Asked);
    }

    [Fact]
    public async Task The_first_event_of_a_response_is_not_checked()
    {
        await using var scene = new ResponseScene(at);
        await scene.SetAsync("block");
        scene.Says(GuardrailScene.Passes);
        var first = """{"id":"resp_1","object":"response","status":"in_progress","model":"gpt-4o","instructions":"Be kind to Bob.","tools":[{"type":"function","name":"f","description":"Finds Bob."}],"reasoning":{"effort":"low","summary":"auto"},"service_tier":"auto","text":{"format":{"type":"text"}},"truncation":"disabled","user":"bob","metadata":{"who":"Bob B."},"output":[]}""";
        var stream = $"event: response.created\ndata: {{\"type\":\"response.created\",\"sequence_number\":0,\"response\":{first}}}\n\n" + GuardedForms.Of("responses", ["I am Ann."], "I am Ann.").Stream;
        var (status, text) = await scene.StreamAsync(stream, "/v1/responses");
        Assert.Equal((200, 3), (status, text.Split("I am Ann.").Length - 1));
        Assert.Equal(["I am Ann."], scene.Asked);
    }

    // Sends the second part after the caller has read something of the first.
    private async Task<(string Stream, Task Aborted)> ReadInTwoAsync(ResponseScene scene, string first, string second)
    {
        var (read, received) = (new TaskCompletionSource(), new TaskCompletionSource<Task>());
        at.Provider.Respond(async (request, response) =>
        {
            received.SetResult(request.Aborted);
            await response.SendHeadAsync(200, ("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"));
            await response.SendChunkAsync(first);
            await response.HoldAsync(read.Task);
            await response.SendChunkAsync(second);
            if (second.Contains("[DONE]", StringComparison.Ordinal))
            {
                await response.EndChunksAsync();
            }
            else
            {
                await response.WaitForAbortAsync();
            }
        });
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = RunningEdge.Json(ResponseScene.Streamed), Headers = { Authorization = new("Bearer", scene.Key) } };
        using var edgeResponse = await at.Edge.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await edgeResponse.Content.ReadAsStreamAsync());
        var stream = (await reader.ReadLineAsync())!;
        read.SetResult();
        return (stream + "\n" + await reader.ReadToEndAsync(), await received.Task);
    }

    private static string Chunks(string stream) => stream.Replace("\"choices\":null", "\"choices\":[]", StringComparison.Ordinal);
}
