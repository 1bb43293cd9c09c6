using System.Data;
using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Admin.Projects;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Systems;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Admin;

/// <summary>
/// Runs changes to a project and its objects one at a time, across all edges. Each change sees the result of the change before, is atomic, and is
/// recorded in the audit log.
/// </summary>
public sealed class Changes(IDbContextFactory<EdgeDbContext> contexts, IDatabaseSystem system, AuditTrail audit, TimeProvider time) : IDisposable
{
    private const int Tries = 5;

    // Timeout for waiting in the queue of this edge. Equal to the time for which SQLite waits for a lock.
    private static readonly TimeSpan TurnTimeout = TimeSpan.FromSeconds(30);

    // A change that conflicts with others is retried for this time.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3);

    // The shared transaction while MakeTogetherAsync runs. Async-local, so that all nested calls use it.
    private readonly AsyncLocal<Together?> _together = new();

    // In SQLite, a change that waits for a lock blocks a thread. Changes wait for this semaphore instead, because requests need the threads.
    // Null: the database system blocks no thread.
    private readonly SemaphoreSlim? _turn = system.HoldsThreads ? new(1, 1) : null;

    /// <summary>Makes a change to a project.</summary>
    /// <param name="actor">The person or key that makes the change.</param>
    /// <param name="projectId">Id of the project. It need not exist.</param>
    /// <param name="make">See <see cref="MakeAsync"/>.</param>
    /// <exception cref="RefusedException">There is no such project, or <paramref name="make"/> refuses the change.</exception>
    public Task<T> MakeToProjectAsync<T>(AuditActor actor, string projectId, Func<EdgeDbContext, ProjectRecord, Task<T>> make) => MakeAsync(actor, async database =>
    {
        if (_together.Value?.ProjectIds.Contains(projectId) != true)
        {
            await LockAsync(database, projectId);
        }

        return await make(database, await ProjectEditor.FindAsync(database, projectId));
    });

    /// <summary>Makes a change in one transaction, and retries on a conflict with another change.</summary>
    /// <param name="actor">The person or key that makes the change.</param>
    /// <param name="make">Modifies the context, which is saved afterwards, or throws to save nothing. May run more than once.</param>
    public Task<T> MakeAsync<T>(AuditActor actor, Func<EdgeDbContext, Task<T>> make) =>
        _together.Value is { } together ? SaveAsync(together.Database, actor, make, together.Entries) : RunExclusiveAsync(() => AttemptAsync(actor, make));

    /// <summary>Makes all changes of <paramref name="make"/> in one transaction. If one change is refused, none is made.</summary>
    /// <param name="actor">The person or key that makes the changes.</param>
    /// <param name="projectIds">Ids of the existing projects that are changed.</param>
    /// <param name="make">Calls editors, each of which makes one change. May run more than once. Reads on other connections see the state before the changes.</param>
    /// <param name="isKept">False: a dry run, which is rolled back.</param>
    public async Task<T> MakeAllAsync<T>(AuditActor actor, IReadOnlyCollection<string> projectIds, Func<Task<T>> make, bool isKept)
    {
        var effects = new List<Func<Task>>();
        var made = await RunExclusiveAsync(() => AttemptAllAsync(actor, projectIds, make, isKept, effects));
        if (isKept)
        {
            // All at the same time: a Redis that hangs delays each of them, and none may keep the others from this edge's own caches.
            await Task.WhenAll(effects.Select(static effect => effect()));
        }

        return made;
    }

    /// <summary>Runs an effect outside of the database that a change has, such as the invalidation of caches. Within <see cref="MakeAllAsync"/> it runs after all
    /// changes are stored, because a request in between would cache the old rows again, and not in a dry run.</summary>
    public Task AfterChangeAsync(Func<Task> effect)
    {
        if (_together.Value is not { } together)
        {
            return effect();
        }

        together.Effects.Add(effect);
        return Task.CompletedTask;
    }

    private async Task<T> AttemptAllAsync<T>(AuditActor actor, IReadOnlyCollection<string> projectIds, Func<Task<T>> make, bool isKept, List<Func<Task>> effects)
    {
        effects.Clear();
        await using var database = await contexts.CreateDbContextAsync();
        await using var transaction = await database.Database.BeginTransactionAsync(IsolationLevel.ReadCommitted);

        // Projects are always locked in the same order, which prevents deadlocks.
        foreach (var projectId in projectIds.Order(StringComparer.Ordinal))
        {
            await LockAsync(database, projectId);
        }

        var together = _together.Value = new(database, projectIds.ToHashSet(StringComparer.Ordinal), [], effects);
        try
        {
            var created = await make();
            if (isKept)
            {
                // The audit log is locked last, as in every change, so that other writers wait only for this step.
                database.ChangeTracker.Clear();
                await audit.NoteAsync(database, actor, together.Entries);
                await database.SaveChangesAsync();
                await transaction.CommitAsync();
            }

            return created;
        }
        finally
        {
            _together.Value = null;
        }
    }

    public void Dispose() => _turn?.Dispose();

    // An update locks the row until the transaction ends, in every database system. So this method waits for concurrent changes
    // and deletions of the project, and later reads see their result.
    private static Task<int> LockAsync(EdgeDbContext database, string projectId) =>
        database.Projects.Where(row => row.Id == projectId).ExecuteUpdateAsync(row => row.SetProperty(project => project.Name, project => project.Name));

    private async Task<T> RunExclusiveAsync<T>(Func<Task<T>> attempt)
    {
        if (_turn is null)
        {
            return await RepeatAsync(attempt);
        }

        if (!await _turn.WaitAsync(TurnTimeout))
        {
            throw new RefusedException(StorageFailureHandler.ConcurrentChanges);
        }

        try
        {
            return await RepeatAsync(attempt);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<T> RepeatAsync<T>(Func<Task<T>> attempt)
    {
        var startedAt = time.GetTimestamp();
        for (var tried = 1; ; tried++)
        {
            try
            {
                return await attempt();
            }
            catch (Exception exception) when (tried < Tries && time.GetElapsedTime(startedAt) < Timeout && system.IsConflict(exception))
            {
                // A conflict with another change. The next attempt sees the result of that change.
            }
        }
    }

    /// <summary>Adds an audit entry that belongs to no change.</summary>
    public Task NoteAsync(AuditActor actor, AuditEntry entry) => MakeAsync(actor, async database =>
    {
        await audit.NoteAsync(database, actor, [entry]);
        return entry;
    });

    private async Task<T> AttemptAsync<T>(AuditActor actor, Func<EdgeDbContext, Task<T>> make)
    {
        await using var database = await contexts.CreateDbContextAsync();

        // The level is explicit, because the database may have a stricter default level. Under it, a transaction that waited for a lock would fail.
        await using var transaction = await database.Database.BeginTransactionAsync(IsolationLevel.ReadCommitted);
        var created = await SaveAsync(database, actor, make, entries: null);
        await transaction.CommitAsync();
        return created;
    }

    /// <param name="database">A context with an open transaction.</param>
    /// <param name="actor">The person or key that makes the change.</param>
    /// <param name="make">See <see cref="MakeAsync"/>.</param>
    /// <param name="entries">Collects the audit entries, which are added later. Null: the entries are added now.</param>
    private async Task<T> SaveAsync<T>(EdgeDbContext database, AuditActor actor, Func<EdgeDbContext, Task<T>> make, List<AuditEntry>? entries)
    {
        // Clears the tracker, so that the next change reads the stored rows, and change detection stays fast in a long series.
        database.ChangeTracker.Clear();
        var created = await make(database);
        if (entries is null)
        {
            await audit.NoteChangesAsync(database, actor);
        }
        else
        {
            entries.AddRange(TrackedChanges.In(database));
        }

        await database.SaveChangesAsync();
        return created;
    }

    private sealed record Together(EdgeDbContext Database, IReadOnlySet<string> ProjectIds, List<AuditEntry> Entries, List<Func<Task>> Effects);
}
