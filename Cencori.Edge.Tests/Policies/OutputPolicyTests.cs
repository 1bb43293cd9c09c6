using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;
using Cencori.Edge.Tests.Records;
using static Cencori.Edge.Tests.Policies.PolicyEdge;

namespace Cencori.Edge.Tests.Policies;

/// <summary>How policies treat responses before the caller receives them.</summary>
public sealed class OutputPolicyTests(PolicyEdge at) : IClassFixture<PolicyEdge>
{
    private const string MaskFalcon = """{"name":"w","kind":"words","words":["falcon"],"action":"mask"}""";

    [Theory]
    [InlineData("The falcon flies.", "The [REDACTED] flies.")]
    [InlineData("falcon", "[REDACTED]")]
    [InlineData("A falco and a falcon", "A falco and a [REDACTED]")]
    [InlineData("no bird at all \"quoted\" \n été 🦅", "no bird at all \"quoted\" \n été 🦅")]
    public async Task A_stream_cut_anywhere_has_the_same_text(string text, string expected)
    {
        var (_, key) = await at.CreateAsync(MaskFalcon);
        for (var cut = 0; cut <= text.Length; cut++)
        {
            if (cut > 0 && cut < text.Length && char.IsLowSurrogate(text[cut]))
            {
                continue;
            }

            var stream = await at.StreamedAsync(key, [text[..cut], text[cut..]]);
            Assert.Equal((cut, expected), (cut, TextOf(stream)));
            Assert.EndsWith("data: [DONE]\n\n", stream, StringComparison.Ordinal);
        }

        Assert.Equal(expected, TextOf(await at.StreamedAsync(key, text.EnumerateRunes().Select(rune => rune.ToString()))));
    }

    [Fact]
    public async Task Interleaved_choices_are_separate_texts()
    {
        var (_, key) = await at.CreateAsync(MaskFalcon);
        var stream = await at.StreamedAsync(key, [ChunkOf("a fal"), ChunkOf("b fal", 1), ChunkOf("con", 0), ChunkOf("se", 1), EndOf("stop").Split("data: [DONE]")[0], EndOf("stop").Replace("\"index\":0", "\"index\":1", StringComparison.Ordinal)], "");
        Assert.Equal(("a [REDACTED]", "b false"), (TextOf(stream), TextOf(stream, 1)));
    }

    [Fact]
    public async Task Events_without_findings_or_held_text_pass_byte_for_byte()
    {
        var (_, key) = await at.CreateAsync("""{"name":"w","kind":"words","words":["falcon"]}""");
        var events = new[] { ": hello\n\n", ChunkOf("one falcon "), "data: {\"odd\":  1,\"choices\":[]}\n\n", ChunkOf("two") };
        Assert.Equal(string.Concat(events) + EndOf(), await at.StreamedAsync(key, events, EndOf()));
    }

    [Fact]
    public async Task A_block_in_the_middle_ends_the_stream_with_an_error_before_the_finding()
    {
        var (project, key) = await at.CreateAsync(MaskFalcon.Replace("mask", "block", StringComparison.Ordinal));
        var stream = await at.StreamedAsync(key, ["All is well so far. ", "The fal", "con ", "is here"]);

        Assert.DoesNotContain("fal", stream, StringComparison.Ordinal);
        Assert.DoesNotContain("[DONE]", stream, StringComparison.Ordinal);
        var error = Events(stream).Last()["error"]!;
        Assert.Equal(("POLICY_VIOLATION", """["rule.w"]"""), ((string?)error["code"], error["reasons"]!.ToJsonString()));
        Assert.Equal("All is well so far. The ", TextOf(stream.Replace("\"choices\":null", "\"choices\":[]", StringComparison.Ordinal)));
        var record = Assert.Single(await at.Edge.RowsOfAsync(project, 1));
        Assert.Equal((RequestOutcome.Filtered, 200), (record.Outcome, record.Status));
    }

    [Fact]
    public async Task A_block_before_any_text_is_an_error_response()
    {
        var (project, key) = await at.CreateAsync(MaskFalcon.Replace("mask", "block", StringComparison.Ordinal));
        at.Provider.Respond(async (_, response) =>
        {
            await response.SendHeadAsync(200, ("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"));
            await response.SendChunkAsync(ChunkOf("falcon "));
            await response.WaitForAbortAsync();
        });
        var error = await at.ChatAsync(key, ScriptedEdge.StreamedChat).ErrorAsync();
        Assert.Equal((403, "POLICY_VIOLATION"), (error.Status, error.Code));
        Assert.Equal(RequestOutcome.Filtered, Assert.Single(await at.Edge.RowsOfAsync(project, 1)).Outcome);
    }

    [Fact]
    public async Task A_block_can_end_the_stream_with_a_finish_reason()
    {
        var (_, key) = await at.CreateAsync(MaskFalcon.Replace("mask", "block", StringComparison.Ordinal), ""","on_output_block":"finish" """);
        var stream = await at.StreamedAsync(key, ["Well. ", "falcon "]);
        Assert.Equal("content_filter", (string?)Events(stream).Last()["choices"]![0]!["finish_reason"]);
        Assert.EndsWith("data: [DONE]\n\n", stream, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mask", 200)]
    [InlineData("block", 403)]
    public async Task A_document_is_scanned_as_a_whole(string action, int status)
    {
        var (project, key) = await at.CreateAsync(MaskFalcon.Replace("mask", action, StringComparison.Ordinal));
        at.Provider.Respond((_, response) => response.JsonAsync(200, ScriptedProvider.ChatCompletion("gpt-4o", "A falcon.", 3, 1)));
        using var edgeResponse = await at.ChatAsync(key);
        var text = await edgeResponse.Content.ReadAsStringAsync();
        Assert.Equal(status, (int)edgeResponse.StatusCode);
        Assert.DoesNotContain("falcon", text, StringComparison.Ordinal);
        var record = Assert.Single(await at.Edge.RowsOfAsync(project, 1));
        Assert.Equal((3, 1, status == 200 ? RequestOutcome.Success : RequestOutcome.Filtered), (record.PromptTokens, record.CompletionTokens, record.Outcome));
        Assert.Equal("output", Assert.Single(record.Policy!.Hits).Stage);
    }

    [Fact]
    public async Task With_a_blocking_rule_the_arguments_of_a_call_pass_only_when_complete()
    {
        var (_, key) = await at.CreateAsync(MaskFalcon.Replace("mask", "block", StringComparison.Ordinal));
        var stream = await at.StreamedAsync(key, [ChunkOf("Calling. "), CallChunkOf("{\"to\":"), CallChunkOf("\"fal"), CallChunkOf("con\"}")], EndOf("tool_calls"));
        Assert.DoesNotContain("to", ArgumentsOf(stream), StringComparison.Ordinal);

        var good = await at.StreamedAsync(key, [CallChunkOf("{\"to\":"), CallChunkOf("\"eagle\"}")], EndOf("tool_calls"));
        Assert.Equal("{\"to\":\"eagle\"}", ArgumentsOf(good));
        Assert.True(good.IndexOf("eagle", StringComparison.Ordinal) < good.IndexOf("\"tool_calls\"}]", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_fragment_that_happens_to_be_an_API_word_is_scanned_as_text()
    {
        var (_, key) = await at.CreateAsync(MaskFalcon.Replace("falcon", "falcon list", StringComparison.Ordinal));
        static string Piece(string text) => ChunkOf(text).Replace("\"content\":", "\"summary\":", StringComparison.Ordinal);
        var stream = await at.StreamedAsync(key, [Piece("A falcon "), Piece("list"), Piece(" is")], EndOf());
        Assert.Equal("A [REDACTED] is", string.Concat(Events(stream).Select(data => (string?)data["choices"]?[0]?["delta"]?["summary"])));
    }

    [Fact]
    public async Task At_the_native_endpoint_held_text_comes_before_the_finish_reason()
    {
        var (_, key) = await at.CreateAsync(MaskFalcon);
        at.Provider.Respond(async (_, response) =>
        {
            await response.SendHeadAsync(200, ("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"));
            await response.SendChunkAsync(ChunkOf("A ") + ChunkOf("falco") + EndOf());
            await response.EndChunksAsync();
        });
        using var edgeResponse = await at.Edge.PostAsync(key, "/api/ai/chat", ScriptedEdge.StreamedChat);
        var events = Events(await edgeResponse.Content.ReadAsStringAsync()).ToList();
        var end = events.FindIndex(data => data["finish_reason"] is not null);
        Assert.Equal("A falco", string.Concat(events.Take(end + 1).Select(data => (string?)data["delta"])));
    }

    [Fact]
    public async Task Replaced_values_are_restored_in_a_stream_cut_anywhere()
    {
        var (_, key) = await at.CreateAsync("""{"name":"mail","kind":"email","action":"tokenize"}""");
        var body = """{"model":"gpt-4o","stream":true,"messages":[{"role":"user","content":"To alice@example.com"}]}""";
        var sent = await at.SentAsync(key, body.Replace("\"stream\":true,", "", StringComparison.Ordinal));
        var placeholder = sent[sent.IndexOf("[EMAIL_", StringComparison.Ordinal)..(sent.IndexOf(']', sent.IndexOf("[EMAIL_", StringComparison.Ordinal)) + 1)];
        var text = $"Mail {placeholder}, [not] it";
        for (var cut = 0; cut <= text.Length; cut++)
        {
            var events = ChunkOf(text[..cut]) + ChunkOf(text[cut..]) + EndOf();
            at.Provider.Respond(async (_, response) =>
            {
                await response.SendHeadAsync(200, ("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"));
                await response.SendChunkAsync(events);
                await response.EndChunksAsync();
            });
            using var edgeResponse = await at.Edge.PostAsync(key, "/v1/chat/completions", body);
            Assert.Equal("Mail alice@example.com, [not] it", TextOf(await edgeResponse.Content.ReadAsStringAsync()));
        }
    }
}
