using System.Text;
using BenchmarkDotNet.Attributes;
using Cencori.Edge.Dialects;
using Cencori.Edge.Endpoints;
using Cencori.Edge.Metering;
using Cencori.Edge.Streams;

namespace Cencori.Edge.Bench.Micro;

/// <summary>Metering of a whole response: a stream of 200 chunks, and a JSON document.</summary>
public class ResponseBench
{
    private const int Chunks = 200;
    private const string Head = """data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"gpt-4o","choices":[""";
    private const string Usage = """{"prompt_tokens":12,"completion_tokens":200,"total_tokens":212}""";

    private readonly byte[][] _silent = Stream(tellsUsage: false);
    private readonly byte[][] _telling = Stream(tellsUsage: true);
    private readonly byte[][] _burst = [[.. Stream(tellsUsage: true).SelectMany(chunk => chunk)]];
    private readonly byte[][] _json = [Encoding.UTF8.GetBytes($$"""{"id":"chatcmpl-1","object":"chat.completion","created":1700000000,"model":"gpt-4o","choices":[{"index":0,"message":{"role":"assistant","content":"Hello! How can I help you today?"},"finish_reason":"stop"}],"usage":{{Usage}}}""")];
    private readonly byte[] _buffer = new byte[65_536];

    [Benchmark(Description = "JSON of 300 B, metered")]
    public long Json() => Meter(_json, isEventStream: false);

    [Benchmark(Description = "stream, metered")]
    public long Told() => Meter(_telling, isEventStream: true);

    [Benchmark(Description = "stream without usage, its text counted")]
    public long Counted() => Meter(_silent, isEventStream: true);

    [Benchmark(Description = "stream, passed through only")]
    public Task<int> Passed() => DrainAsync(new PiecewiseStream(_telling));

    [Benchmark(Description = "stream, usage filtered out")]
    public Task<int> Filtered() => DrainAsync(Open(_telling, new UsageFilter()));

    [Benchmark(Description = "stream, metered and filtered")]
    public Task<long> MeteredAndFiltered() => MeterAndFilterAsync(_telling);

    [Benchmark(Description = "stream in one piece, metered and filtered")]
    public Task<long> BurstMeteredAndFiltered() => MeterAndFilterAsync(_burst);

    [Benchmark(Description = "stream, metered, at the native endpoint")]
    public Task<long> Native() => MeterAndTellAsync(_telling);

    [Benchmark(Description = "stream in one piece, metered, at the native endpoint")]
    public Task<long> BurstNative() => MeterAndTellAsync(_burst);

    private async Task<long> MeterAndTellAsync(byte[][] pieces)
    {
        var meter = new ResponseMeter(new TokenUsage(12, 0, 0, IsEstimated: true), UsageBounds.None);
        meter.Begin(200, isEventStream: true);
        var native = new NativeResponse(NativeShape.Chat, "openai", "gpt-4o", 1, static () => new(default, 0.001m, IsReported: true, IsSettled: true));
        await DrainAsync(native.Open(Open(pieces, meter), isEventStream: true, static _ => { }));
        meter.Close();
        return meter.Finish().TotalTokens;
    }

    private static ResponseStream Open(byte[][] pieces, params IResponseObserver[] observers) =>
        new(new PiecewiseStream(pieces), new Nobody(), observers, isEventStream: true, length: null, idleTimeout: null);

    private async Task<long> MeterAndFilterAsync(byte[][] pieces)
    {
        var meter = new ResponseMeter(new TokenUsage(12, 0, 0, IsEstimated: true), UsageBounds.None);
        meter.Begin(200, isEventStream: true);
        await DrainAsync(Open(pieces, meter, new UsageFilter()));
        meter.Close();
        return meter.Finish().TotalTokens;
    }

    private static long Meter(byte[][] pieces, bool isEventStream)
    {
        var meter = new ResponseMeter(new TokenUsage(12, 0, 0, IsEstimated: true), UsageBounds.None);
        meter.Begin(200, isEventStream);
        foreach (var piece in pieces)
        {
            // Each chunk of a stream is one event.
            if (isEventStream)
            {
                meter.ReadEvent(piece);
            }
            else
            {
                meter.Read(piece);
            }
        }

        meter.Close();
        return meter.Finish().TotalTokens;
    }

    private async Task<int> DrainAsync(Stream stream)
    {
        await using (stream)
        {
            var total = 0;
            while (await stream.ReadAsync(_buffer) is > 0 and var read)
            {
                total += read;
            }

            return total;
        }
    }

    private static byte[][] Stream(bool tellsUsage)
    {
        var chunks = Enumerable.Range(0, Chunks).Select(_ => $$$"""{{{Head}}}{"index":0,"delta":{"content":" token"},"finish_reason":null}]}""").ToList();
        chunks.Add($$$"""{{{Head}}}{"index":0,"delta":{},"finish_reason":"stop"}]}""");
        if (tellsUsage)
        {
            chunks.Add($$"""{{Head}}],"usage":{{Usage}}}""");
        }

        chunks.Add("data: [DONE]");
        return [.. chunks.Select(chunk => Encoding.UTF8.GetBytes(chunk + "\n\n"))];
    }

    /// <summary>A response that arrives in these chunks.</summary>
    private sealed class PiecewiseStream(byte[][] pieces) : ForwardOnlyStream
    {
        private int _next;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (buffer.IsEmpty || _next == pieces.Length)
            {
                return new(0);
            }

            var piece = pieces[_next++];
            piece.CopyTo(buffer);
            return new(piece.Length);
        }
    }

    private sealed class Nobody : IResponseOwner
    {
        public void Arrived(ReadOnlySpan<byte> open)
        {
        }

        public void Ended()
        {
        }

        public bool IsComplete() => true;

        public ReadOnlyMemory<byte> OnFailure(Exception failure, bool isSilence, bool hasBegun) => throw failure;
    }
}
