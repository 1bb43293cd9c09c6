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

    // Maximum number of batches of one namespace before the other namespaces have their turn.
    private const int BatchesAtOnce = 10;

    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan PauseBetweenPaid = TimeSpan.FromHours(6);
    private static readonly TimeSpan PauseAfterRefusal = TimeSpan.FromHours(1);

    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly ConcurrentDictionary<(string Id, int Generation), (TimeSpan Pause, DateTimeOffset Until)> _failing = new();
    private HashSet<(string Id, int Generation)> _stale = [];

    /// <summary>Starts the next run at once.</summary>
    /// <param name="namespaceId">Also ends the pause that this namespace has after a failure. Null: ends no pause.</param>
    public void Wake(string? namespaceId = null)
    {
        if (namespaceId is not null)
        {
            Forget(id => id == namespaceId);
        }

        try
        {
            _wake.Release();
        }
        catch (SemaphoreFullException)
        {
            // A wake-up is already pending.
        }
    }

    /// <summary>Does all background work that can be done now.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        cache.Trim();
        if (!await store.AnyAsync(cancellation))
        {
            return;
        }

        await SweepAsync(cancellation);
        while (await EmbedAsync(cancellation))
        {
            // Repeats while there is work. Each namespace does a limited number of batches per turn, so it delays the others by one turn at most.
        }
    }

    public override void Dispose()
    {
        _wake.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var woken = _wake.WaitAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.WhenAny(Task.Delay(Interval, time, stoppingToken), woken);
            if (woken.IsCompleted)
            {
                woken = _wake.WaitAsync(stoppingToken);
            }

            if (startup.IsPrepared && !stoppingToken.IsCancellationRequested)
            {
                await TryAsync(null, RunAsync, stoppingToken);
            }
        }
    }

    private async Task SweepAsync(CancellationToken cancellation)
    {
        var (deleted, expired) = await store.ListToCleanUpAsync(cancellation);
        foreach (var space in deleted)
        {
            await cache.DropAsync(space.Id);
            await LeasedAsync(space, (_, token) => store.ClearAsync(space, token), cancellation);
        }

        foreach (var space in expired)
        {
            await LeasedAsync(space, async (_, token) =>
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

    // Embeds entries of all namespaces, one turn each. True: more entries can be embedded without a pause.
    private async Task<bool> EmbedAsync(CancellationToken cancellation)
    {
        var spaces = await store.ToEmbedAsync(cancellation);
        var ids = spaces.Select(space => space.Id).ToHashSet(StringComparer.Ordinal);
        Forget(id => !ids.Contains(id));
        var hasMore = false;
        foreach (var space in spaces.Where(HasDueWork))
        {
            await LeasedAsync(space, async (work, token) => hasMore |= await EmbedAsync(work, token), cancellation);
        }

        return hasMore;
    }

    private void Forget(Predicate<string> isOf)
    {
        foreach (var key in _failing.Keys.Where(key => isOf(key.Id)).ToList())
        {
            _failing.TryRemove(key, out _);
        }
    }

    // Runs act while this edge holds the lease on the namespace. A failure in one namespace does not stop the work on others.
    private Task LeasedAsync(MemoryNamespaceRecord space, Func<Work, CancellationToken, Task> act, CancellationToken cancellation) => TryAsync(space.Id, async token =>
    {
        if (await store.LeaseAsync(space, null, token) is { } lease)
        {
            var work = new Work(space) { Lease = lease };
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
