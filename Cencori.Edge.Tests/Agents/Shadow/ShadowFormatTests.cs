using System.Text.Json.Nodes;
using Cencori.Edge.Agents.Shadow;
using Cencori.Edge.Errors;

namespace Cencori.Edge.Tests.Agents.Shadow;

/// <summary>Which tool calls of a response wait for approval.</summary>
public sealed class ShadowFormatTests
{
    private const string Fragment = """{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"delete","arguments":"{\"id\":"}}]}}]}""";
    private const string Block = """{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"a","name":"delete","input":{}}}""";
    private const string BlockPart = """{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\"id\":"}}""";
    private const string Item = """{"type":"function_call","call_id":"a","name":"delete","arguments":"{\"id\":"}""";
    private const string ItemDone = $$"""{"type":"response.output_item.done","output_index":0,"item":{{Item}}}""";

    [Fact]
    public void A_call_is_complete_only_at_the_end_marker()
    {
        var format = Read(EventDialect.Chunks, Fragment);
        Assert.Empty(format.Ready);
        format.Finish();
        Assert.Equal(new("a", "delete", "{\"id\":"), Assert.Single(format.Ready));
    }

    [Theory]
    [InlineData(EventDialect.Chunks, Fragment, """{"error":{"message":"overloaded"}}""")]
    [InlineData(EventDialect.Chunks, """{"error":"overloaded"}""", Fragment)]
    [InlineData(EventDialect.Chunks, Fragment, """{"choices":[{"index":0,"delta":{},"finish_reason":"length"}]}""", Fragment)]
    [InlineData(EventDialect.Chunks, Fragment, """{"choices":[{"index":0,"delta":{},"finish_reason":"content_filter"}]}""")]
    [InlineData(EventDialect.Messages, Block, BlockPart, """{"type":"message_delta","delta":{"stop_reason":"max_tokens"}}""")]
    [InlineData(EventDialect.Messages, Block, BlockPart, """{"type":"message_delta","delta":{"stop_reason":"refusal"}}""", """{"type":"message_delta","delta":{"stop_reason":"tool_use"}}""")]
    [InlineData(EventDialect.Messages, Block, """{"type":"error","error":{}}""", """{"type":"message_delta","delta":{"stop_reason":"tool_use"}}""")]
    [InlineData(EventDialect.Typed, ItemDone, $$$"""{"type":"response.incomplete","response":{"status":"incomplete","output":[{{{Item}}}]}}""")]
    [InlineData(EventDialect.Typed, ItemDone, """{"type":"response.failed","response":{"status":"failed"}}""", $$$"""{"type":"response.completed","response":{"output":[{{{Item}}}]}}""")]
    [InlineData(EventDialect.Typed, ItemDone, """{"type":"error","message":"x"}""", $$$"""{"type":"response.completed","response":{"output":[{{{Item}}}]}}""")]
    public void Calls_in_a_cut_off_stream_do_not_wait(EventDialect dialect, params string[] events)
    {
        var format = Read(dialect, events);
        format.Finish();
        Assert.Empty(format.Ready);
    }

    [Theory]
    [InlineData(EventDialect.Chunks, """{"choices":[{"message":{"tool_calls":[{"id":"a","function":{"name":"f","arguments":"{"}}]},"finish_reason":"length"}]}""")]
    [InlineData(EventDialect.Messages, """{"content":[{"type":"tool_use","id":"a","name":"f","input":{}}],"stop_reason":"max_tokens"}""")]
    [InlineData(EventDialect.Typed, $$"""{"status":"incomplete","output":[{{Item}}]}""")]
    [InlineData(EventDialect.Typed, """{"status":"completed","output":[{"type":"function_call","status":"incomplete","call_id":"a","name":"f","arguments":""}]}""")]
    public void Calls_in_a_cut_off_document_do_not_wait_and_do_not_pass(EventDialect dialect, string document)
    {
        var (format, json) = (ShadowFormat.Of(dialect, isNative: false), JsonNode.Parse(document)!.AsObject());
        Assert.True(format.ReadDocument(json));
        Assert.Empty(format.Ready);
        Assert.DoesNotContain("\"a\"", json.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Calls_are_separated_as_at_the_native_endpoint()
    {
        var format = Read(
            EventDialect.Chunks,
            """{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"read","arguments":"{}"}}]}}]}""",
            """{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"b","function":{"name":"delete_all","arguments":"{"}}]}}]}""",
            """{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"\"é🙂\":1}"}}],"function_call":{"name":"old","arguments":"1"}},"finish_reason":"stop"}]}""",
            """{"choices":[{"index":1,"delta":{"tool_calls":[{"index":3,"id":"c","type":"custom","custom":{"name":"sql","input":"select\n1"}}]},"finish_reason":"tool_calls"}]}""");

        Assert.Equal([new("a", "read", "{}"), new("b", "delete_all", "{\"é🙂\":1}"), new(null, "old", "1"), new("c", "sql", "select\n1")], format.Ready);
    }

    [Fact]
    public void An_empty_finish_reason_ends_no_call()
    {
        var format = Read(
            EventDialect.Chunks,
            """{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"delete","arguments":""}}]},"finish_reason":""}]}""",
            """{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"id\":"}}]},"finish_reason":""}]}""",
            """{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"7}"}}]},"finish_reason":""}]}""",
            """{"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}""");

        Assert.Equal([new("a", "delete", "{\"id\":7}")], format.Ready);
    }

    [Fact]
    public void Calls_that_the_native_endpoint_repeats_wait_once()
    {
        const string Call = """[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]""";
        var format = ShadowFormat.Of(EventDialect.Chunks, isNative: true);
        format.Read(Json($$$"""{"delta":"","choices":[{"index":0,"delta":{"tool_calls":{{{Call}}}},"finish_reason":"tool_calls"}]}"""));
        Assert.Single(format.Ready);
        format.Ready.Clear();
        var end = Json($$$"""{"delta":"","finish_reason":"tool_calls","tool_calls":{{{Call}}},"toolCalls":{{{Call}}},"choices":[{"index":1,"delta":{},"finish_reason":"stop"}]}""");
        format.Read(end);
        Assert.Empty(format.Ready);
        Assert.Equal("""{"delta":"","finish_reason":"stop","toolCalls":null,"choices":[{"index":1,"delta":{},"finish_reason":"stop"}]}""", end.ToJsonString());
    }

    [Theory]
    [InlineData(EventDialect.Messages, """{"type":"content_block_start","index":0.0,"content_block":{"type":"tool_use","id":"a","name":"f","input":{}}}""")]
    [InlineData(EventDialect.Messages, """{"type":"content_block_start","content_block":{"type":"tool_use","id":"a","name":"f","input":{}}}""")]
    [InlineData(EventDialect.Messages, """{"type":"content_block_delta","index":"0","delta":{"type":"input_json_delta","partial_json":"{"}}""")]
    [InlineData(EventDialect.Messages, """{"type":"message_start","message":{"content":[{"type":"tool_use","id":"a","name":"f","input":{}}]}}""")]
    [InlineData(EventDialect.Typed, $$"""{"type":"response.output_item.added","output_index":1e0,"item":{{Item}}}""")]
    [InlineData(EventDialect.Typed, $$"""{"type":"response.output_item.done","item":{{Item}}}""")]
    [InlineData(EventDialect.Typed, """{"type":"response.function_call_arguments.done","name":"f","arguments":"{}"}""")]
    [InlineData(EventDialect.Typed, """{"type":"response.output_text.delta","output_index":0.5,"delta":"a"}""")]
    public void An_event_without_a_valid_index_does_not_pass(EventDialect dialect, string data) => Assert.Throws<ShadowException>(() => Read(dialect, data));

    [Fact]
    public void A_part_of_a_call_does_not_pass_without_its_item() =>
        Assert.Equal(Verdict.Dropped, ShadowFormat.Of(EventDialect.Typed, isNative: false).Read(Json("""{"type":"response.function_call_arguments.done","output_index":0,"name":"f","arguments":"{}"}""")));

    [Fact]
    public void A_second_end_event_adds_no_calls()
    {
        const string End = """{"type":"message_delta","delta":{"stop_reason":"tool_use"}}""";
        Assert.Single(Read(EventDialect.Messages, Block, BlockPart, End, End).Ready);
        const string Completed = $$$"""{"type":"response.completed","response":{"status":"completed","output":[{{{Item}}}]}}""";
        Assert.Single(Read(EventDialect.Typed, ItemDone, Completed, Completed).Ready);
    }

    [Theory]
    [InlineData(257, 1, 1)]
    [InlineData(1, 256 * 1024 + 1, 1)]
    [InlineData(1, 256 * 1024, 5)]
    [InlineData(1, 1, 129)]
    public void Calls_beyond_the_limits_do_not_pass_in_any_format(int name, int arguments, int calls)
    {
        var (tool, text) = (new string('n', name), new string('x', arguments));
        foreach (var (dialect, document) in (IEnumerable<(EventDialect, string)>)[
            (EventDialect.Chunks, $$$"""{"choices":[{"message":{"tool_calls":[{{{Many(i => $$$"""{"id":"{{{i}}}","function":{"name":"{{{tool}}}","arguments":"{{{text}}}"}}""")}}}]},"finish_reason":"stop"}]}"""),
            (EventDialect.Messages, $$$"""{"content":[{{{Many(i => $$$"""{"type":"tool_use","id":"{{{i}}}","name":"{{{tool}}}","input":{"x":"{{{text}}}"}}""")}}}]}"""),
            (EventDialect.Typed, $$$"""{"output":[{{{Many(i => $$$"""{"type":"function_call","call_id":"{{{i}}}","name":"{{{tool}}}","arguments":"{{{text}}}"}""")}}}]}"""),
        ])
        {
            Assert.Throws<ShadowException>(() => ShadowFormat.Of(dialect, isNative: false).ReadDocument(Json(document)));
        }

        var ids = Enumerable.Range(0, calls).ToList();
        Assert.Throws<ShadowException>(() => Read(
            EventDialect.Chunks,
            [.. ids.Select(i => $$$"""{"choices":[{"index":0,"delta":{"tool_calls":[{"index":{{{i}}},"id":"{{{i}}}","function":{"name":"{{{tool}}}","arguments":"{{{text}}}"}}]}}]}"""), """{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"""]));
        Assert.Throws<ShadowException>(() => Read(
            EventDialect.Messages,
            [.. ids.Select(i => $$$"""{"type":"content_block_start","index":{{{i}}},"content_block":{"type":"tool_use","id":"{{{i}}}","name":"{{{tool}}}","input":{"x":"{{{text}}}"} } }"""), """{"type":"message_delta","delta":{"stop_reason":"tool_use"}}"""]));

        string Many(Func<int, string> one) => string.Join(',', Enumerable.Range(0, calls).Select(one));
    }

    private static JsonObject Json(string text) => JsonNode.Parse(text)!.AsObject();

    private static ShadowFormat Read(EventDialect dialect, params string[] events)
    {
        var format = ShadowFormat.Of(dialect, isNative: false);
        foreach (var one in events)
        {
            format.Read(Json(one));
        }

        return format;
    }
}
