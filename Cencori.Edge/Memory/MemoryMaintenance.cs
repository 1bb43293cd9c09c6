using System.Collections.Concurrent;
using Cencori.Edge.Memory.Search;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Startup;

namespace Cencori.Edge.Memory;

/// <summary>
/// Background work on namespaces: deletes expired and deleted entries, embeds entries without a vector, and builds the next generation of vectors.
/// Any edge can continue the work of another.
/// </summary>
internal sealed partial class MemoryMaintenance(
    MemoryStore store, MemoryEmbedder embedder, VectorCache cache, ProjectCache projects, DatabaseStartup startup, TimeProvider time, ILogger<MemoryMaintenance> logger)
    : BackgroundService
{
    /// <summary>Time between two runs of <see cref="RunAsync"/>.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(20);

    private const int AtOnce = 64;

    // Maximum number of batches, and about the longest time, of one namespace before the other namespaces have their turn.
    private const int BatchesAtOnce = 10;

    private static readonly TimeSpan TurnTime = TimeSpan.FromSeconds(30);

    // Number of projects whose entries are embedded at the same time. Those of one project are embedded one request after the other.
    private const int ProjectsAtOnce = 8;

    private readonly SemaphoreSlim _wakeSweep = new(0, 1);
    private readonly SemaphoreSlim _wakeEmbedding = new(0, 1);
    private readonly ConcurrentDictionary<(string Id, int Generation), (TimeSpan Pause, DateTimeOffset Until)> _failing = new();
    private readonly ConcurrentDictionary<(string Id, int Generation), Pass> _passes = new();
    private readonly ConcurrentDictionary<string, long> _turns = new(StringComparer.Ordinal);
    private HashSet<(string Id, int Generation)> _stale = [];

    /// <summary>Starts the next run at once.</summary>
    /// <param name="namespaceId">Also ends the pause that this namespace has after a failure. Null: ends no pause.</param>
    public void Wake(string? namespaceId = null)
    {
        if (namespaceId is not null)
        {
            Forget(id => id == namespaceId);
        }

        Release(_wakeSweep);
        Release(_wakeEmbedding);
    }

    /// <summary>Does all background work that can be done now.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        await SweepAsync(cancellation);
        await EmbedAllAsync(cancellation);
    }

    public override void Dispose()
    {
        _wakeSweep.Dispose();
        _wakeEmbedding.Dispose();
        base.Dispose();
    }

    // Deleting does not wait for embedding, because a provider may be slow.
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(RepeatAsync(SweepAsync, _wakeSweep, stoppingToken), RepeatAsync(EmbedAllAsync, _wakeEmbedding, stoppingToken));

    private async Task RepeatAsync(Func<CancellationToken, Task> act, SemaphoreSlim wake, CancellationToken stoppingToken)
    {
        var woken = wake.WaitAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.WhenAny(Task.Delay(Interval, time, stoppingToken), woken);
            if (woken.IsCompleted)
            {
                woken = wake.WaitAsync(stoppingToken);
            }

            if (startup.IsPrepared && !stoppingToken.IsCancellationRequested)
            {
                await TryAsync(null, act, stoppingToken);
            }
        }
    }

    private static void Release(SemaphoreSlim wake)
    {
        try
        {
            wake.Release();
        }
        catch (SemaphoreFullException)
        {
            // A wake-up is already pending.
        }
    }

    private async Task SweepAsync(CancellationToken cancellation)
    {
        cache.Trim();
        if (!await store.AnyAsync(cancellation))
        {
            return;
        }

        var (deleted, expired) = await store.ListToCleanUpAsync(cancellation);
        foreach (var space in deleted)
        {
            await cache.DropAsync(space.Id);
            await LeasedAsync(space, (_, token) => store.ClearAsync(space, token), cancellation);
        }

        foreach (var space in expired)
        {
            // Without the lease, which an edge holds while it embeds. Each batch locks the namespace.
            await TryAsync(space.Id, async token =>
            {
                while (await store.ExpireAsync(space, token) > 0)
                {
                    token.ThrowIfCancellationRequested();
                }
            }, cancellation);
        }

        var stale = await store.StaleGenerationsAsync(cancellation);
        foreach (var (space, generation) in stale.Where(one => _stale.Contains((one.Space.Id, one.Generation))))
        {
            // A search that read the namespace before its switch to a new generation may still use the old vectors. So these are deleted one run later.
            await LeasedAsync(space, (_, token) => store.ClearVectorsAsync(space, generation, token), cancellation);
        }

        _stale = [.. stale.Select(one => (one.Space.Id, one.Generation))];
    }

    // Runs act while this edge holds the lease on the namespace. A failure in one namespace does not stop the work on others.
    private Task LeasedAsync(MemoryNamespaceRecord space, Func<Work, CancellationToken, Task> act, CancellationToken cancellation) => TryAsync(space.Id, async token =>
    {
        if (await store.LeaseAsync(space, null, token) is { } lease)
        {
            var work = new Work(space, time.GetTimestamp()) { Lease = lease };
            try
            {
                await act(work, token);
            }
            finally
            {
                await store.EndLeaseAsync(space, work.Lease);
            }
        }
    }, cancellation);

    private async Task TryAsync(string? namespaceId, Func<CancellationToken, Task> act, CancellationToken cancellation)
    {
        try
        {
            await act(cancellation);
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested)
        {
            Log.Failed(logger, namespaceId ?? "all namespaces", exception.GetType().Name);
        }
        catch (Exception) when (namespaceId is null)
        {
            // The edge is stopping.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(370, LogLevel.Warning, "The background work on memory failed for {Namespace} ({Fault}). The edge tries again.", EventName = "MemoryUpkeepFailed")]
        public static partial void Failed(ILogger logger, string @namespace, string fault);
    }
}
