using System.Text;
using Cencori.Edge.Metering;
using Cencori.Edge.Records.Payloads;
using Cencori.Edge.Streams;
using Cencori.Edge.Tests.Bodies;
using Cencori.Edge.Tests.Metering;
using CsCheck;

namespace Cencori.Edge.Tests.Streams;

/// <summary>The result does not depend on where a stream is cut, or on the size of the buffer that reads it.</summary>
public sealed class ResponseStreamProperties
{
    private static readonly Gen<string> Text = Gen.OneOfConst("one ", "", "née", "\\u00e9", "🙂", "\\\"q\\\"", "\n", "[DONE]");

    private static readonly Gen<string> Event = Gen.OneOf(
        Text.Select(text => $$$"""data: {"id":"x","choices":[{"index":0,"delta":{"content":"{{{text}}}"}}],"obfuscation":"{{{text}}}"}"""),
        Text.Select(text => $$$"""event: response.output_text.delta{{{"\n"}}}data: {"type":"response.output_text.delta","delta":"{{{text}}}"}"""),
        Gen.Int[1, 40_000].Select(length => $$$"""data: {"choices":[{"delta":{"content":"{{{new string('x', length)}}}"}}]}"""),
        Gen.Int[1, 20_000].Select(length => $$$"""data: {"padding":"{{{new string('x', length)}}}","usage":{"prompt_tokens":8,"completion_tokens":{{{length}}}}}"""),
        Gen.OneOfConst(
            """data: {"choices":[{"delta":{"content":"same"}}]}""",
            """data: {"id":"x","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":1}}""",
            "id: 7\ndata: {\"choices\":\ndata: [],\"usage\":{\"prompt_tokens\":5}}",
            ": a comment",
            "",
            "data",
            "\uFEFFdata: {\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":9}}"));

    private static readonly Gen<byte[]> Stream = Gen.Select(Gen.Select(Event, Gen.OneOfConst("\n", "\r\n", "\r")).Array[0, 12], Gen.Bool, Gen.Bool)
        .Select((events, isDone, isClosed) => Encoding.UTF8.GetBytes(
            string.Concat(events.Select(one => one.Item1.Replace("\n", one.Item2, StringComparison.Ordinal) + one.Item2 + one.Item2)) + (isDone ? "data: [DONE]\n\n" : isClosed ? "" : "data: {\"cho")));

    private static readonly Gen<int[]> Cuts = Gen.OneOf(Gen.Int[1, 60], Gen.Int[1, 30_000]).Array[1, 8];

    private static readonly Gen<int> Room = Gen.OneOf(Gen.Int[1, 300], Gen.Int[4_000, 70_000]);

    [Fact]
    public void A_stream_without_a_filter_passes_byte_for_byte() => Gen.Select(Stream, Cuts, Room).Sample((stream, cuts, room) =>
        Assert.Equal(stream, Pass(stream, cuts, room, []).Passed));

    [Fact]
    public void The_filter_removes_the_same_events_wherever_the_stream_is_cut() => Gen.Select(Stream, Cuts, Room).Sample((stream, cuts, room) =>
        Assert.Equal(Pass(stream, [int.MaxValue], 70_000, [new UsageFilter()]).Passed, Pass(stream, cuts, room, [new UsageFilter()]).Passed));

    [Fact]
    public void Observers_see_all_of_the_providers_bytes() => Gen.Select(Stream, Cuts, Room, Gen.Bool).Sample((stream, cuts, room, hides) =>
    {
        using var meter = new ResponseMeter(new TokenUsage(Metered.InputTokens, 0, 0, IsEstimated: true), UsageBounds.None);
        meter.Begin(200, isEventStream: true);
        var payload = new PayloadCopy();
        payload.Begin(isText: true);

        var (_, kept, _) = Pass(stream, cuts, room, hides ? [meter, payload, new UsageFilter()] : [meter, payload]);

        meter.Close();
        Assert.Equal(Metered.InPieces(stream, 1), new Metered(meter.Finish(), meter.HasError));
        Assert.Equal(stream.AsSpan(0, Math.Min(stream.Length, PayloadCopy.MaxBytes)), payload.Response);

        // Limit: the rented buffers of one event, and of the spare room for a reader with a small buffer.
        Assert.True(kept <= (32 + 32) * 1024, $"{kept} bytes are kept.");
    });

    [Fact]
    public void The_end_is_reported_once_and_before_the_last_bytes_are_handed_over() => Gen.Select(Stream, Cuts, Room).Sample((stream, cuts, room) =>
        Assert.Equal(1, Pass(stream, cuts, room, []).Ends));

    private static (byte[] Passed, int Kept, int Ends) Pass(byte[] bytes, int[] cuts, int room, IResponseObserver[] observers)
    {
        var owner = new CountingOwner();
        using var stream = new ResponseStream(new PiecewiseStream(bytes, cuts), owner, observers, isEventStream: true, length: null, idleTimeout: null);
        using var passed = new MemoryStream();
        var buffer = new byte[room];
        var kept = 0;
        int read;
        while ((read = stream.ReadAsync(buffer).AsTask().GetAwaiter().GetResult()) > 0)
        {
            passed.Write(buffer, 0, read);
            kept = Math.Max(kept, stream.KeptBytes);
        }

        Assert.Equal(0, stream.KeptBytes);
        return (passed.ToArray(), kept, owner.Ends);
    }
}
