using System.Buffers;

namespace Cencori.Edge.Records.Rollups;

/// <summary>
/// A histogram of latencies. Each bucket is 4 % wider than the one before, so every percentile is within 2 % of the true value, from 1 µs to some hours.
/// Histograms can be added without loss. Not thread-safe.
/// </summary>
public sealed class LatencyHistogram
{
    private const double Ratio = 1.04;

    // Number of buckets, which reach to about three hours. Longer latencies go into the last bucket.
    private const int BucketCount = 590;

    private static readonly double LogRatio = Math.Log(Ratio);

    // Counts of the buckets in use only. They are few, because the latencies of one model are similar.
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

    /// <summary>Adds a histogram stored by <see cref="ToArray"/>.</summary>
    /// <exception cref="InvalidDataException">The bytes are not a histogram.</exception>
    public void Add(ReadOnlySpan<byte> stored)
    {
        for (var bucket = 0UL; stored.Length > 0; bucket++)
        {
            bucket += Varint.Read(ref stored);
            if (bucket >= BucketCount)
            {
                throw new InvalidDataException("A latency histogram has a bucket number that is too large.");
            }

            Add((int)bucket, (long)Varint.Read(ref stored));
        }
    }

    /// <summary>Adds a share of another histogram.</summary>
    /// <param name="other">The other histogram.</param>
    /// <param name="share">0 to 1. Counts are rounded so that their total is exact.</param>
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

    /// <summary>The latency at this percentile, in microseconds. 0 if the histogram is empty.</summary>
    /// <param name="percentile">Above 0, at most 1.</param>
    public long Percentile(double percentile)
    {
        var rank = Math.Clamp((long)Math.Ceiling(percentile * Count), 1, Math.Max(1, Count));
        for (var index = 0; index < _counts.Length; index++)
        {
            rank -= _counts[index];
            if (rank <= 0)
            {
                // The geometric middle of the bucket.
                return (long)Math.Round(Math.Pow(Ratio, _first + index + 0.5));
            }
        }

        return 0;
    }

    /// <summary>Returns the stored form: for each bucket in use, the number of empty buckets before it, and its count.</summary>
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

        // Adds some extra buckets, so that a histogram that widens is not reallocated each time.
        (first, end) = (Math.Max(0, first - 8), Math.Min(BucketCount, end + 8));
        var counts = new long[end - first];
        _counts.CopyTo(counts, _counts.Length == 0 ? 0 : _first - first);
        (_counts, _first) = (counts, first);
    }
}
