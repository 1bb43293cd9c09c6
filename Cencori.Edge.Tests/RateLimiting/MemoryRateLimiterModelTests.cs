using System.Numerics;
using Cencori.Edge.Projects;
using Cencori.Edge.RateLimiting;
using CsCheck;
using Microsoft.Extensions.Time.Testing;

namespace Cencori.Edge.Tests.RateLimiting;

/// <summary>A random sequence of acquires, settlements, limit changes and time steps gives the same results as a simple model.</summary>
public sealed class MemoryRateLimiterModelTests
{
    private static readonly RateLimits[] Limits =
    [
        new(60, 3, 1_000, 3),
        new(7, null, 613, null),
        new(100_003, 5, 77, 1),
    ];

    private static readonly Gen<Step> Steps = Gen.Select(
        Gen.Enum<Deed>(), Gen.OneOf(Gen.Long[0, 1_200], Gen.Long[0, 900_000_000]), Gen.Int[0, 30], (deed, number, pick) =>
            new Step(deed, number, pick));

    private enum Deed
    {
        Advance,
        Acquire,
        Settle,
        Dispose,
    }

    [Fact]
    public void A_random_history_gives_the_same_results_as_the_model() =>
        Steps.Array[1, 60].Sample(Replay, iter: 3_000);

    private static void Replay(Step[] history)
    {
        var clock = new FakeTimeProvider();
        using var limiter = new MemoryRateLimiter(clock);
        var model = new Model();
        var running = new List<Running>();
        foreach (var step in history)
        {
            if (step.Deed == Deed.Advance)
            {
                clock.Advance(TimeSpan.FromTicks(step.Number));
                model.Advance(step.Number);
            }
            else if (step.Deed == Deed.Acquire)
            {
                // Limits change rarely, so that balances can run low under the same limits.
                var cost = new RateLimitCost("p", Limits[Math.Max(0, step.Pick - 28)], step.Number % 1_201);
                var reservation = (RateLimitReservation)limiter.AttemptAcquire(cost);
                Assert.Equal(model.Acquire(cost.Limits, cost.Tokens), Seen(reservation));
                if (reservation.IsAcquired)
                {
                    running.Add(new Running(reservation, cost.Tokens));
                }
            }
            else if (running.Count > 0)
            {
                var one = running[step.Pick % running.Count];
                if (step.Deed == Deed.Settle)
                {
                    one.Actual = step.Number % 2_000;
                    one.Reservation.Settle(one.Actual);
                }
                else
                {
                    one.Reservation.Dispose();
                    model.Release(one.Reserved - one.Actual);
                    running.Remove(one);
                }
            }
        }
    }

    private static Outcome Seen(RateLimitReservation reservation) => new(
        reservation.RefusedBy,
        reservation.RetryAfter?.Ticks,
        reservation.Requests!.Value.Remaining,
        reservation.Tokens!.Value.Remaining);

    private sealed record Step(Deed Deed, long Number, int Pick);

    private sealed record Outcome(string? RefusedBy, BigInteger? RetryAfter, BigInteger Requests, BigInteger Tokens);

    private sealed class Running(RateLimitReservation reservation, long reserved)
    {
        public RateLimitReservation Reservation => reservation;

        public long Reserved { get; } = reserved;

        public long Actual { get; set; } = reserved;
    }

    private sealed class Model
    {
        private readonly Balance _requests = new();
        private readonly Balance _tokens = new();
        private int _slots;

        public void Advance(long ticks)
        {
            _requests.Add(_requests.PerMinute * ticks);
            _tokens.Add(_tokens.PerMinute * ticks);
        }

        public Outcome Acquire(RateLimits limits, long tokens)
        {
            _requests.Change(limits.Burst ?? limits.RequestsPerMinute!.Value, limits.RequestsPerMinute!.Value);
            _tokens.Change(limits.TokensPerMinute!.Value, limits.TokensPerMinute.Value);
            var waits = new (string Limit, BigInteger? Ticks)[]
            {
                (LimitName.Requests, _requests.Wait(1)),
                (LimitName.Tokens, _tokens.Wait(tokens)),
                (LimitName.Concurrency, _slots >= limits.ConcurrentRequests ? TimeSpan.TicksPerSecond : 0),
            };
            var refusals = waits.Where(wait => wait.Ticks != BigInteger.Zero)
                .OrderBy(wait => wait.Ticks is null ? 0 : 1).ThenByDescending(wait => wait.Ticks).ToList();
            if (refusals.Count == 0)
            {
                _requests.Add(-Balance.Permit);
                _tokens.Add(-Balance.Permit * tokens);
                _slots++;
            }

            var first = refusals.FirstOrDefault();
            return new(first.Limit, first.Ticks, _requests.Remaining, _tokens.Remaining);
        }

        public void Release(long givenBack)
        {
            _slots--;
            _tokens.Add(Balance.Permit * givenBack);
        }
    }

    private sealed class Balance
    {
        public static readonly BigInteger Permit = TimeSpan.TicksPerMinute;

        private BigInteger _full;
        private BigInteger _level;

        public BigInteger PerMinute { get; private set; }

        public BigInteger Remaining => BigInteger.Max(0, _level) / Permit;

        public void Change(long capacity, long perMinute)
        {
            var wasFull = _level == _full;
            (_full, PerMinute) = (Permit * capacity, perMinute);
            _level = wasFull ? _full : BigInteger.Min(_full, _level);
        }

        public void Add(BigInteger units) => _level = BigInteger.Min(_full, _level + units);

        public BigInteger? Wait(long permits)
        {
            var missing = (Permit * permits) - _level;
            return Permit * permits > _full ? null
                : missing <= 0 ? BigInteger.Zero
                : (missing + PerMinute - 1) / PerMinute;
        }
    }
}
