using System.Text;
using CsCheck;

namespace Cencori.Edge.Tests.Usage;

/// <summary>Where an answer is cut makes no difference (field trap 14).</summary>
public class AnswerMeterProperties
{
    private static readonly Gen<string> Text = Gen.OneOfConst("one ", "née", "漢字", "🙂", "\"q\" \\ ", "data: [DONE]\n\n", "\"usage\":{\"prompt_tokens\":7}").SelectMany(Tests.Routing.Some.Spelled);

    private static readonly Gen<string> Chunk = Gen.OneOf(
        Text.Select(text => $$$"""{"choices":[{"index":0,"delta":{"content":{{{text}}},"x":[{"y":"]"}]}}],"usage":null}"""),
        Gen.Select(Gen.Int[0, 2], Text).Select((index, text) => $$"""{"choices":[{"index":{{index}},"delta":{"tool_calls":[{"function":{"name":"f","arguments":{{text}} } }] } }]}"""),
        Text.Select(text => $$"""{"type":"response.output_text.delta","delta":{{text}} }"""),
        Text.Select(text => $$"""{"error":{"message":{{text}} } }"""),
        Gen.Int[0, 999].Select(tokens => $$"""{"choices":[],"usage":{"prompt_tokens":{{tokens}},"completion_tokens":{{tokens}},"prompt_tokens_details":{"cached_tokens":{{tokens}} } } }"""),
        Gen.OneOfConst("[DONE]", "{", "{\"a\":\"", "nonsense", ""));

    private static readonly Gen<string> Stream = Gen.Select(Chunk.Array[0, 8], Gen.OneOfConst("\n", "\r", "\r\n"), Gen.OneOfConst("", ": comment", "event: x", "data"))
        .Select((chunks, end, line) => string.Concat(chunks.Select(chunk => $"{line}{end}data: {chunk}{end}{end}")));

    private static readonly Gen<int[]> Cuts = Gen.Int[1, 40].Array[1, 10];

    [Fact]
    public void A_stream_cut_anywhere_says_the_same() => Gen.Select(Stream, Cuts).Sample((stream, cuts) =>
    {
        var bytes = Encoding.UTF8.GetBytes(stream);
        Assert.Equal(Metered.Of(bytes, isEventStream: true), Metered.Of(bytes, isEventStream: true, cuts));
    });

    [Fact]
    public void A_stream_cut_in_two_says_the_same() => Stream.Sample(stream =>
    {
        var bytes = Encoding.UTF8.GetBytes(stream);
        var whole = Metered.Of(bytes, isEventStream: true);
        for (var at = 1; at < bytes.Length; at++)
        {
            Assert.Equal(whole, Metered.Of(bytes, isEventStream: true, at, bytes.Length));
        }
    }, iter: 20);

    [Fact]
    public void A_document_cut_anywhere_says_the_same() => Gen.Select(Chunk, Cuts).Sample((document, cuts) =>
    {
        var bytes = Encoding.UTF8.GetBytes(document);
        Assert.Equal(Metered.Of(bytes, isEventStream: false), Metered.Of(bytes, isEventStream: false, cuts));
    });

    [Fact]
    public void No_bytes_throw() => Gen.Select(
        Gen.OneOf(Gen.Byte.Array[0, 300], Gen.OneOfConst<byte>([.. "data: {}[]\":,\\u0dD8\r\n1e- choices delta content usage"u8]).Array[0, 300]),
        Gen.Bool,
        Cuts).Sample((bytes, isEventStream, cuts) =>
        {
            byte[] answer = [.. "data: {\"choices\":[{"u8, .. bytes];
            Metered.Of(isEventStream ? answer : answer.AsSpan(6), isEventStream, cuts);
        });
}
