using Cencori.Edge.Projects;
using Cencori.Edge.RateLimiting;
using Cencori.Edge.Redis;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Redis;

namespace Cencori.Edge.Tests.RateLimiting.Redis;

/// <summary>Every failure of Redis that the limiter must handle.</summary>
public sealed class RedisUnavailableTests : IAsyncLifetime
{
    private static readonly TimeSpan Timeout = new RateLimitingOptions().RedisTimeout;

    // The timeout, plus a margin for a busy machine. Without the timeout, a call would take as long as the client waits.
    private static readonly TimeSpan Bearable = Timeout + TimeSpan.FromSeconds(20);
    private static readonly TimeSpan ClientTimeout = TimeSpan.FromMinutes(1);

    private static readonly RateLimits Slow = new(1, 10, null, 100);

    private readonly string _project = $"prj_{Guid.NewGuid():N}";
    private RedisServer _redis = null!;

    public async Task InitializeAsync() => _redis = await RedisServer.StartAsync();

    public async Task DisposeAsync() => await _redis.DisposeAsync();

    [RedisTheory]
    [InlineData("kill")]
    [InlineData("pause")]
    [InlineData("read-only")]
    public async Task No_request_waits_longer_than_the_timeout_and_the_limiter_recovers_by_itself(string fault)
    {
        await using var edge = await LimiterOfOneEdge.StartAsync(_redis.Configuration, timeout: Timeout, clientTimeout: ClientTimeout);
        Assert.True((await edge.AcquireAsync(_project, Slow)).IsAcquired);

        await BreakAsync(fault);
        for (var i = 0; i < 5; i++)
        {
            var started = TimeProvider.System.GetTimestamp();
            Assert.True((await edge.AcquireAsync(_project, Slow)).IsAcquired);
            Assert.InRange(TimeProvider.System.GetElapsedTime(started), TimeSpan.Zero, Bearable);
        }

        Assert.False(edge.Availability.IsAvailable);
        await MendAsync(fault);

        await Eventually.IsTrueAsync(() => edge.Availability.IsAvailable);
        Assert.Contains("RedisLost", edge.Events);
        Assert.Equal("RedisRestored", edge.Events[^1]);
        Assert.True((await edge.AcquireAsync(_project, Slow)).IsAcquired);
    }

    [RedisFact]
    public async Task A_Redis_without_free_memory_admits_no_more_than_the_bucket_holds()
    {
        await using var edge = await LimiterOfOneEdge.StartAsync(_redis.Configuration, timeout: Timeout);
        await _redis.ExecuteAsync("CONFIG", "SET", "maxmemory", "1");

        Assert.Equal(10, await CountAdmittedAsync(edge, 20));
    }

    [RedisFact]
    public async Task Local_mode_continues_from_the_last_balance_that_this_edge_saw()
    {
        await using var edge = await LimiterOfOneEdge.StartAsync(_redis.Configuration);
        for (var i = 0; i < 7; i++)
        {
            await edge.AcquireAsync(_project, Slow);
        }

        await _redis.KillAsync();

        Assert.Equal(3, await CountAdmittedAsync(edge, 20));
    }

    [RedisFact]
    public async Task Usage_admitted_without_Redis_is_charged_when_Redis_is_back()
    {
        var limits = new RateLimits(1, 10, 600, null);
        await using var edge = await LimiterOfOneEdge.StartAsync(_redis.Configuration);
        await edge.AcquireAsync(_project, limits, 100);
        await _redis.ExecuteAsync("REPLICAOF", "127.0.0.1", "1");
        for (var i = 0; i < 4; i++)
        {
            (await edge.AcquireAsync(_project, limits, 100)).Dispose();
        }

        Assert.False(edge.Availability.IsAvailable);
        await _redis.ExecuteAsync("REPLICAOF", "NO", "ONE");
        await Eventually.IsTrueAsync(() => edge.Availability.IsAvailable);
        await using var other = await LimiterOfOneEdge.StartAsync(_redis.Configuration);

        await Eventually.IsTrueAsync(async () =>
        {
            using var probe = (RateLimitReservation)await other.Limiter.AcquireAsync(new(_project, limits, 0), permitCount: 0);
            return probe.Requests!.Value.Remaining == 5 && probe.Tokens!.Value.Remaining is >= 100 and < 300;
        });
    }

    [RedisFact]
    public async Task An_emptied_Redis_starts_with_the_balance_that_the_edge_remembers()
    {
        await using var edge = await LimiterOfOneEdge.StartAsync(_redis.Configuration);
        for (var i = 0; i < 7; i++)
        {
            await edge.AcquireAsync(_project, Slow);
        }

        await _redis.RestartAsync();
        await ReachAgainAsync(edge);

        Assert.InRange(await CountAdmittedAsync(edge, 20), 2, 3);
    }

    [RedisFact]
    public async Task An_emptied_Redis_is_told_about_the_held_slots()
    {
        var limits = new RateLimits(null, null, null, 2);
        await using var edge = await LimiterOfOneEdge.StartAsync(_redis.Configuration);
        await using var other = await LimiterOfOneEdge.StartAsync(_redis.Configuration);
        var running = await edge.AcquireAsync(_project, limits);
        await other.AcquireAsync(_project, limits);

        await _redis.RestartAsync();
        await Eventually.IsTrueAsync(async () => await _redis.HeldSlotsAsync(_project) == 2);

        Assert.False((await other.AcquireAsync(_project, limits)).IsAcquired);
        running.Dispose();
        await Eventually.IsTrueAsync(async () => (await other.AcquireAsync(_project, limits)).IsAcquired);
    }

    [RedisFact]
    public async Task Allow_mode_admits_everything_and_writes_no_numbers()
    {
        await using var edge = await LimiterOfOneEdge.StartAsync(_redis.Configuration, RedisFailureMode.Allow, Timeout);
        await _redis.KillAsync();

        for (var i = 0; i < 50; i++)
        {
            var reservation = await edge.AcquireAsync(_project, Slow);
            Assert.True(reservation.IsAcquired);
            Assert.Null(reservation.Requests);
        }
    }

    [RedisFact]
    public async Task Deny_mode_refuses_everything_with_a_wait()
    {
        await using var edge = await LimiterOfOneEdge.StartAsync(_redis.Configuration, RedisFailureMode.Deny, Timeout);
        await _redis.KillAsync();

        var refused = await edge.AcquireAsync(_project, Slow);

        Assert.Equal((LimitName.Unavailable, RedisAvailability.ProbeInterval), (refused.RefusedBy, refused.RetryAfter));
    }

    [RedisFact]
    public async Task Many_requests_on_a_paused_Redis_are_all_decided_within_the_timeout()
    {
        await using var edge = await LimiterOfOneEdge.StartAsync(_redis.Configuration, timeout: Timeout, clientTimeout: ClientTimeout);
        await edge.AcquireAsync(_project, Slow);
        _redis.Pause();

        var started = TimeProvider.System.GetTimestamp();
        var all = await Task.WhenAll(Enumerable.Range(0, 500).Select(_ => Task.Run(() => edge.AcquireAsync(_project, Slow))));

        Assert.InRange(TimeProvider.System.GetElapsedTime(started), TimeSpan.Zero, Bearable);
        Assert.Equal(9, all.Count(reservation => reservation.IsAcquired));
        _redis.Resume();
    }

    [RedisFact]
    public async Task Tokens_taken_in_a_call_whose_reply_came_too_late_are_returned()
    {
        var limits = new RateLimits(1, 10, 1_000, 5);
        await using var edge = await LimiterOfOneEdge.StartAsync(_redis.Configuration, RedisFailureMode.Allow, Timeout);
        (await edge.AcquireAsync(_project, limits)).Dispose();
        _redis.Pause();
        var late = await edge.AcquireAsync(_project, limits, 700);
        Assert.False(edge.Availability.IsAvailable);

        _redis.Resume();
        late.Dispose();
        await Eventually.IsTrueAsync(() => edge.Availability.IsAvailable);

        await Eventually.IsTrueAsync(async () =>
        {
            using var probe = (RateLimitReservation)await edge.Limiter.AcquireAsync(new(_project, limits, 0), permitCount: 0);
            return probe.Tokens?.Remaining == 1_000;
        });
    }

    private async Task<int> CountAdmittedAsync(LimiterOfOneEdge edge, int requests)
    {
        var admitted = 0;
        for (var i = 0; i < requests; i++)
        {
            admitted += (await edge.AcquireAsync(_project, Slow)).IsAcquired ? 1 : 0;
        }

        return admitted;
    }

    // The first call to a restarted server may use the broken connection.
    private static async Task ReachAgainAsync(LimiterOfOneEdge edge)
    {
        await Eventually.IsTrueAsync(async () =>
        {
            try
            {
                await edge.Limits.ProbeAsync("somebody-else", Bearable);
                return edge.Availability.IsAvailable;
            }
            catch (Exception exception) when (exception is StackExchange.Redis.RedisException or TimeoutException)
            {
                return false;
            }
        });
    }

    private async Task BreakAsync(string fault)
    {
        switch (fault)
        {
            case "kill":
                await _redis.KillAsync();
                break;
            case "pause":
                _redis.Pause();
                break;
            default:
                await _redis.ExecuteAsync("REPLICAOF", "127.0.0.1", "1");
                break;
        }
    }

    private async Task MendAsync(string fault)
    {
        switch (fault)
        {
            case "kill":
                await _redis.RestartAsync();
                break;
            case "pause":
                _redis.Resume();
                break;
            default:
                await _redis.ExecuteAsync("REPLICAOF", "NO", "ONE");
                break;
        }
    }
}
