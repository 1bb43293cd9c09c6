using System.Collections.Concurrent;
using System.Threading.RateLimiting;
using Cencori.Edge.Projects;

namespace Cencori.Edge.RateLimiting;

/// <summary>
/// Enforces each project's limits in the memory of this process. One decision covers requests, tokens and concurrency: it takes
/// from all of them or from none. Never waits. Every lease is a <see cref="RateLimitReservation"/>.
/// </summary>
/// <remarks>
/// A permit is a request; each lease takes one concurrency slot. A call with 0 permits decides as with 1, but takes nothing.
/// With a negative token balance even a cost of 0 tokens is refused: the debt is paid first.
/// </remarks>
public sealed class MemoryRateLimiter : PartitionedRateLimiter<RateLimitCost>, ILimitLevels
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, ProjectBuckets> _projects = new(StringComparer.Ordinal);
    private readonly TimeProvider _time;
    private readonly ITimer _sweeper;
    private volatile bool _disposed;

    public MemoryRateLimiter(TimeProvider time)
    {
        _time = time;
        _sweeper = time.CreateTimer(static limiter => ((MemoryRateLimiter)limiter!).Sweep(), this, SweepInterval, SweepInterval);
    }

    /// <summary>Number of projects whose limits are in use, or became unused within the last minute.</summary>
    internal int ProjectCount => _projects.Count;

    /// <summary>
    /// Requests that the project could make now (<see cref="long.MaxValue"/> when unlimited), and its leases since its limits were
    /// last unused. Null if they are unused now. Reads only the project's id from the cost.
    /// </summary>
    public override RateLimiterStatistics? GetStatistics(RateLimitCost resource) =>
        _projects.TryGetValue(resource.ProjectId, out var project) ? project.Statistics() : null;

    /// <inheritdoc/>
    public ValueTask<LimitLevels> ReadAsync(string id, RateLimits limits, CancellationToken cancellation) =>
        new((_projects.GetValueOrDefault(id) ?? new ProjectBuckets(_time)).ReadLevels(limits, LimitStore.Memory));

    protected override RateLimitLease AttemptAcquireCore(RateLimitCost resource, int permitCount)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(resource.Tokens);

        while (true)
        {
            var project = _projects.GetOrAdd(resource.ProjectId, static (_, time) => new ProjectBuckets(time), _time);
            if (project.TryAcquire(resource, permitCount) is { } reservation)
            {
                return reservation;
            }

            // The buckets were retired after the look-up. Removing them here lets the next look-up create new ones, without waiting for the sweeper.
            Remove(resource.ProjectId, project);
        }
    }

    protected override ValueTask<RateLimitLease> AcquireAsyncCore(
        RateLimitCost resource, int permitCount, CancellationToken cancellationToken) =>
        new(AttemptAcquireCore(resource, permitCount));

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _disposed = true;
            _sweeper.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Sweep()
    {
        foreach (var (id, project) in _projects)
        {
            if (project.TryRetire())
            {
                Remove(id, project);
            }
        }
    }

    // Removes by key and value, because the id may already name new buckets.
    private void Remove(string id, ProjectBuckets project) => _projects.TryRemove(KeyValuePair.Create(id, project));
}
