using Cencori.Edge.Projects;
using Cencori.Edge.RateLimiting.Redis;

namespace Cencori.Edge.Tests.RateLimiting.Redis;

/// <summary>The arguments of the script, one by one, and the meaning of its reply.</summary>
public sealed class RedisCallTests
{
    private const long Permit = RedisScript.UnitsPerPermit;
    private const long Max = 1_000_000_000;

    private static readonly RateLimits All = new(60, 10, 1_000, 3);
    private static readonly RateLimits Nothing = new(null, null, null, null);

    [Fact]
    public void The_arguments_are_in_the_order_in_which_the_script_reads_them()
    {
        Report[] reports = [new(3, 1, 250, 0, 0), new(4, 0, 0, 99, -40) { UnusedRequests = 6 }];
        var call = new RedisCall(7, acknowledged: 5, slots: 2, reports, [Acquire(All, 5, permits: 2), Acquire(All, 8, permits: 2)]);

        Assert.Equal(
            ["edge:a", "7", "5", "15000000", "10", "60", "1000", "1000", "3", "123", "", "2", "2", "3", "1", "250", "0", "0", "0", "4", "0", "0", "99", "-40", "6", "2", "2", "5", "8"],
            Arguments(call, (123, null)));
    }

    [Theory]
    [InlineData(7L, null, null, null, "7 7 0 0 0")]
    [InlineData(7L, 9L, null, null, "9 7 0 0 0")]
    [InlineData(null, 9L, null, null, "0 0 0 0 0")]
    [InlineData(null, null, 50L, null, "0 0 50 50 0")]
    [InlineData(null, null, null, 4L, "0 0 0 0 4")]
    public void Unlimited_values_are_sent_as_zero(long? perMinute, long? burst, long? tokens, long? concurrent, string reported) =>
        Assert.Equal(reported, string.Join(' ', Arguments(Of([Acquire(new(perMinute, burst, tokens, concurrent))]))[4..9]));

    [Fact]
    public void A_call_without_acquires_keeps_the_stored_limits()
    {
        var reported = Arguments(Of([]));
        Assert.Equal(["-1", "-1", "-1", "-1", "0"], reported[4..9]);
        Assert.Equal(["0", "0", "0"], reported[12..]);
    }

    [Fact]
    public void Numbers_beyond_the_range_of_the_script_are_clamped()
    {
        var call = new RedisCall(1, 0, 0, [new(1, 0, long.MaxValue, 2, long.MaxValue), new(1, 0, 0, 2, long.MinValue)], [Acquire(All, long.MaxValue)]);
        var reported = Arguments(call, (Int128.MaxValue, Int128.MinValue));

        Assert.Equal([$"{long.MaxValue}", $"{long.MinValue}"], reported[9..11]);
        Assert.Equal(($"{Max}", $"{Max}", $"-{Max}"), (reported[15], reported[17], reported[23]));

        // The clamped number is still larger than any bucket.
        Assert.Equal($"{Max + 1}", reported[^1]);
    }

    [Fact]
    public void Each_acquire_sees_what_the_acquires_before_it_left()
    {
        var replies = Of([Acquire(All, 5), Acquire(All, 50), Acquire(All, 7)]).Replies([4, 10 * Permit, 100 * Permit, 1, 1, 0, 1]);
        RedisReply[] expected = [new(true, 9 * Permit, 95 * Permit, 2), new(false, 9 * Permit, 95 * Permit, 2), new(true, 8 * Permit, 88 * Permit, 3)];
        Assert.Equal(expected, replies);
    }

    [Fact]
    public void A_probe_takes_nothing_and_unlimited_tokens_are_not_counted()
    {
        Assert.Equal([new RedisReply(true, 10 * Permit, 100 * Permit, 1)], Of([Acquire(All, 5, permits: 0)]).Replies([4, 10 * Permit, 100 * Permit, 1, 1]));
        Assert.Equal([new RedisReply(true, 8 * Permit, 0, 2)], Of([Acquire(new(60, 10, null, 3), 5, permits: 2)]).Replies([4, 10 * Permit, 0, 1, 1]));
    }

    [Fact]
    public void Redis_holds_a_slot_for_each_admitted_request_if_concurrency_is_limited()
    {
        long[] reply = [4, 0, 0, 9, 1, 0, 1];
        Assert.Equal(2 + 2, Slots(All, permits: 1, reply));
        Assert.Equal(2, Slots(All, permits: 0, reply));
        Assert.Equal(2, Slots(All with { ConcurrentRequests = null }, permits: 1, reply));
        Assert.Equal(2, new RedisCall(1, 0, slots: 2, [], []).SlotsAfter([4, 0, 0, 9]));
    }

    [Fact]
    public void Acquires_with_equal_limits_and_permits_share_a_call()
    {
        Assert.True(Acquire(All, 5).IsCompatibleWith(Acquire(All with { }, 900)));
        Assert.False(Acquire(All, 5).IsCompatibleWith(Acquire(Nothing, 5)));
        Assert.False(Acquire(All, 5).IsCompatibleWith(Acquire(All, 5, permits: 0)));
    }

    private static PendingAcquire Acquire(RateLimits limits, long tokens = 0, int permits = 1) => new(new("p", limits, tokens), permits);

    private static RedisCall Of(IReadOnlyList<PendingAcquire> acquires) => new(1, 0, 0, [], acquires);

    private static long Slots(RateLimits limits, int permits, long[] reply) =>
        new RedisCall(1, 0, slots: 2, [], [Acquire(limits, 0, permits), Acquire(limits, 0, permits), Acquire(limits, 0, permits)]).SlotsAfter(reply);

    private static string[] Arguments(RedisCall call, (Int128? Requests, Int128? Tokens) levels = default) =>
        [.. call.Arguments("edge:a", TimeSpan.FromSeconds(15), levels).Select(value => value.ToString())];
}
