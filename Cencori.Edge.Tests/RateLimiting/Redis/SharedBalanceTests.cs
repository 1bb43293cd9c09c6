using System.Globalization;
using Cencori.Edge.Projects;
using Cencori.Edge.RateLimiting;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Network;
using Cencori.Edge.Tests.Infrastructure.Redis;

namespace Cencori.Edge.Tests.RateLimiting.Redis;

/// <summary>Two edges share one balance in one Redis.</summary>
[Collection(nameof(Alone))]
public sealed class SharedBalanceTests(OneRedis redis) : IClassFixture<OneRedis>, IAsyncLifetime
{
    private readonly string _project = $"prj_{Guid.NewGuid():N}";
    private LimiterOfOneEdge[] _edges = [];

    public async Task InitializeAsync() => _edges = [await StartAsync(), await StartAsync()];

    public async Task DisposeAsync()
    {
        foreach (var edge in _edges)
        {
            await edge.DisposeAsync();
        }
    }

    [RedisFact]
    public async Task Sixty_four_clients_are_admitted_exactly_what_the_bucket_gives()
    {
        const double Burst = 2_000, PerSecond = 200;
        var limits = new RateLimits((long)PerSecond * 60, (long)Burst, null, null);
        var started = TimeProvider.System.GetTimestamp();
        var burst = 0;
        while ((await _edges[burst % 2].AcquireAsync(_project, limits)).IsAcquired)
        {
            burst++;
        }

        // A full bucket does not refill. The bucket is empty now, so from here on no refill is lost.
        var (admitted, refusedAt, _) = await HammerAsync(TimeSpan.FromSeconds(3), limits, tokens: 0, actual: null);

        Assert.InRange(burst + admitted, 0, Burst + (PerSecond * TimeProvider.System.GetElapsedTime(started).TotalSeconds));
        Assert.InRange(admitted, 0.98 * PerSecond * refusedAt, double.MaxValue);
    }

    [RedisFact]
    public async Task Returned_tokens_let_requests_pass_at_the_rate_of_the_real_usage()
    {
        const double PerMinute = 60_000, Used = 20;
        var limits = new RateLimits(null, null, (long)PerMinute, null);
        await DrainAsync(limits, (long)PerMinute);

        var (admitted, refusedAt, endedAt) = await HammerAsync(TimeSpan.FromSeconds(3), limits, tokens: 100, actual: (long)Used);

        // Tolerance: 64 requests of clients that have not returned their unused tokens yet, and 5 for a remainder below one reservation.
        double Allowed(double seconds) => PerMinute / 60 * seconds / Used;
        Assert.InRange(admitted, (0.98 * Allowed(refusedAt)) - 64 - 5, Allowed(endedAt) + 1);
    }

    [RedisFact]
    public async Task Of_two_hundred_concurrent_reservations_of_a_tenth_ten_are_admitted()
    {
        var limits = new RateLimits(null, null, 10_000, null);

        var all = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(() => _edges[i % 2].AcquireAsync(_project, limits, 1_000))));

        Assert.Equal(10, all.Count(reservation => reservation.IsAcquired));
        Assert.All(all.Where(reservation => !reservation.IsAcquired), refused => Assert.Equal(LimitName.Tokens, refused.RefusedBy));
    }

    [RedisFact]
    public async Task A_slot_taken_on_one_edge_is_taken_on_the_other_until_it_is_released()
    {
        var limits = new RateLimits(null, null, null, 1);
        var running = await _edges[0].AcquireAsync(_project, limits);
        Assert.Equal(LimitName.Concurrency, (await _edges[1].AcquireAsync(_project, limits)).RefusedBy);

        running.Dispose();

        await Eventually.IsTrueAsync(async () => (await _edges[1].AcquireAsync(_project, limits)).IsAcquired);
    }

    [RedisFact]
    [Trait(SlowestTests.Trait, "The test waits by the clock of Redis, until slots of a dead edge expire.")]
    public async Task Slots_of_a_dead_edge_expire_and_those_of_a_living_edge_do_not()
    {
        var limits = new RateLimits(null, null, null, 2);
        await using var living = await StartAsync(TimeSpan.FromMilliseconds(2_500));
        var dying = await StartAsync(TimeSpan.FromMilliseconds(2_500));
        await living.AcquireAsync(_project, limits);
        await dying.AcquireAsync(_project, limits);
        Assert.False((await living.AcquireAsync(_project, limits)).IsAcquired);

        await dying.DisposeAsync();

        await Eventually.IsTrueAsync(async () => (await living.AcquireAsync(_project, limits)).IsAcquired);
        for (var i = 0; i < 30; i++)
        {
            Assert.False((await living.AcquireAsync(_project, limits)).IsAcquired);
            await RealTime.PassesAsync(TimeSpan.FromMilliseconds(100), "The test waits by the clock of Redis.");
        }
    }

    [RedisFact]
    public async Task Expired_slots_of_an_edge_that_comes_back_count_again()
    {
        var limits = new RateLimits(null, null, null, 3);
        var lifetime = TimeSpan.FromMilliseconds(1_500);
        await using var link = new FaultyLink(redis.Server.Port);
        await using var away = await LimiterOfOneEdge.StartAsync(link.Configuration, slotLifetime: lifetime);
        await using var other = await StartAsync(lifetime);
        var running = new List<RateLimitReservation> { await away.AcquireAsync(_project, limits), await away.AcquireAsync(_project, limits) };
        await link.RefuseAsync();
        await Eventually.IsTrueAsync(async () =>
        {
            var reservation = await other.AcquireAsync(_project, limits);
            running.AddRange(reservation.IsAcquired ? [reservation] : []);
            return running.Count == 2 + 3;
        });

        link.Restore();
        await Eventually.IsTrueAsync(async () => await redis.Server.HeldSlotsAsync(_project) == 5);

        running.ForEach(reservation => reservation.Dispose());
        await Eventually.IsTrueAsync(async () => await redis.Server.HeldSlotsAsync(_project) == 0);
    }

    [RedisFact]
    public async Task An_unused_project_leaves_nothing_in_Redis()
    {
        await using var edge = await StartAsync(TimeSpan.FromSeconds(1));
        var reservation = await edge.AcquireAsync(_project, new RateLimits(60_000, 1, 60_000, 3), 100);
        Assert.NotEqual(0, await KeysAsync());

        reservation.Dispose();

        await Eventually.IsTrueAsync(async () => await KeysAsync() == 0);
    }

    [RedisFact]
    public async Task Refusals_are_remembered_and_cause_only_a_few_Redis_calls_per_second()
    {
        var limits = new RateLimits(1, 1, null, null);
        await _edges[0].AcquireAsync(_project, limits);
        var before = await CommandsAsync();

        for (var i = 0; i < 1_000; i++)
        {
            Assert.False((await _edges[0].AcquireAsync(_project, limits)).IsAcquired);
        }

        // The other edge of this test and renewals make a few calls, too.
        Assert.InRange(await CommandsAsync() - before, 0, 100);
    }

    private Task<LimiterOfOneEdge> StartAsync(TimeSpan? slotLifetime = null) => LimiterOfOneEdge.StartAsync(redis.Server.Configuration, slotLifetime: slotLifetime);

    private async Task DrainAsync(RateLimits limits, long tokens) => Assert.True((await _edges[0].AcquireAsync(_project, limits, tokens)).IsAcquired);

    /// <returns>The number of admitted requests, the earliest final refusal of a client, and the end of all clients, in seconds.</returns>
    private async Task<(int Admitted, double RefusedAt, double EndedAt)> HammerAsync(TimeSpan time, RateLimits limits, long tokens, long? actual)
    {
        var clock = TimeProvider.System;
        var started = clock.GetTimestamp();
        var clients = await Task.WhenAll(Enumerable.Range(0, 64).Select(client => Task.Run(async () =>
        {
            for (var count = 0; ;)
            {
                using var reservation = await _edges[client % 2].AcquireAsync(_project, limits, tokens);
                var now = clock.GetElapsedTime(started);
                if (reservation.IsAcquired)
                {
                    count++;
                    reservation.Settle(actual ?? tokens);
                }
                else if (now < time)
                {
                    await RealTime.PassesAsync(TimeSpan.FromMilliseconds(5), "The test waits by the clock of Redis.");
                }
                else
                {
                    // The last call was refused, so nothing was left to take, however slow this machine is.
                    return (Count: count, RefusedAt: now);
                }
            }
        })));
        return (clients.Sum(client => client.Count), clients.Min(client => client.RefusedAt).TotalSeconds, clock.GetElapsedTime(started).TotalSeconds);
    }

    private async Task<int> KeysAsync() => ((StackExchange.Redis.RedisResult[])(await redis.Server.ExecuteAsync("KEYS", $"*{_project}*"))!).Length;

    private async Task<long> CommandsAsync()
    {
        var lines = ((string)(await redis.Server.ExecuteAsync("INFO", "stats"))!).Split('\n');
        return long.Parse(lines.Single(line => line.StartsWith("total_commands_processed:", StringComparison.Ordinal)).Split(':')[1], CultureInfo.InvariantCulture);
    }
}
