using System.Collections.Concurrent;
using System.Threading.RateLimiting;
using Cencori.Edge.Projects;
using Cencori.Edge.Redis;

namespace Cencori.Edge.RateLimiting.Redis;

/// <summary>
/// Enforces each project's limits in Redis, so that all edges share one balance. Decides as <see cref="MemoryRateLimiter"/>
/// does. While Redis is unavailable, <see cref="RateLimitingOptions.OnRedisFailure"/> applies.
/// </summary>
/// <remarks>
/// <para>
/// Exact as long as Redis keeps its data: N edges together admit at most capacity + refill × time. A Redis that comes back
/// empty starts with the balance that the first calling edge remembers.
/// </para>
/// <para>
/// If a call has no reply within <see cref="RateLimitingOptions.RedisTimeout"/>, all waiting requests are decided without Redis,
/// and later requests do not wait. No acquire throws. What Redis took in a call whose reply was lost is returned later.
/// </para>
/// </remarks>
public sealed class RedisRateLimiter : PartitionedRateLimiter<RateLimitCost>, ILimitLevels
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromMinutes(1);

    // Renews this many projects, and then pauses. Thousands of concurrent calls would delay each other, and every acquire, beyond the timeout of a call.
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

    /// <summary>Statistics of this edge alone: see <see cref="MemoryRateLimiter.GetStatistics"/>.</summary>
    public override RateLimiterStatistics? GetStatistics(RateLimitCost resource) =>
        _projects.TryGetValue(resource.ProjectId, out var project) ? project.Statistics() : null;

    /// <inheritdoc/>
    public async ValueTask<LimitLevels> ReadAsync(string id, RateLimits limits, CancellationToken cancellation)
    {
        var localLevels = (_projects.GetValueOrDefault(id) ?? new RedisProject(_redis, id)).ReadLevels(limits);
        return _redis.Availability.IsAvailable && await _redis.ReadStateAsync(id, cancellation) is { } redisLevels ? redisLevels.Levels(limits, localLevels.Slots) : localLevels;
    }

    /// <summary>
    /// With 0 permits: returns a refusal if it is certain without Redis, or else an acquired lease, which reserves nothing.
    /// </summary>
    /// <exception cref="NotSupportedException">With 1 or more permits: use <c>AcquireAsync</c>, which asks Redis.</exception>
    protected override RateLimitLease AttemptAcquireCore(RateLimitCost resource, int permitCount)
    {
        if (permitCount > 0)
        {
            // Blocking a pool thread on Redis would starve the pool that has to deliver the reply.
            throw new NotSupportedException("Limits in Redis need an asynchronous call. Use AcquireAsync.");
        }

        return _projects.TryGetValue(resource.ProjectId, out var project) && project.Peek(resource, permitCount) is { } refusal
            ? refusal
            : new RedisReservation(default, null, 0, null, 0);
    }

    // Ignores cancellation: after a cancelled wait, the reservation that Redis may have made would never be released. The wait is short.
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

    /// <summary>Waits until the usage of every ended request is reported to Redis. Gives up if Redis is unavailable, or after the flush timeout.</summary>
    internal async Task FlushAsync()
    {
        var started = _redis.Time.GetTimestamp();
        while (_redis.Availability.IsAvailable && _projects.Values.Any(project => !project.IsIdle) && _redis.Time.GetElapsedTime(started) < FlushTimeout)
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
                // The failure was counted and logged already. ReconfigureAsync finds a new master.
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

    // Removes by key and value, because the id may already name a newer object.
    private void Remove(RedisProject project) => _projects.TryRemove(KeyValuePair.Create(project.Id, project));
}
