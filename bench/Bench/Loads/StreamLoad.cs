using System.Buffers.Text;
using System.Diagnostics;
using Cencori.Edge.Bench.Subjects;

namespace Cencori.Edge.Bench.Loads;

/// <summary>Results of many concurrent streams. Times in milliseconds.</summary>
/// <param name="FirstBytes">For each stream, the time to the first byte of its response.</param>
/// <param name="Ways">For each chunk, the time from the provider's write to its arrival.</param>
/// <param name="BytesEach">Resident memory per open stream, in bytes.</param>
/// <param name="HeapEach">Heap memory per open stream after a garbage collection, in bytes; null: no managed heap.</param>
internal sealed record StreamResult(double[] FirstBytes, double[] Ways, double BytesEach, double? HeapEach);

/// <summary>Opens streams one after another, keeps all of them open, and reads them to the end.</summary>
internal static class StreamLoad
{
    private const int StampLength = 16;

    // A connection repeats the last 24 bytes at the start of the next read. This text and a stamp have at most that length, so a split stamp is found.
    private static ReadOnlySpan<byte> BeforeStamp => "ation\":\""u8;

    /// <param name="subject">The subject under load.</param>
    /// <param name="count">Number of streams.</param>
    /// <param name="opening">The time over which they are opened.</param>
    /// <param name="chunks">Chunks per stream.</param>
    /// <param name="rate">Chunks per second of each stream. A stream must last longer than the opening.</param>
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

        // Waits until every stream was open for a second.
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
                throw new BenchException($"A stream had {Count} chunks instead of {_ways.Length}.");
            }
        }

        private void See(ReadOnlyMemory<byte> memory)
        {
            var now = Stopwatch.GetTimestamp();
            var left = memory.Span;
            while (left.IndexOf(BeforeStamp) is >= 0 and var at && left.Length >= at + BeforeStamp.Length + StampLength)
            {
                left = left[(at + BeforeStamp.Length)..];

                // Skips the repeated bytes at the beginning.
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
