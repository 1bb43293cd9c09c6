using System.Threading.RateLimiting;
using Cencori.Edge.Projects;
using Cencori.Edge.RateLimiting;

namespace Cencori.Edge.Tests.RateLimiting;

/// <summary>
/// The contract of every limiter, independent of where it keeps balances and which clock it reads. On a real clock, time
/// passes between two lines of a test, so tests that check exact numbers use limits that refill slowly.
/// </summary>
public abstract partial class RateLimiterContract
{
    private static readonly RateLimits Unlimited = new(null, null, null, null);

    /// <summary>A clock that runs as the limiter's does, to measure how much can have been refilled.</summary>
    protected abstract TimeProvider Clock { get; }

    protected abstract PartitionedRateLimiter<RateLimitCost> CreateLimiter();

    /// <summary>Lets at least this much time pass.</summary>
    protected abstract Task AdvanceAsync(TimeSpan time);

    /// <summary>Waits until every disposal so far has taken effect.</summary>
    protected virtual Task SettledAsync() => Task.CompletedTask;

    protected static string NewProject() => $"prj_{Guid.NewGuid():N}";

    protected static RateLimits PerMinute(long requests, long? burst = null) => new(requests, burst, null, null);

    protected static RateLimits TokensPerMinute(long tokens) => new(null, null, tokens, null);

    protected static RateLimits Concurrent(long requests) => new(null, null, null, requests);

    protected static async Task<RateLimitReservation> AcquireAsync(
        PartitionedRateLimiter<RateLimitCost> limiter, string project, RateLimits limits, long tokens = 0) =>
        Assert.IsAssignableFrom<RateLimitReservation>(
            await limiter.AcquireAsync(new RateLimitCost(project, limits, tokens)));

    protected static async Task<RateLimitReservation> ProbeAsync(
        PartitionedRateLimiter<RateLimitCost> limiter, string project, RateLimits limits, long tokens = 0) =>
        Assert.IsAssignableFrom<RateLimitReservation>(
            await limiter.AcquireAsync(new RateLimitCost(project, limits, tokens), permitCount: 0));

    protected static async Task<long> TokensLeftAsync(
        PartitionedRateLimiter<RateLimitCost> limiter, string project, RateLimits limits) =>
        (await ProbeAsync(limiter, project, limits)).Tokens!.Value.Remaining;

    private async Task SettleAsync(RateLimitReservation reservation, long? actualTokens)
    {
        if (actualTokens is { } actual)
        {
            reservation.Settle(actual);
        }

        reservation.Dispose();
        await SettledAsync();
    }
}
