using BenchmarkDotNet.Attributes;
using Cencori.Edge.Projects;
using Cencori.Edge.RateLimiting;

namespace Cencori.Edge.Bench.Micro;

/// <summary>In-memory limits: reserves a request, tokens and a slot, settles the actual tokens, and returns the slot.</summary>
public class LimiterBench
{
    private const int Projects = 10_000;
    private const long Plenty = 1_000_000_000_000;

    private static readonly RateLimits Limits = new(Plenty, Plenty, Plenty, 1_000_000);
    private static readonly MemoryRateLimiter Limiter = new(TimeProvider.System);

    private readonly RateLimitCost[] _costs = [.. Enumerable.Range(0, Projects).Select(number => new RateLimitCost($"prj_{number:x32}", Limits, 300))];
    private readonly RateLimitCost _exhausted = new("prj_exhausted", new RateLimits(1, 1, null, null), 0);
    private int _next;

    [GlobalSetup]
    public void Exhaust() => Limiter.AttemptAcquire(_exhausted).Dispose();

    [Benchmark(Description = "acquire and settle, one project")]
    public void One() => Take(_costs[0]);

    [Benchmark(Description = "acquire and settle, 10,000 projects")]
    public void Many()
    {
        _next = _next + 1 == Projects ? 0 : _next + 1;
        Take(_costs[_next]);
    }

    // As in a flood: checked before the body is read, and refused. A limit of one per minute admits one now and then.
    [Benchmark(Description = "refuse")]
    public bool Refuse()
    {
        using var probe = Limiter.AttemptAcquire(_exhausted, permitCount: 0);
        return probe.IsAcquired;
    }

    private static void Take(in RateLimitCost cost)
    {
        using var lease = (RateLimitReservation)Limiter.AttemptAcquire(cost);
        lease.Settle(120);
    }
}
