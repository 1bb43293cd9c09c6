using System.Numerics;
using Cencori.Edge.RateLimiting;
using CsCheck;

namespace Cencori.Edge.Tests.RateLimiting;

/// <summary>Checks the wait times and the remaining permits of a bucket with integers of unlimited size.</summary>
public sealed class BucketProperties
{
    private const int SecondsPerMinute = 60;

    private static readonly Gen<long> Any = Gen.OneOf(Gen.Long[1, 1_000], Gen.Long[1, 1_000_000_000], Gen.Long[1, long.MaxValue], Gen.Long[long.MaxValue - 3, long.MaxValue]);

    private static readonly Gen<long> Frequency = Gen.OneOf(Gen.OneOfConst(1L, 1_000L, TimeSpan.TicksPerSecond, 1_000_000_000L), Gen.Long[1, 10_000_000_000]);

    [Fact]
    public void The_wait_is_the_shortest_after_which_the_bucket_has_enough() => Gen.Select(Any, Any, Frequency, Any, Any).Sample((capacity, perMinute, frequency, taken, requested) =>
    {
        var bucket = new Bucket(capacity, perMinute, frequency, now: 0);
        bucket.Take(taken);

        var missing = BigInteger.Max(0, requested - ((BigInteger)capacity - taken)) * SecondsPerMinute * frequency;
        var steps = RoundUp(missing, perMinute);
        var ticks = RoundUp(steps * TimeSpan.TicksPerSecond, frequency);
        TimeSpan? expected = requested > capacity ? null : new TimeSpan((long)BigInteger.Min(ticks, TimeSpan.MaxValue.Ticks));
        Assert.Equal(expected, bucket.TimeUntilCovers(requested));
    });

    [Fact]
    public void The_remaining_permits_are_whole_and_never_negative() => Gen.Select(Any, Any, Frequency, Any).Sample((capacity, perMinute, frequency, taken) =>
    {
        var bucket = new Bucket(capacity, perMinute, frequency, now: 0);
        bucket.Take(taken);
        Assert.Equal((capacity, (long)BigInteger.Max(0, (BigInteger)capacity - taken)), (bucket.Status.Limit, bucket.Status.Remaining));
    });

    private static BigInteger RoundUp(BigInteger value, BigInteger divisor) => (value + divisor - 1) / divisor;
}
