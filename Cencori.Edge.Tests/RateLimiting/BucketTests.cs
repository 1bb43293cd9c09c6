using Cencori.Edge.RateLimiting;

namespace Cencori.Edge.Tests.RateLimiting;

public sealed class BucketTests
{
    private const long Nanoseconds = 1_000_000_000;

    [Fact]
    public void Largest_bucket_emptied_and_refilled_over_all_time_does_not_overflow()
    {
        var bucket = new Bucket(long.MaxValue, long.MaxValue, Nanoseconds, now: 0);
        bucket.Take(long.MaxValue);
        bucket.Take(long.MaxValue);
        Assert.Equal((0, TimeSpan.FromMinutes(2)), (bucket.Status.Remaining, bucket.Status.UntilFull));

        bucket.Refill(long.MaxValue);

        Assert.True(bucket.IsFull);
        Assert.Equal(long.MaxValue, bucket.Status.Remaining);
    }

    [Fact]
    public void Many_short_steps_refill_exactly_as_much_as_one_long_step()
    {
        var bucket = new Bucket(1_000, perMinute: 7, Nanoseconds, now: 0);
        bucket.Take(1_000);
        for (var now = 1; now < 1_000_000; now++)
        {
            bucket.Refill(now);
        }

        bucket.Refill((60 * Nanoseconds) - 1);
        Assert.Equal(6, bucket.Status.Remaining);
        bucket.Refill(60 * Nanoseconds);
        Assert.Equal(7, bucket.Status.Remaining);
    }

    [Fact]
    public void Wait_on_a_clock_finer_than_a_tick_is_rounded_up_to_one()
    {
        var bucket = new Bucket(1, perMinute: 60, Nanoseconds, now: 0);
        bucket.Take(1);
        bucket.Refill(Nanoseconds - 1);

        Assert.Equal(TimeSpan.FromTicks(1), bucket.TimeUntilCovers(1));
    }

    [Fact]
    public void A_clock_that_steps_back_refills_no_time_twice()
    {
        var bucket = new Bucket(10, perMinute: 60, Nanoseconds, now: 5 * Nanoseconds);
        bucket.Take(10);
        bucket.Refill(8 * Nanoseconds);
        bucket.Refill(5 * Nanoseconds);
        bucket.Refill(8 * Nanoseconds);

        Assert.Equal(3, bucket.Status.Remaining);
    }

    [Fact]
    public void A_full_bucket_that_is_enlarged_stays_full()
    {
        var bucket = new Bucket(10, perMinute: 60, Nanoseconds, now: 0);

        bucket.Resize(100, perMinute: 60);

        Assert.Equal(100, bucket.Status.Remaining);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    [InlineData(-1, -1)]
    public void A_limit_below_one_is_an_argument_error(long capacity, long perMinute) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new Bucket(capacity, perMinute, Nanoseconds, now: 0));
}
