using System.Collections.Concurrent;
using System.Threading.RateLimiting;
using Cencori.Edge.Projects;
using Cencori.Edge.Redis;

namespace Cencori.Edge.RateLimiting;

/// <summary>
/// Enforces each project's limits from Redis, so that all edges share one balance. Decides as <see cref="MemoryRateLimiter"/>
/// does; while Redis is away, <see cref="RateLimitingOptions.OnRedisFailure"/> says how.
/// </summary>
/// <remarks>
/// <para>
/// Exact while Redis keeps its memory: what N edges admit together in a time is at most capacity + refill × time. A Redis that
/// comes back empty begins at the balance that the first edge to ask remembers.
/// </para>
/// <para>
/// A call that is not answered within <see cref="RateLimitingOptions.RedisTimeout"/> decides without Redis for all who wait, and from
/// then on nobody waits. No acquire throws. What a Redis took for them whose reply did not arrive is given back.
/// </para>
/// </remarks>
public sealed class RedisRateLimiter : PartitionedRateLimiter<RateLimitCost>, ILimitLevels
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromMinutes(1);

    // Thousands of calls at once would keep each other, and every acquire behind them, waiting for longer than a call may take.
    private const int RenewalsAtOnce = 100;
    private static readonly TimeSpan RenewalPause = TimeSpan.FromMilliseconds(10);

    private static readonly TimeSpan FlushTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FlushInterval = TimeSpan.FromMilliseconds(5);

    private readonly ConcurrentDictionary<string, RedisProject> _projects = new(StringComparer.Ordinal);
    private readonly RedisLimits _redis;
    private readonly ITimer _sweeper;
    private readonly ITimer _renewer;
    private readonly CancellationTokenSource _disposed = new();

    internal RedisRateLimiter(RedisLimits redis)
    {
        _redis = redis;
        _sweeper = redis.Time.CreateTimer(static limiter => ((RedisRateLimiter)limiter!).Sweep(), this, SweepInterval, SweepInterval);
        _renewer = redis.Time.CreateTimer(static limiter => ((RedisRateLimiter)limiter!).Renew(), this, redis.SlotLifetime / 3, redis.SlotLifetime / 3);
        redis.Availability.BecameUnavailable += StartProbing;
        redis.Restored += Renew;
    }

    /// <summary>Of this edge alone: see <see cref="MemoryRateLimiter.GetStatistics"/>.</summary>
    public override RateLimiterStatistics? GetStatistics(RateLimitCost resource) =>
        _projects.TryGetValue(resource.ProjectId, out var project) ? project.Statistics() : null;

    /// <inheritdoc/>
    public async ValueTask<LimitLevels> ReadAsync(string id, RateLimits limits, CancellationToken cancellation)
    {
        var here = (_projects.GetValueOrDefault(id) ?? new RedisProject(_redis, id)).Look(limits);
        return _redis.Availability.IsAvailable && await _redis.ReadStateAsync(id, cancellation) is { } there ? there.Levels(limits, here.Slots) : here;
    }

    /// <summary>
    /// Of no permits: a refusal that is certain without asking Redis, else a lease that promises nothing.
    /// </summary>
    /// <exception cref="NotSupportedException">Of any permits: Redis is asked with <c>AcquireAsync</c>.</exception>
    protected override RateLimitLease AttemptAcquireCore(RateLimitCost resource, int permitCount)
    {
        if (permitCount > 0)
        {
            // Waiting for Redis on a thread of the pool starves the pool that would bring its reply.
            throw new NotSupportedException("A limit that is kept in Redis is asked asynchronously.");
        }

        return _projects.TryGetValue(resource.ProjectId, out var project) && project.Peek(resource, permitCount) is { } refusal
            ? refusal
            : new RedisReservation(default, null, 0, null, 0);
    }

    // Cancellation would leave in Redis what nobody releases; the wait is short.
    protected override ValueTask<RateLimitLease> AcquireAsyncCore(RateLimitCost resource, int permitCount, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed.IsCancellationRequested, this);
        ArgumentOutOfRangeException.ThrowIfNegative(resource.Tokens);

        while (true)
        {
            var project = _projects.GetOrAdd(resource.ProjectId, static (id, redis) => new RedisProject(redis, id), _redis);
            if (project.TryAcquire(resource, permitCount, out var lease))
            {
                return lease;
            }

            Remove(project);
        }
    }

    /// <summary>Waits until Redis knows of every request that has ended; not if it is away, and not for ever.</summary>
    internal async Task FlushAsync()
    {
        var started = _redis.Time.GetTimestamp();
        while (_redis.Availability.IsAvailable && _projects.Values.Any(project => !project.IsQuiet) && _redis.Time.GetElapsedTime(started) < FlushTimeout)
        {
            await Task.Delay(FlushInterval, _redis.Time);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _redis.Availability.BecameUnavailable -= StartProbing;
            _redis.Restored -= Renew;
            _disposed.Cancel();
            _sweeper.Dispose();
            _renewer.Dispose();
        }

        base.Dispose(disposing);
    }

    private void StartProbing(string projectId) => _ = ProbeAsync(projectId);

    private async Task ProbeAsync(string projectId)
    {
        while (!_disposed.IsCancellationRequested)
        {
            try
            {
                await _redis.ProbeAsync(projectId);
                _redis.Availability.Restore();
                Renew();
                return;
            }
            catch (Exception)
            {
                // Counted and logged when it was lost. A new master is found by asking for it.
            }

            await _redis.ReconfigureAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await Task.Delay(RedisAvailability.ProbeInterval, _redis.Time, _disposed.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Renew() => _ = RenewAsync();

    private async Task RenewAsync()
    {
        var calls = 0;
        foreach (var project in _projects.Values)
        {
            if (project.Renew() && ++calls % RenewalsAtOnce == 0)
            {
                await Task.Delay(RenewalPause, _redis.Time);
            }
        }
    }

    private void Sweep()
    {
        foreach (var project in _projects.Values)
        {
            if (project.TryRetire())
            {
                Remove(project);
            }
        }
    }

    // By key and value: the id may already name another.
    private void Remove(RedisProject project) => _projects.TryRemove(KeyValuePair.Create(project.Id, project));
}
