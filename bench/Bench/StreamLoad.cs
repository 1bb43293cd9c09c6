using System.Buffers.Text;
using System.Diagnostics;

namespace Cencori.Edge.Bench;

/// <summary>What many streams at once were like. Times in milliseconds.</summary>
/// <param name="FirstBytes">From sending a request to the first of its response.</param>
/// <param name="Ways">Of each chunk, from the provider's writing it to its arrival.</param>
/// <param name="BytesEach">Memory that an open stream takes, in bytes, by what is resident.</param>
/// <param name="HeapEach">The same, by what is left on the heaps after a collection; null where there is no heap.</param>
internal sealed record StreamResult(double[] FirstBytes, double[] Ways, double BytesEach, double? HeapEach);

/// <summary>Opens streams one after the other, holds all of them, and reads them to their ends.</summary>
internal static class StreamLoad
{
    private const int StampLength = 16;

    // With the stamp no longer than what a connection shows twice.
    private static ReadOnlySpan<byte> BeforeStamp => "ation\":\""u8;

    /// <param name="subject">What is loaded.</param>
    /// <param name="count">How many streams.</param>
    /// <param name="opening">Within which time they are opened.</param>
    /// <param name="chunks">Of each.</param>
    /// <param name="rate">Chunks a second of each; they must take longer than the opening.</param>
    public static async Task<StreamResult> RunAsync(Subject subject, int count, TimeSpan opening, int chunks, double rate)
    {
        await subject.ReadHeapAsync(collect: true);
        var before = subject.ResidentBytes;
        var heap = (await subject.ReadHeapAsync(collect: true))?.Heap;
        var request = HttpConnection.Prepare(subject, subject.Key, new(Bodies.Stream, count, FormattableString.Invariant($"bench chunks={chunks} rate={rate}")));
        var streams = new OneStream[count];
        var readings = new Task[count];
        var began = Stopwatch.GetTimestamp();
        for (var number = 0; number < count; number++)
        {
            var due = opening * ((double)number / count) - Stopwatch.GetElapsedTime(began);
            if (due > TimeSpan.FromMilliseconds(1))
            {
                await Task.Delay(due);
            }

            streams[number] = new(chunks);
            readings[number] = streams[number].ReadAsync(subject.Ports[number % subject.Ports.Length], request);
        }

        // Until every stream has had a second of its own.
        var left = TimeSpan.FromSeconds(1) + opening - Stopwatch.GetElapsedTime(began);
        await Task.WhenAny(Task.WhenAll(readings), Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero));
        var resident = subject.ResidentBytes;
        var ways = streams.Sum(stream => stream.Count);
        double? heapEach = heap is { } held && chunks / rate > opening.TotalSeconds + 2 ? ((await subject.ReadHeapAsync(collect: true))!.Value.Heap - held) / (double)count : null;
        await Task.WhenAll(readings);
        return new([.. streams.Select(stream => stream.FirstByte)], [.. streams.SelectMany(stream => stream.Ways)], (resident - before) / (double)count, heapEach);
    }

    private sealed class OneStream(int chunks)
    {
        private readonly double[] _ways = new double[chunks];
        private long _sent;
        private long _lastStamp;

        public double FirstByte { get; private set; }

        public int Count { get; private set; }

        public IEnumerable<double> Ways => _ways.Take(Count);

        public async Task ReadAsync(int port, byte[] request)
        {
            using var connection = new HttpConnection();
            await connection.OpenAsync(port);
            _sent = Stopwatch.GetTimestamp();
            connection.Send(request);
            await connection.ReadResponseAsync(See);
            if (Count != _ways.Length)
            {
                throw new BenchException($"A stream had {Count} chunks of {_ways.Length}.");
            }
        }

        private void See(ReadOnlyMemory<byte> memory)
        {
            var now = Stopwatch.GetTimestamp();
            var left = memory.Span;
            while (left.IndexOf(BeforeStamp) is >= 0 and var at && left.Length >= at + BeforeStamp.Length + StampLength)
            {
                left = left[(at + BeforeStamp.Length)..];

                // What was seen before is seen again at the beginning.
                if (!Utf8Parser.TryParse(left[..StampLength], out long stamp, out var read, 'x') || read != StampLength || stamp <= _lastStamp)
                {
                    continue;
                }

                if (Count == 0)
                {
                    FirstByte = Stopwatch.GetElapsedTime(_sent, now).TotalMilliseconds;
                }

                _lastStamp = stamp;
                _ways[Count++] = Stopwatch.GetElapsedTime(stamp, now).TotalMilliseconds;
            }
        }
    }
}
