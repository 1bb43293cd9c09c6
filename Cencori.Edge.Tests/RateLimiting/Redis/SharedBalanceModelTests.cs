using Cencori.Edge.Projects;
using Cencori.Edge.RateLimiting;
using Cencori.Edge.Tests.Infrastructure.Redis;

namespace Cencori.Edge.Tests.RateLimiting.Redis;

/// <summary>After any concurrent use by clients of two edges, no reservation remains, and the balance is reduced by exactly the usage.</summary>
public sealed class SharedBalanceModelTests(OneRedis redis) : IClassFixture<OneRedis>
{
    private const int Clients = 12;
    private const int Deeds = 150;
    private const long UnitsPerPermit = 60_000_000;

    [RedisTheory]
    [InlineData(1, 3)]
    [InlineData(2, 10)]
    [InlineData(3, null)]
    public async Task After_use_the_balances_equal_the_model(int seed, int? concurrent)
    {
        var limits = new RateLimits(1, 500, 3_000, concurrent);
        var project = $"prj_{Guid.NewGuid():N}";
        await using var edge = await LimiterOfOneEdge.StartAsync(redis.Server.Configuration);
        await using var other = await LimiterOfOneEdge.StartAsync(redis.Server.Configuration);
        var model = new Model();
        var started = TimeProvider.System.GetTimestamp();

        await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(() =>
            UseAsync(client % 2 == 0 ? edge : other, project, limits, new Random((seed * 100) + client), model))));
        await edge.Limiter.FlushAsync();
        await other.Limiter.FlushAsync();

        Assert.InRange(model.MaxRunning, 1, concurrent ?? Clients * Deeds);
        Assert.Equal(0, await redis.Server.HeldSlotsAsync(project));
        var minutes = TimeProvider.System.GetElapsedTime(started).TotalMinutes;
        await AssertLevelAsync(project, "requests", 500 - model.Admitted, 1 * minutes);
        await AssertLevelAsync(project, "tokens", 3_000 - model.Used, 3_000 * minutes);
    }

    private static async Task UseAsync(LimiterOfOneEdge edge, string project, RateLimits limits, Random random, Model model)
    {
        var running = new Queue<(RateLimitReservation Reservation, long Actual)>();
        for (var i = 0; i < Deeds; i++)
        {
            if (running.Count > 0 && random.Next(2) == 0)
            {
                End(running.Dequeue());
                continue;
            }

            var tokens = random.Next(60);
            var reservation = await edge.AcquireAsync(project, limits, tokens);
            if (reservation.IsAcquired)
            {
                var actual = random.Next(4) > 0 ? random.Next(20) : tokens;
                model.Begin(actual);
                running.Enqueue((reservation, actual));
            }
        }

        while (running.TryDequeue(out var one))
        {
            End(one);
        }

        void End((RateLimitReservation Reservation, long Actual) one)
        {
            model.End();
            one.Reservation.Settle(one.Actual);
            one.Reservation.Dispose();
        }
    }

    private async Task AssertLevelAsync(string project, string bucket, long left, double refilled)
    {
        var level = (double)await redis.Server.ExecuteAsync("HGET", $"cencori:{{{project}}}:balances", bucket) / UnitsPerPermit;
        Assert.InRange(level, left, left + refilled);
    }

    private sealed class Model
    {
        private readonly Lock _lock = new();
        private int _running;

        public int MaxRunning { get; private set; }

        public long Admitted { get; private set; }

        public long Used { get; private set; }

        public void Begin(long actual)
        {
            lock (_lock)
            {
                Admitted++;
                Used += actual;
                MaxRunning = Math.Max(MaxRunning, ++_running);
            }
        }

        public void End()
        {
            lock (_lock)
            {
                _running--;
            }
        }
    }
}
