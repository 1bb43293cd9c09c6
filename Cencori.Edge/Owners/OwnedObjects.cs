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
    /// <summary>How many are remembered while the database is away. What comes then counts as what was set aside, and nobody sees its end.</summary>
    public const int MostWaiting = 10_000;

    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(1);

    // A caller waits for it, with the last of its answer.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<(string, string, KeyEnvironment, string), OwnedObjectRecord> _waiting = new();
    private readonly Lock _closing = new();
    private long _failedAt;

    // While the database is away, not every caller waits to find that out.
    private bool IsAway => Volatile.Read(ref _failedAt) is not 0 and var at && time.GetElapsedTime(at) < BetweenTries;

    /// <summary>Writes it down, or remembers it.</summary>
    /// <returns>False: it is open already, since the provider gave the same id to an earlier request.</returns>
    public async Task<bool> AddAsync(OwnedObjectRecord owned)
    {
        if (_waiting.ContainsKey(KeyOf(owned)))
        {
            return false;
        }

        if (!IsAway && await TryAsync(database => InsertAsync(database, owned)) is { } isNew)
        {
            return isNew;
        }

        Log.NotWritten(logger, owned.ProjectId, owned.Provider);
        return _waiting.Count >= MostWaiting || _waiting.TryAdd(KeyOf(owned), owned);
    }

    /// <summary>What is open under this id; null: nothing, or it cannot be read now.</summary>
    public async Task<OwnedObjectRecord?> FindOpenAsync(string projectId, KeyEnvironment environment, string provider, string objectId)
    {
        if (_waiting.TryGetValue((projectId, provider, environment, objectId), out var remembered))
        {
            return remembered.ClosedAt is null ? remembered : null;
        }

        return IsAway ? null : await TryAsync(database => Rows(database, projectId, provider, environment, objectId).AsNoTracking().SingleOrDefaultAsync(owned => owned.ClosedAt == null));
    }

    /// <summary>Closes what is open. Of all that see its end, on any edge, one does, and has to count what it cost.</summary>
    public async Task<bool> TryCloseAsync(OwnedObjectRecord owned)
    {
        var now = time.GetUtcNow();
        lock (_closing)
        {
            // Written down already or not: whoever writes it down writes that it is closed.
            if (_waiting.TryGetValue(KeyOf(owned), out var remembered))
            {
                var isFirst = remembered.ClosedAt is null;
                remembered.ClosedAt ??= now;
                return isFirst;
            }
        }

        return await TryAsync(database => Rows(database, owned.ProjectId, owned.Provider, owned.Environment, owned.ObjectId)
            .Where(row => row.ClosedAt == null).ExecuteUpdateAsync(set => set.SetProperty(row => row.ClosedAt, now))) == 1;
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
        return open.Concat(_waiting.Values.Where(owned => owned.ProjectId == projectId && owned.ClosedAt == null && owned.CreatedAt >= from && owned.CreatedAt < to)).DistinctBy(KeyOf)
            .GroupBy(owned => owned.KeyId).ToDictionary(group => group.Key, group => group.Sum(owned => Picodollars.ToUsd(owned.Picodollars ?? 0)));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(BetweenTries, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            foreach (var owned in _waiting.Values)
            {
                if (!await TryWriteWaitingAsync(owned))
                {
                    break;
                }
            }
        }
    }

    private static (string, string, KeyEnvironment, string) KeyOf(OwnedObjectRecord owned) => (owned.ProjectId, owned.Provider, owned.Environment, owned.ObjectId);

    private static IQueryable<OwnedObjectRecord> Rows(EdgeDbContext database, string projectId, string provider, KeyEnvironment environment, string objectId) =>
        database.OwnedObjects.Where(owned => owned.ProjectId == projectId && owned.Provider == provider && owned.Environment == environment && owned.ObjectId == objectId);

    // Until it is forgotten here, nobody looks for it in the database; so it is forgotten only where both say the same.
    private async Task<bool> TryWriteWaitingAsync(OwnedObjectRecord owned)
    {
        while (true)
        {
            var closedAt = owned.ClosedAt;
            var isWritten = await TryAsync(async database =>
            {
                // An attempt that was given up may have succeeded.
                await InsertAsync(database, owned);
                return closedAt is null
                    || await Rows(database, owned.ProjectId, owned.Provider, owned.Environment, owned.ObjectId).ExecuteUpdateAsync(set => set.SetProperty(row => row.ClosedAt, closedAt)) >= 0;
            });
            if (!isWritten)
            {
                return false;
            }

            lock (_closing)
            {
                if (owned.ClosedAt == closedAt)
                {
                    _waiting.TryRemove(new(KeyOf(owned), owned));
                    return true;
                }
            }
        }
    }

    /// <returns>False: it is open already. Where the project is gone there is nothing to keep, and nobody to tell.</returns>
    private async Task<bool?> InsertAsync(EdgeDbContext database, OwnedObjectRecord owned)
    {
        var rows = Rows(database, owned.ProjectId, owned.Provider, owned.Environment, owned.ObjectId);
        try
        {
            // Some providers count from the beginning again.
            await rows.Where(row => row.ClosedAt != null).ExecuteDeleteAsync();
            database.OwnedObjects.Add(owned);
            await database.SaveChangesAsync();
            return true;
        }
        catch (Exception exception) when (system.IsConflict(exception))
        {
            return !await rows.AnyAsync();
        }
        finally
        {
            database.Entry(owned).State = EntityState.Detached;
        }
    }

    private async Task<T?> TryAsync<T>(Func<EdgeDbContext, Task<T>> work)
    {
        try
        {
            var trying = Task.Run(async () =>
            {
                await using var database = await contexts.CreateDbContextAsync();
                return await work(database);
            });
            var done = await trying.WaitAsync(Patience, time);
            Volatile.Write(ref _failedAt, 0);
            return done;
        }
        catch (Exception exception)
        {
            Volatile.Write(ref _failedAt, time.GetTimestamp());
            Log.Failed(logger, system.Explain(exception) is { } fault ? $"{system.Name} {fault.Reason}" : $"{system.Name} does not take it ({exception.GetType().Name})");
            return default;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(96, LogLevel.Warning, "What provider {Provider} does for project {ProjectId} in the background cannot be written down now; this edge remembers it.", EventName = "LaterWorkNotWritten")]
        public static partial void NotWritten(ILogger logger, string projectId, string provider);

        [LoggerMessage(97, LogLevel.Warning, "What providers do in the background cannot be read or written: {Fault}. It stays open until its end is seen again.", EventName = "LaterWorkAway")]
        public static partial void Failed(ILogger logger, string fault);
    }
}
