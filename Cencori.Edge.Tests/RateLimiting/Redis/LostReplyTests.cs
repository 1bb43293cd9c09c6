using Cencori.Edge.Projects;
using Cencori.Edge.RateLimiting;
using Cencori.Edge.RateLimiting.Redis;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Network;
using Cencori.Edge.Tests.Infrastructure.Redis;

namespace Cencori.Edge.Tests.RateLimiting.Redis;

/// <summary>Redis counts each report of an edge exactly once, even if the call that contains it or the reply is lost.</summary>
[Trait(Quiet.Trait, "A call to Redis must end within 200 ms.")]
public sealed class LostReplyTests(OneRedis redis) : IClassFixture<OneRedis>
{
    private const double PerSecond = 100;

    private static readonly RateLimits Tokens = new(null, null, 60 * (long)PerSecond, null);

    private static readonly TimeSpan Timeout = TimeSpan.FromMilliseconds(200);

    private readonly string _project = $"prj_{Guid.NewGuid():N}";
    private readonly long _started = TimeProvider.System.GetTimestamp();

    [RedisTheory]
    [InlineData("call", 3_000, 500)]
    [InlineData("answer", 3_000, 500)]
    [InlineData("call", 1_000, 2_500)]
    [InlineData("answer", 1_000, 2_500)]
    public async Task Usage_below_or_above_the_reservation_is_settled_once(string lost, long reserved, long used)
    {
        await using var link = new FaultyLink(redis.Server.Port);
        await using var edge = await LimiterOfOneEdge.StartAsync(link.Configuration, timeout: Timeout);
        await edge.AcquireAsync(_project, Tokens, 2_000);
        var running = await edge.AcquireAsync(_project, Tokens, reserved);

        await FailAsync(lost, link, edge, () =>
        {
            running.Settle(used);
            running.Dispose();
        });

        await AssertLeftAsync(4_000 - used);
    }

    [RedisTheory]
    [InlineData("call")]
    [InlineData("answer")]
    public async Task A_reservation_is_charged_once(string lost)
    {
        await using var link = new FaultyLink(redis.Server.Port);
        await using var edge = await LimiterOfOneEdge.StartAsync(link.Configuration, timeout: Timeout);
        await edge.AcquireAsync(_project, Tokens, 1_000);

        await FailAsync(lost, link, edge, () => _ = edge.AcquireAsync(_project, Tokens, 1_500));

        await AssertLeftAsync(3_500);
    }

    [RedisFact]
    public async Task A_call_that_arrives_after_a_later_one_changes_nothing()
    {
        await using var edge = await LimiterOfOneEdge.StartAsync(redis.Server.Configuration);
        StackExchange.Redis.RedisKey[] key = [$"cencori:{{{_project}}}:balances"];
        RedisCall Call(long number) => new(number, 0, 0, [], [new(new(_project, Tokens, 1_000), 1)]);
        var (earlier, later) = (edge.Limits.NextCall(), edge.Limits.NextCall());
        await edge.Limits.EvaluateAsync(key, Call(later), default);

        var refused = await Assert.ThrowsAsync<StackExchange.Redis.RedisServerException>(() => edge.Limits.EvaluateAsync(key, Call(earlier), default));

        Assert.StartsWith("OVERTAKEN", refused.Message, StringComparison.Ordinal);
        await AssertLeftAsync(5_000);
    }

    [RedisFact]
    public async Task Permits_taken_before_an_edge_forgot_a_project_are_not_returned()
    {
        var limits = new RateLimits(30, 1, null, null);
        var cost = new RateLimitCost(_project, limits, 0);
        await using var edge = await LimiterOfOneEdge.StartAsync(redis.Server.Configuration);
        await using var other = await LimiterOfOneEdge.StartAsync(redis.Server.Configuration);
        var remembered = new RedisProject(edge.Limits, _project);
        Assert.True(remembered.TryAcquire(cost, 1, out var first));
        (await first).Dispose();
        await Eventually.IsTrueAsync(remembered.TryRetire);

        // For the edge, a balance begins when it sends the call. For Redis it begins slightly later, so the bucket also fills slightly later.
        await Eventually.IsTrueAsync(async () => (await other.AcquireAsync(_project, limits)).IsAcquired);

        Assert.True(new RedisProject(edge.Limits, _project).TryAcquire(cost, 1, out var second));

        Assert.False((await second).IsAcquired);
    }

    // Loses the call that follows the action, or its reply.
    private static async Task FailAsync(string lost, FaultyLink link, LimiterOfOneEdge edge, Action deed)
    {
        if (lost == "call")
        {
            await link.RefuseAsync();
        }

        link.DelayToClient = 3 * Timeout;
        deed();
        await Eventually.IsTrueAsync(() => !edge.Availability.IsAvailable);

        link.DelayToClient = TimeSpan.Zero;
        link.Restore();
        await Eventually.IsTrueAsync(() => edge.Availability.IsAvailable);
        await edge.Limiter.FlushAsync();
    }

    private async Task AssertLeftAsync(long tokens)
    {
        await using var other = await LimiterOfOneEdge.StartAsync(redis.Server.Configuration);
        using var probe = (RateLimitReservation)await other.Limiter.AcquireAsync(new(_project, Tokens, 0), permitCount: 0);
        Assert.InRange(probe.Tokens!.Value.Remaining, tokens, tokens + (long)(PerSecond * TimeProvider.System.GetElapsedTime(_started).TotalSeconds));
    }
}
