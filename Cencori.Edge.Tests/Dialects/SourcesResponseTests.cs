using Cencori.Edge.Endpoints;
using CsCheck;

namespace Cencori.Edge.Tests.Dialects;

/// <summary>A chat response with sources, as its client reads it.</summary>
public sealed class SourcesResponseTests
{
    private const string Sources = """[{"content":"a","metadata":{},"similarity":0.5}]""";
    private const string Usage = "\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":5,\"total_tokens\":12},\"latency_ms\":12";

    [Theory]
    [InlineData("""{"id":"x","choices":[{"index":0,"message":{"role":"assistant","content":"H\u00e9 \"x\"","refusal":null},"logprobs":null}],"model":"gpt-4o-2","usage":{"prompt_tokens":1}}""", "\"H\\u00e9 \\\"x\\\"\"", "\"gpt-4o-2\"")]
    [InlineData("""{"choices":[{"message":{"content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}}]}""", "\"ab\"", "\"gpt-4o\"")]
    [InlineData("""{"choices":[{"message":{"content":null}}],"model":1}""", "\"\"", "\"gpt-4o\"")]
    [InlineData("""{"choices":[]}""", "\"\"", "\"gpt-4o\"")]
    [InlineData("\uFEFF {\"choices\":[{\"message\":{\"content\":\"x\"}}]} ", "\"x\"", "\"gpt-4o\"")]
    public void A_document_has_only_the_defined_members(string document, string content, string model)
    {
        var expected = $$"""{"message":{"role":"assistant","content":{{content}}},"model":{{model}},"provider":"openai",{{Usage}},"sources":{{Sources}}}""";

        Assert.Equal(expected, Read(document, isEventStream: false));
        Gen.Select(Gen.Int[1, 20].Array[1, 8], Gen.Int[1, 100]).Sample(
            (cuts, room) => Assert.Equal(expected, NativeReading.Of(NativeShape.Sources, document, isEventStream: false, room: room, cuts: cuts).Text), iter: 50);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("[1]")]
    [InlineData("""{"choices":[]} x""")]
    [InlineData("""{"choices":[{"message":{"content":"x"}""")]
    public void Content_that_is_not_a_document_passes_unchanged(string document) => Assert.Equal(document, Read(document, isEventStream: false));

    [Theory]
    [InlineData("""{"error":{"message":"overloaded"}}""", "\"overloaded\"")]
    [InlineData("""{"error":"overloaded"}""", "\"overloaded\"")]
    [InlineData("""{"error":{"code":5}}""", "\"The provider reported an error.\"")]
    public void An_error_with_a_success_status_is_sent_as_an_error(string document, string error) =>
        Assert.StartsWith($$"""{"error":{{error}},"model":"gpt-4o",""", Read(document, isEventStream: false), StringComparison.Ordinal);

    [Fact]
    public void A_stream_has_the_sources_first_then_the_text_and_its_end()
    {
        var stream = string.Concat(((string[])
        [
            """{"id":"x","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}""",
            """{"id":"x","choices":[{"index":0,"delta":{"content":"H\u00e9"}}]}""",
            """{"id":"x","choices":[{"index":0,"delta":{"content":"llo","reasoning":"…"}}]}""",
            """{"id":"x","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""",
            """{"id":"x","choices":[],"usage":{"prompt_tokens":1}}""",
        ]).Select(chunk => $"data: {chunk}\n\n")) + ": wait\n\ndata: [DONE]\n\n";
        var expected = $$"""
            data: {"type":"sources","sources":{{Sources}}}

            data: {"type":"content","delta":"H\u00e9"}

            data: {"type":"content","delta":"llo"}

            data: {"type":"content","delta":"","finish_reason":"stop"}

            : wait
            data: [DONE]


            """;

        Assert.Equal(expected, Read(stream, isEventStream: true));
        Gen.Int[1, 20].Array[1, 8].Sample(cuts =>
        {
            var read = NativeReading.Of(NativeShape.Sources, stream, isEventStream: true, cuts: cuts);
            Assert.Equal(["sources", "content", "content", "content"], read.Events.Select(reported => (string?)reported["type"]));
            Assert.True(read.IsDone);
        }, iter: 100);
    }

    [Theory]
    [InlineData("data: {\"error\":{\"message\":\"over\\nloaded\"}}\n\ndata: {\"choices\":[]}\n\n", """{"error":"over\nloaded"}""")]
    [InlineData("data: {\"type\":\"error\"}\n\ndata: [DONE]\n\n", """{"error":"The provider reported an error."}""")]
    public void A_stream_ends_at_an_error_event(string events, string error)
    {
        var read = NativeReading.Of(NativeShape.Sources, "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}}]}\n\n" + events, isEventStream: true);

        Assert.EndsWith($"\"delta\":\"a\"}}\n\ndata: {error}\n\n", read.Text, StringComparison.Ordinal);
        Assert.NotNull(read.GivenUp);
    }

    private static string Read(string response, bool isEventStream) => NativeReading.Of(NativeShape.Sources, response, isEventStream).Text;
}
