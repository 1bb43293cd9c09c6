using Cencori.Edge.Tests.Infrastructure;
using System.Text;
using Cencori.Edge.Tests.Bodies;
using CsCheck;

namespace Cencori.Edge.Tests.Metering;

/// <summary>The metered usage does not depend on the places at which a response is cut (field trap 14 in docs/traps.md).</summary>
public class ResponseMeterProperties
{
    private static readonly Gen<string> Text = Gen.OneOfConst("one ", "née", "漢字", "🙂", "\"q\" \\ ", "data: [DONE]\n\n", "\"usage\":{\"prompt_tokens\":7}").SelectMany(SomeJson.Spelled);

    private static readonly Gen<string> Chunk = Gen.OneOf(
        Text.Select(text => $$$"""{"choices":[{"index":0,"delta":{"content":{{{text}}},"x":[{"y":"]"}]}}],"usage":null}"""),
        Gen.Select(Gen.Int[0, 2], Text).Select((index, text) => $$"""{"choices":[{"index":{{index}},"delta":{"tool_calls":[{"function":{"name":"f","arguments":{{text}} } }] } }]}"""),
        Text.Select(text => $$"""{"type":"response.output_text.delta","delta":{{text}} }"""),
        Text.Select(text => $$"""{"error":{"message":{{text}} } }"""),
        Gen.Int[0, 999].Select(tokens => $$"""{"choices":[],"usage":{"prompt_tokens":{{tokens}},"completion_tokens":{{tokens}},"prompt_tokens_details":{"cached_tokens":{{tokens}} } } }"""),
        Gen.OneOfConst("[DONE]", "{", "{\"a\":\"", "nonsense", ""));

    // Events with one text each. Most contain something that must not be skipped when the next event has the same form.
    private static readonly Gen<string> Alike = Gen.OneOfConst(
        """{"id":"a","choices":[{"index":0,"delta":{"content":TEXT}}]}""",
        """{"id":"a","choices":[{"index":1,"delta":{"content":TEXT}}]}""",
        """{"choices":[{"index":0,"delta":{"content":TEXT},"finish_reason":null}],"usage":null,"obfuscation":"NUMBER"}""",
        """{"choices":[{"index":0,"delta":{"content":TEXT}}],"other":TEXT,"usage":{"prompt_tokens":1,"completion_tokens":NUMBER}}""",
        """{"choices":[{"index":0,"delta":{"content":TEXT}}],"usage":{"prompt_tokens":1,"completion_tokens":7}}""",
        """{"choices":[{"index":0,"delta":{"reasoning":TEXT}}]}""",
        """{"choices":[{"index":0,"delta":{"reasoning_content":TEXT,"reasoning":TEXT}}]}""",
        """{"choices":[{"index":0,"delta":{"content":TEXT,"refusal":TEXT}}]}""",
        """{"choices":[{"index":0,"delta":{"content":"same"}}],"error":TEXT}""",
        """{"choices":[{"index":0,"delta":{"content":TEXT}}],"data":[{"url":"NUMBER"}]}""",
        """{"choices":[{"index":0,"delta":{"content":TEXT}}],"duration":NUMBER}""",
        """{"type":"response.output_text.delta","delta":TEXT}""",
        """{"delta":TEXT,"type":"response.output_text.delta"}""",
        """{"delta":TEXT,"type":"response.output_text.done"}""",
        """{"delta":TEXT,"type":"error"}""",
        """{"delta":TEXT,"object":TEXT}""",
        """{"delta":TEXT""");

    private static readonly Gen<string> Stream = Gen.Select(Chunk.Array[0, 8], Gen.OneOfConst("\n", "\r", "\r\n"), Gen.OneOfConst("", ": comment", "event: x", "data"))
        .Select((chunks, end, line) => string.Concat(chunks.Select(chunk => $"{line}{end}data: {chunk}{end}{end}")));

    private static readonly Gen<int[]> Cuts = Gen.Int[1, 40].Array[1, 10];

    [Fact]
    public void A_stream_cut_anywhere_gives_the_same_usage() => Gen.Select(Stream, Cuts).Sample((stream, cuts) =>
    {
        var bytes = Encoding.UTF8.GetBytes(stream);
        Assert.Equal(Metered.Of(bytes, isEventStream: true), Metered.Of(bytes, isEventStream: true, cuts));
        Assert.Equal(Metered.Of(bytes, isEventStream: true), Metered.InPieces(bytes, cuts));
    });

    [Fact]
    [Trait(SlowestTests.Trait, "Each generated stream is read byte by byte.")]
    public void A_stream_of_similar_events_gives_the_same_usage_as_read_byte_by_byte() => Gen.Select(Alike.Array[1, 3], Text.Array[1, 12], Gen.Int[0, 99], Gen.Int[1, 500].Array[1, 10]).Sample((forms, texts, seed, cuts) =>
    {
        var random = new Random(seed);
        var bytes = Encoding.UTF8.GetBytes(string.Concat(texts.Select((text, index) =>
            $"data: {forms[random.Next(forms.Length)].Replace("TEXT", text, StringComparison.Ordinal).Replace("NUMBER", $"{index}", StringComparison.Ordinal)}\n\n")));
        var bytewise = Metered.InPieces(bytes, 1);
        Assert.Equal(bytewise, Metered.Of(bytes, isEventStream: true));
        Assert.Equal(bytewise, Metered.Of(bytes, isEventStream: true, cuts));
    }, iter: 10_000);

    [Fact]
    public void A_stream_cut_in_two_gives_the_same_usage() => Stream.Sample(stream =>
    {
        var bytes = Encoding.UTF8.GetBytes(stream);
        var whole = Metered.Of(bytes, isEventStream: true);
        for (var at = 1; at < bytes.Length; at++)
        {
            Assert.Equal(whole, Metered.Of(bytes, isEventStream: true, at, bytes.Length));
        }
    }, iter: 20);

    [Fact]
    public void A_document_cut_anywhere_gives_the_same_usage() => Gen.Select(Chunk, Cuts).Sample((document, cuts) =>
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
            byte[] response = [.. "data: {\"choices\":[{"u8, .. bytes];
            Metered.Of(isEventStream ? response : response.AsSpan(6), isEventStream, cuts);
        });
}
