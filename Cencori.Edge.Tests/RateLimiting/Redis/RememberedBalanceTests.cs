using Cencori.Edge.Projects;
using Cencori.Edge.RateLimiting;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Network;
using Cencori.Edge.Tests.Infrastructure.Redis;

namespace Cencori.Edge.Tests.RateLimiting.Redis;

/// <summary>An edge and Redis both remember parts of a balance. These copies must never make the balance lower or higher than it really is.</summary>
[Trait(Quiet.Trait, "Redis keeps an unrenewed slot for less than a second.")]
public sealed class RememberedBalanceTests(OneRedis redis) : IClassFixture<OneRedis>
{
    private static readonly TimeSpan ShortLife = TimeSpan.FromMilliseconds(900);

    private readonly string _project = $"prj_{Guid.NewGuid():N}";

    [RedisFact]
    [Trait(SlowestTests.Trait, "The test waits, by the clock of Redis, until a request has run longer than the lifetime of its slot.")]
    public async Task Tokens_used_beyond_the_reservation_are_charged_after_any_duration()
    {
        // Long enough for a busy machine: if no renewal came for this time, Redis would forget the bucket that paid.
        var lifetime = TimeSpan.FromSeconds(10);
        var limits = new RateLimits(null, null, 6_000, null);
        await using var edge = await StartAsync(lifetime);
        await using var other = await StartAsync(lifetime);
        var running = await edge.AcquireAsync(_project, limits, 10);

        await RealTime.PassesAsync(1.5 * lifetime, "The test waits by the clock of Redis.");
        running.Settle(4_010);
        running.Dispose();

        await Eventually.IsTrueAsync(async () =>
        {
            using var probe = (RateLimitReservation)await other.Limiter.AcquireAsync(new(_project, limits, 0), permitCount: 0);
            return probe.Tokens!.Value.Remaining < 4_000;
        });
    }

    [RedisFact]
    public async Task An_edge_that_saw_a_low_balance_does_not_restore_it_after_the_bucket_has_filled()
    {
        var limits = new RateLimits(null, null, 6_000, null);
        await using var edge = await StartAsync();
        await using var other = await StartAsync();
        var large = await other.AcquireAsync(_project, limits, 6_000);
        Assert.False((await edge.AcquireAsync(_project, limits, 5_000)).IsAcquired);

        large.Settle(0);
        large.Dispose();
        await RealTime.PassesAsync(2 * ShortLife, "The test waits by the clock of Redis.");

        Assert.True((await edge.AcquireAsync(_project, limits, 5_000)).IsAcquired);
    }

    [RedisFact]
    public async Task Tokens_returned_during_a_call_are_available_at_once()
    {
        var limits = new RateLimits(null, null, 1_000, null);
        await using var link = new FaultyLink(redis.Server.Port);
        await using var edge = await LimiterOfOneEdge.StartAsync(link.Configuration);
        var large = await edge.AcquireAsync(_project, limits, 900);
        link.DelayToClient = TimeSpan.FromMilliseconds(200);
        var small = edge.AcquireAsync(_project, limits, 50);

        large.Settle(0);
        large.Dispose();
        await small;

        Assert.True((await edge.AcquireAsync(_project, limits, 500)).IsAcquired);
    }

    [RedisTheory]
    [InlineData(150, 0)]
    [InlineData(0, 150)]
    [InlineData(30, 60)]
    public async Task A_refusal_after_a_slow_call_tells_a_wait_after_which_the_request_passes(int toServer, int toClient)
    {
        var limits = new RateLimits(null, null, 60_000, null);
        await using var link = new FaultyLink(redis.Server.Port);
        await using var edge = await LimiterOfOneEdge.StartAsync(link.Configuration);
        (link.DelayToServer, link.DelayToClient) = (TimeSpan.FromMilliseconds(toServer), TimeSpan.FromMilliseconds(toClient));
        await edge.AcquireAsync(_project, limits, 60_000);
        (link.DelayToServer, link.DelayToClient) = (TimeSpan.Zero, TimeSpan.Zero);

        // The bucket refills so slowly that a pause of the machine does not let the request pass.
        var refused = await edge.AcquireAsync(_project, limits, 2_000);
        Assert.Equal(LimitName.Tokens, refused.RefusedBy);
        await RealTime.PassesAsync(refused.RetryAfter!.Value + TimeSpan.FromMilliseconds(20), "The bucket refills by the clock of Redis.");

        Assert.True((await edge.AcquireAsync(_project, limits, 2_000)).IsAcquired);
    }

    [RedisFact]
    public async Task A_refusal_is_not_remembered_longer_because_other_requests_end()
    {
        var limits = new RateLimits(null, null, 1_000, 100);
        await using var edge = await StartAsync();
        await using var other = await StartAsync();
        var running = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => edge.AcquireAsync(_project, limits)));
        var large = await other.AcquireAsync(_project, limits, 1_000);
        Assert.False((await edge.AcquireAsync(_project, limits, 500)).IsAcquired);

        large.Settle(0);
        large.Dispose();

        var passed = false;
        foreach (var one in running)
        {
            one.Dispose();
            await RealTime.PassesAsync(TimeSpan.FromMilliseconds(50), "The bucket refills by the clock of Redis.");
            passed = passed || (await edge.AcquireAsync(_project, limits, 500)).IsAcquired;
        }

        Assert.True(passed);
    }

    private Task<LimiterOfOneEdge> StartAsync(TimeSpan? slotLifetime = null) => LimiterOfOneEdge.StartAsync(redis.Server.Configuration, slotLifetime: slotLifetime ?? ShortLife);
}
