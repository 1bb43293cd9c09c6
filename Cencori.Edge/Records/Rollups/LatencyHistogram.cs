using System.Buffers;

namespace Cencori.Edge.Records.Rollups;

/// <summary>
/// Latencies in buckets whose width grows with them, by 4 %: whatever percentile is asked for, the response is within 2 % of the
/// latency that really has that rank, from 1 µs to some hours. Histograms add up without losing anything. Not thread-safe.
/// </summary>
public sealed class LatencyHistogram
{
    private const double Ratio = 1.04;

    // About three hours; what is longer counts as that.
    private const int BucketCount = 590;

    private static readonly double LogRatio = Math.Log(Ratio);

    // Only the span that occurs, which is small: latencies of one model are alike.
    private long[] _counts = [];
    private int _first;

    public long Count { get; private set; }

    public void Add(long microseconds) => Add(Bucket(microseconds), 1);

    public void Add(LatencyHistogram other)
    {
        for (var index = 0; index < other._counts.Length; index++)
        {
            Add(other._first + index, other._counts[index]);
        }
    }

    /// <summary>Adds what <see cref="ToArray"/> gave.</summary>
    /// <exception cref="InvalidDataException">It is something else.</exception>
    public void Add(ReadOnlySpan<byte> stored)
    {
        for (var bucket = 0UL; stored.Length > 0; bucket++)
        {
            bucket += Varint.Read(ref stored);
            if (bucket >= BucketCount)
            {
                throw new InvalidDataException("A latency histogram has more buckets than there are.");
            }

            Add((int)bucket, (long)Varint.Read(ref stored));
        }
    }

    /// <summary>Adds a share of another histogram, as evenly as whole numbers allow: <paramref name="share"/> is 0 to 1.</summary>
    public void Add(LatencyHistogram other, double share)
    {
        var (seen, added) = (0L, 0L);
        for (var index = 0; index < other._counts.Length; index++)
        {
            seen += other._counts[index];
            var count = (long)Math.Round(seen * share) - added;
            Add(other._first + index, count);
            added += count;
        }
    }

    /// <summary>The latency that this share of all does not exceed, in microseconds; 0 where there are none.</summary>
    /// <param name="percentile">Above 0, at most 1.</param>
    public long Percentile(double percentile)
    {
        var rank = Math.Clamp((long)Math.Ceiling(percentile * Count), 1, Math.Max(1, Count));
        for (var index = 0; index < _counts.Length; index++)
        {
            rank -= _counts[index];
            if (rank <= 0)
            {
                // The middle, in the sense of ratios, of the smallest and the largest that it may be.
                return (long)Math.Round(Math.Pow(Ratio, _first + index + 0.5));
            }
        }

        return 0;
    }

    /// <summary>Pairs of numbers for the buckets that hold something: empty ones before it, its count.</summary>
    public byte[] ToArray()
    {
        var buffer = ArrayPool<byte>.Shared.Rent(_counts.Length * 2 * Varint.MaxLength);
        var (length, next) = (0, 0);
        for (var index = 0; index < _counts.Length; index++)
        {
            if (_counts[index] > 0)
            {
                length += Varint.Write(buffer.AsSpan(length), (ulong)(_first + index - next));
                length += Varint.Write(buffer.AsSpan(length), (ulong)_counts[index]);
                next = _first + index + 1;
            }
        }

        var stored = buffer.AsSpan(0, length).ToArray();
        ArrayPool<byte>.Shared.Return(buffer);
        return stored;
    }

    private static int Bucket(long microseconds) =>
        microseconds <= 1 ? 0 : Math.Min((int)(Math.Log(microseconds) / LogRatio), BucketCount - 1);

    private void Add(int bucket, long count)
    {
        if (count <= 0)
        {
            return;
        }

        Include(bucket);
        _counts[bucket - _first] += count;
        Count += count;
    }

    private void Include(int bucket)
    {
        var (first, end) = (_counts.Length == 0 ? bucket : Math.Min(_first, bucket), Math.Max(_first + _counts.Length, bucket + 1));
        if (first == _first && end == _first + _counts.Length)
        {
            return;
        }

        // A little more than is asked for, so that a spreading histogram does not grow by one each time.
        (first, end) = (Math.Max(0, first - 8), Math.Min(BucketCount, end + 8));
        var counts = new long[end - first];
        _counts.CopyTo(counts, _counts.Length == 0 ? 0 : _first - first);
        (_counts, _first) = (counts, first);
    }
}
