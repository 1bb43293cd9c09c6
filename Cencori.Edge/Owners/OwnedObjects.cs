using System.Collections.Concurrent;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Owners;

/// <summary>
/// What providers keep for projects and are paid for later, in the database, so that every edge can see how it ends. While the database is
/// away this edge remembers it, and writes it down as soon as it can.
/// </summary>
public sealed partial class OwnedObjects(IDbContextFactory<EdgeDbContext> contexts, IDatabaseSystem system, TimeProvider time, ILogger<OwnedObjects> logger) : BackgroundService
{
    /// <summary>How many are remembered while the database is away. What comes then counts as what was set aside, and stays open in nobody's list.</summary>
    public const int MostWaiting = 10_000;

    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(1);

    // A caller waits for it, with the last byte of its answer.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<(string ProjectId, string Provider, string ObjectId), OwnedObjectRecord> _waiting = new();

    /// <summary>Writes it down, or remembers it.</summary>
    public async Task AddAsync(OwnedObjectRecord owned)
    {
        if (!await TryWriteAsync(owned) && _waiting.Count < MostWaiting)
        {
            _waiting.TryAdd(KeyOf(owned), owned);
        }
    }

    /// <summary>What is open under this id; null: nothing, or it cannot be read now.</summary>
    public async Task<OwnedObjectRecord?> FindOpenAsync(string projectId, KeyEnvironment environment, string provider, string objectId)
    {
        if (_waiting.TryGetValue((projectId, provider, objectId), out var remembered))
        {
            return remembered;
        }

        return await TryAsync(
            (database, cancellation) => Open(database, projectId, provider, objectId).Where(owned => owned.Environment == environment).AsNoTracking().SingleOrDefaultAsync(cancellation),
            () => Log.NotClosed(logger, projectId, provider));
    }

    /// <summary>Closes what is open. Of all that see its end, on any edge, one does, and has to count what it cost.</summary>
    public async Task<bool> TryCloseAsync(OwnedObjectRecord owned)
    {
        if (_waiting.TryRemove(new(KeyOf(owned), owned)))
        {
            return true;
        }

        var now = time.GetUtcNow();
        return await TryAsync(
            (database, cancellation) => Open(database, owned.ProjectId, owned.Provider, owned.ObjectId)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.ClosedAt, now), cancellation),
            () => Log.NotClosed(logger, owned.ProjectId, owned.Provider)) == 1;
    }

    /// <summary>What is open, the oldest first.</summary>
    public async Task<List<OwnedObjectRecord>> ListOpenAsync(string projectId, int most, CancellationToken cancellation)
    {
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        return await database.OwnedObjects.AsNoTracking().Where(owned => owned.ProjectId == projectId && owned.ClosedAt == null)
            .OrderBy(owned => owned.CreatedAt).Take(most).ToListAsync(cancellation);
    }

    /// <summary>What is set aside for what is open of those that were begun in a time, in US dollars, by key; of other edges so far as they have written it down.</summary>
    public async Task<Dictionary<string, decimal>> OpenSpendAsync(string projectId, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        var open = await database.OwnedObjects.AsNoTracking()
            .Where(owned => owned.ProjectId == projectId && owned.ClosedAt == null && owned.CreatedAt >= from && owned.CreatedAt < to && owned.Picodollars != null).ToListAsync(cancellation);
        return open.Concat(_waiting.Values.Where(owned => owned.ProjectId == projectId && owned.CreatedAt >= from && owned.CreatedAt < to)).DistinctBy(KeyOf)
            .GroupBy(owned => owned.KeyId).ToDictionary(group => group.Key, group => group.Sum(owned => Picodollars.ToUsd(owned.Picodollars ?? 0)));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(BetweenTries, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            foreach (var (key, owned) in _waiting)
            {
                if (!await TryWriteAsync(owned))
                {
                    break;
                }

                _waiting.TryRemove(new(key, owned));
            }
        }
    }

    private static (string, string, string) KeyOf(OwnedObjectRecord owned) => (owned.ProjectId, owned.Provider, owned.ObjectId);

    private static IQueryable<OwnedObjectRecord> Open(EdgeDbContext database, string projectId, string provider, string objectId) =>
        database.OwnedObjects.Where(owned => owned.ProjectId == projectId && owned.Provider == provider && owned.ObjectId == objectId && owned.ClosedAt == null);

    private Task<bool> TryWriteAsync(OwnedObjectRecord owned) => TryAsync(
        async (database, cancellation) =>
        {
            database.OwnedObjects.Add(owned);
            try
            {
                await database.SaveChangesAsync(cancellation);
            }
            catch (DbUpdateException exception) when (system.Explain(exception) is not { IsAway: true })
            {
                // The same id again, or a project that is gone: there is nothing to keep.
            }

            return true;
        },
        () => Log.NotWritten(logger, owned.ProjectId, owned.Provider));

    private async Task<T?> TryAsync<T>(Func<EdgeDbContext, CancellationToken, Task<T>> work, Action onFailure)
    {
        try
        {
            using var patience = new CancellationTokenSource(Patience, time);
            await using var database = await contexts.CreateDbContextAsync(patience.Token);
            return await work(database, patience.Token);
        }
        catch (Exception exception) when (exception is OperationCanceledException || system.Explain(exception) is { IsAway: true })
        {
            onFailure();
            return default;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(96, LogLevel.Warning, "What provider {Provider} does for project {ProjectId} in the background cannot be written down now; this edge remembers it.", EventName = "LaterWorkNotWritten")]
        public static partial void NotWritten(ILogger logger, string projectId, string provider);

        [LoggerMessage(97, LogLevel.Warning, "What provider {Provider} has done for project {ProjectId} in the background cannot be counted now; it stays open until its end is seen again.", EventName = "LaterWorkNotClosed")]
        public static partial void NotClosed(ILogger logger, string projectId, string provider);
    }
}
