using System.Collections.Concurrent;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Systems;
using Cencori.Edge.Telemetry;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Owners;

/// <summary>
/// Remembers objects that providers store, such as batches, whose cost is known only at their end. An object is open until its cost is counted. Objects are in
/// the database, so that any edge can count their cost. While the database is unavailable, this edge keeps new objects in memory, and writes them later.
/// </summary>
public sealed partial class OwnedObjects(IDbContextFactory<EdgeDbContext> contexts, IDatabaseSystem system, TimeProvider time, ILogger<OwnedObjects> logger) : BackgroundWriter
{
    /// <summary>Maximum number of objects in memory while the database is unavailable. Half of them may be closed ones. Further objects are not stored: an
    /// open one is charged with its reserved amount, because no edge detects its end.</summary>
    public const int MaxWaiting = 10_000;

    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    // Timeout of one database operation. Short, because a caller waits for the operation before the last part of its response.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<(string, string, KeyEnvironment, string), OwnedObjectRecord> _waiting = new();
    private readonly Lock _closing = new();
    private readonly ThrottledWarning _warning = new(time);
    private long _unavailableAt;

    // For RetryInterval after a failure, database operations fail at once, so that not every caller waits for a timeout.
    private bool IsUnavailable => Volatile.Read(ref _unavailableAt) is not 0 and var at && time.GetElapsedTime(at) < RetryInterval;

    /// <summary>Writes the object to the database, or keeps it in memory.</summary>
    /// <returns>False: the object is open already, because the provider gave the same id to an earlier request.</returns>
    public async Task<bool> AddAsync(OwnedObjectRecord owned)
    {
        if (_waiting.ContainsKey(KeyOf(owned)))
        {
            return false;
        }

        var (outcome, isNew) = IsUnavailable ? (Outcome.Unavailable, false) : await TryAsync(database => InsertAsync(database, owned));
        if (outcome == Outcome.Done)
        {
            return isNew;
        }

        if (_waiting.Count >= (owned.ClosedAt is null ? MaxWaiting : MaxWaiting / 2))
        {
            if (owned.ClosedAt is null && _warning.IsDue())
            {
                Log.Full(logger);
            }

            return true;
        }

        return _waiting.TryAdd(KeyOf(owned), owned);
    }

    /// <summary>Finds the object with this id, if its cost is not counted yet. Null: there is no such object, or the database cannot be read now.</summary>
    public async Task<OwnedObjectRecord?> FindOpenAsync(string projectId, KeyEnvironment environment, string provider, string objectId)
    {
        if (_waiting.TryGetValue((projectId, provider, environment, objectId), out var remembered))
        {
            return remembered.ClosedAt is null ? remembered : null;
        }

        return IsUnavailable ? null : (await TryAsync(database =>
            Rows(database, projectId, provider, environment, objectId).AsNoTracking().SingleOrDefaultAsync(owned => owned.ClosedAt == null))).Result;
    }

    /// <summary>Closes an object. Of all callers on all edges that see the object's end, only one gets true. That caller must count the cost.</summary>
    public async Task<bool> TryCloseAsync(OwnedObjectRecord owned)
    {
        var now = time.GetUtcNow();
        lock (_closing)
        {
            // The background writer will store ClosedAt, even if it is writing the object at this moment.
            if (_waiting.TryGetValue(KeyOf(owned), out var remembered))
            {
                var isFirst = remembered.ClosedAt is null;
                remembered.ClosedAt ??= now;
                return isFirst;
            }
        }

        // After a timeout this caller does not count the cost. If the database operation still succeeds later, it is undone, so that another caller can count.
        return (await TryAsync(database => CloseAsync(database, owned, now), late => late == 1 ? ReopenAsync(owned, now) : Task.CompletedTask)).Result == 1;
    }

    /// <summary>Lists the objects whose cost is not counted yet, the oldest first.</summary>
    public async Task<List<OwnedObjectRecord>> ListOpenAsync(string projectId, int max, CancellationToken cancellation)
    {
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        return await database.OwnedObjects.AsNoTracking().Where(owned => owned.ProjectId == projectId && owned.ClosedAt == null)
            .OrderBy(owned => owned.CreatedAt).Take(max).ToListAsync(cancellation);
    }

    /// <summary>Sums, by API key, the reserved US dollars of open objects (cost not counted yet). Objects only in the memory of other edges are missing.</summary>
    public async Task<Dictionary<string, decimal>> OpenSpendAsync(string projectId, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        var open = await database.OwnedObjects.Where(owned => owned.ProjectId == projectId && owned.ClosedAt == null && owned.CreatedAt >= from && owned.CreatedAt < to && owned.Picodollars != null)
            .GroupBy(owned => owned.KeyId).Select(key => new { key.Key, Picodollars = key.Sum(owned => owned.Picodollars) }).ToListAsync(cancellation);
        var remembered = _waiting.Values.Where(owned => owned.ProjectId == projectId && owned.ClosedAt is null && owned.CreatedAt >= from && owned.CreatedAt < to);
        return open.Select(key => (key.Key, key.Picodollars)).Concat(remembered.Select(owned => (owned.KeyId, owned.Picodollars)))
            .GroupBy(part => part.Item1).ToDictionary(key => key.Key, key => key.Sum(part => Picodollars.ToUsd(part.Item2 ?? 0)));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        do
        {
            await Task.Delay(RetryInterval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            foreach (var owned in _waiting.Values)
            {
                if (await TryWriteWaitingAsync(owned) == Outcome.Unavailable)
                {
                    break;
                }
            }
        }
        while (!stoppingToken.IsCancellationRequested);
    }

    private static (string, string, KeyEnvironment, string) KeyOf(OwnedObjectRecord owned) => (owned.ProjectId, owned.Provider, owned.Environment, owned.ObjectId);

    private static IQueryable<OwnedObjectRecord> Rows(EdgeDbContext database, string projectId, string provider, KeyEnvironment environment, string objectId) =>
        database.OwnedObjects.Where(owned => owned.ProjectId == projectId && owned.Provider == provider && owned.Environment == environment && owned.ObjectId == objectId);

    private static IQueryable<OwnedObjectRecord> Rows(EdgeDbContext database, OwnedObjectRecord owned) =>
        Rows(database, owned.ProjectId, owned.Provider, owned.Environment, owned.ObjectId);

    private static Task<int> CloseAsync(EdgeDbContext database, OwnedObjectRecord owned, DateTimeOffset? at) =>
        Rows(database, owned).Where(row => row.ClosedAt == null && row.RequestId == owned.RequestId).ExecuteUpdateAsync(set => set.SetProperty(row => row.ClosedAt, at));

    private async Task ReopenAsync(OwnedObjectRecord owned, DateTimeOffset closedAt) => await TryAsync(database =>
        Rows(database, owned).Where(row => row.ClosedAt == closedAt).ExecuteUpdateAsync(set => set.SetProperty(row => row.ClosedAt, (DateTimeOffset?)null)));

    // Lookups prefer the object in memory, so this method removes the object from memory only when the database has the same state.
    private async Task<Outcome> TryWriteWaitingAsync(OwnedObjectRecord owned)
    {
        while (true)
        {
            var closedAt = owned.ClosedAt;
            var (outcome, _) = await TryAsync(async database =>
            {
                await InsertAsync(database, owned);
                return closedAt is null ? 0 : await CloseAsync(database, owned, closedAt);
            });
            if (outcome == Outcome.Unavailable)
            {
                return outcome;
            }

            lock (_closing)
            {
                // If the database has refused the object, a retry would fail again, so the object is dropped.
                if (owned.ClosedAt == closedAt || outcome == Outcome.Refused)
                {
                    _waiting.TryRemove(new(KeyOf(owned), owned));
                    return outcome;
                }
            }
        }
    }

    /// <returns>False: the object is open already, for another request.</returns>
    private async Task<bool> InsertAsync(EdgeDbContext database, OwnedObjectRecord owned)
    {
        try
        {
            // Some providers reuse ids, so a closed row is replaced. A row of the same request stays: an attempt that timed out may have written it.
            await Rows(database, owned).Where(row => row.ClosedAt != null && row.RequestId != owned.RequestId).ExecuteDeleteAsync();
            database.OwnedObjects.Add(owned);
            await database.SaveChangesAsync();
            return true;
        }
        catch (Exception exception) when (system.IsConflict(exception))
        {
            database.Entry(owned).State = EntityState.Detached;
            if (await Rows(database, owned).AsNoTracking().SingleOrDefaultAsync() is { } existing)
            {
                return existing.RequestId == owned.RequestId;
            }

            if (await database.Projects.AnyAsync(project => project.Id == owned.ProjectId))
            {
                throw;
            }

            // The project is deleted, so its object need not be stored.
            return true;
        }
        finally
        {
            database.Entry(owned).State = EntityState.Detached;
        }
    }

    /// <param name="work">The database operation.</param>
    /// <param name="onLate">Called if the operation succeeds after the timeout.</param>
    private async Task<(Outcome Outcome, T? Result)> TryAsync<T>(Func<EdgeDbContext, Task<T>> work, Func<T, Task>? onLate = null)
    {
        var attempt = Task.Run(async () =>
        {
            await using var database = await contexts.CreateDbContextAsync();
            return await work(database);
        });
        try
        {
            var done = await attempt.WaitAsync(Timeout, time);
            Volatile.Write(ref _unavailableAt, 0);
            return (Outcome.Done, done);
        }
        catch (Exception exception)
        {
            _ = attempt.ContinueWith(late => late.IsCompletedSuccessfully ? onLate?.Invoke(late.Result) ?? Task.CompletedTask : Task.FromResult(late.Exception), TaskScheduler.Default);
            var fault = system.Explain(exception);
            var isUnavailable = exception is TimeoutException or OperationCanceledException || fault is not null || system.IsConflict(exception);
            Volatile.Write(ref _unavailableAt, isUnavailable ? time.GetTimestamp() : 0);
            if (_warning.IsDue())
            {
                Log.Failed(logger, $"{system.Name} {fault?.Reason ?? $"refuses the operation ({exception.GetType().Name})"}");
            }

            return (isUnavailable ? Outcome.Unavailable : Outcome.Refused, default);
        }
    }

    private enum Outcome
    {
        Done,

        /// <summary>The database is not available. A later attempt may succeed.</summary>
        Unavailable,

        /// <summary>The database refused the operation. No later attempt will succeed.</summary>
        Refused,
    }

    private static partial class Log
    {
        [LoggerMessage(96, LogLevel.Error, "The database is unavailable, and this edge cannot keep more background work in memory. New work is charged with its reserved amount. Logged at most once a minute.", EventName = "LaterWorkForgotten")]
        public static partial void Full(ILogger logger);

        [LoggerMessage(97, LogLevel.Warning, "Background work at providers cannot be read or written: {Fault}. This edge keeps new work in memory; finished work stays open until the edge detects its end again. Logged at most once a minute.", EventName = "LaterWorkAway")]
        public static partial void Failed(ILogger logger, string fault);
    }
}
