using Cencori.Edge.Metering;
using Cencori.Edge.Tests.Infrastructure.Providers;

namespace Cencori.Edge.Tests.Metering;

public sealed class ResponseMeterStreamTests
{
    private const string Done = "data: [DONE]\n\n";

    [Fact]
    public void The_last_chunk_reports_usage() =>
        Assert.Equal(new(new(11, 0, 3, IsEstimated: false), HasError: false), Metered.Stream(Events(ScriptedProvider.ChatChunks("m", ["a", "b", "c"], (11, 3))) + Done));

    [Fact]
    public void If_every_chunk_has_a_usage_the_last_counts() => Assert.Equal(new TokenUsage(5, 2, 2, IsEstimated: false), Metered.Stream(Events([
        """{"choices":[{"delta":{"content":"a"}}],"usage":{"prompt_tokens":5,"completion_tokens":1,"prompt_tokens_details":{"cached_tokens":2}}}""",
        """{"choices":[{"delta":{"content":"b"}}],"usage":{"prompt_tokens":5,"completion_tokens":2,"prompt_tokens_details":{"cached_tokens":2}}}""",
        """{"choices":[],"usage":null}"""]) + Done).Usage);

    [Fact]
    public void Text_after_the_last_usage_is_still_counted() => Assert.Equal(new TokenUsage(5, 0, 4, IsEstimated: true), Metered.Stream(Events([
        """{"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":1}}""",
        """{"choices":[{"delta":{"content":"one two"}}]}""",
        """{"choices":[{"delta":{"content":" three four"}}]}"""])).Usage);

    [Theory]
    [InlineData("response.completed")]
    [InlineData("response.incomplete")]
    public void The_event_that_ends_a_response_reports_usage(string type) => Assert.Equal(
        new(new(8, 3, 5, IsEstimated: false), HasError: false),
        Metered.Stream("event: response.output_text.delta\n" + Events(["""{"type":"response.output_text.delta","delta":"hi"}"""])
            + $"event: {type}\n" + Events([$$$$"""{"type":"{{{{type}}}}","response":{"error":null,"output":[{"content":[{"text":"hi"}]}],"usage":{"input_tokens":8,"input_tokens_details":{"cached_tokens":3},"output_tokens":5,"total_tokens":13}}}"""])));

    [Fact]
    public void Text_of_a_broken_response_is_counted_once_and_audio_never() => Assert.Equal(new TokenUsage(Metered.InputTokens, 0, 8, IsEstimated: true), Metered.Stream(Events([
        """{"type":"response.created","response":{"instructions":"be brief","usage":null}}""",
        """{"type":"response.reasoning_summary_text.delta","delta":"one two"}""",
        """{"type":"response.output_item.added","item":{"type":"function_call","name":"go","arguments":""}}""",
        """{"type":"response.function_call_arguments.delta","delta":"one two three"}""",
        """{"type":"response.function_call_arguments.done","arguments":"one two three"}""",
        """{"type":"response.output_item.done","item":{"type":"function_call","name":"go","arguments":"one two three"}}""",
        """{"type":"response.audio.delta","delta":"UklGRiQAAABXQVZF"}""",
        """{"delta":"one two","type":"response.output_text.delta"}""",
        """{"type":"response.output_text.done","text":"one two"}"""])).Usage);

    [Fact]
    public void Anthropics_events_report_input_first_and_output_last() => Assert.Equal(new TokenUsage(25, 0, 15, IsEstimated: false), Metered.Stream(Events([
        """{"type":"message_start","message":{"content":[],"usage":{"input_tokens":25,"output_tokens":1}}}""",
        """{"type":"content_block_delta","delta":{"type":"text_delta","text":"hello"}}""",
        """{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":15}}"""])).Usage);

    [Theory] // field traps 10 and 12
    [InlineData("""{"error":{"message":"The server had an error while it was writing a rather long sentence.","code":500}}""")]
    [InlineData("""{"error":"The server had an error while it was writing a rather long sentence."}""")]
    [InlineData("""{"choices":[{"delta":{"content":"error text"}}],"error":{"message":"no"}}""")]
    [InlineData("""{"type":"error","message":"no"}""")]
    [InlineData("""{"type":"response.failed","response":{"error":{"message":"no"},"usage":null}}""")]
    [InlineData("""{"object":"error","message":"no"}""")]
    public void An_error_within_a_stream_is_noticed_and_its_text_costs_nothing(string error)
    {
        var metered = Metered.Stream(Events(["""{"choices":[{"delta":{"content":"one two"}}],"error":null}""", error]));

        Assert.True(metered.HasError);
        Assert.Equal(new TokenUsage(Metered.InputTokens, 0, 2, IsEstimated: true), metered.Usage);
    }

    [Fact]
    public void Interleaved_choices_are_counted_separately()
    {
        var pieces = TextTokens.Split("an unbelievably supercalifragilistic sentence");

        var usage = Metered.Stream(Events(pieces.SelectMany(piece => Enumerable.Range(0, 3).Select(index =>
            $$$"""{"choices":[{"index":{{{index}}},"delta":{"content":"{{{piece}}}"}}]}"""))) + Done).Usage;

        Assert.Equal(3 * pieces.Count, usage.CompletionTokens);
    }

    [Theory]
    [InlineData("\uFEFFdata: {\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4}}\n\n")]
    [InlineData("data:{\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4}}\r\n\r\n")]
    [InlineData("data: {\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4}}\r\r")]
    [InlineData(": comment data: {}\nid: 7\nevent: x\ndata: {\"usage\":\ndata: {\"prompt_tokens\":3,\ndata\ndata: \"completion_tokens\":4}}\nretry: 5\n\n")]
    [InlineData("data: no json at all\n\ndata: {\"broken\":[\"\n\n\n\ndata: {\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4}}")]
    [InlineData("dat: {\"usage\":{\"prompt_tokens\":9}}\n data: {\"usage\":{\"prompt_tokens\":9}}\n\ndata: {\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4}}\n\n")]
    public void An_event_is_read_in_every_valid_spelling(string stream)
    {
        for (var cut = 1; cut < 12; cut++)
        {
            Assert.Equal(new TokenUsage(3, 0, 4, IsEstimated: false), Metered.Stream(stream, cut).Usage);
        }
    }

    private static string Events(IEnumerable<string> data) => string.Concat(data.Select(one => $"data: {one}\n\n"));
}
