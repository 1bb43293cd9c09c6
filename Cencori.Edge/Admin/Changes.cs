using System.Data;
using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Admin.Projects;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Admin;

/// <summary>
/// Serializes changes to a project and its objects across all edges. Each change sees the result of the one before, is atomic, and is
/// recorded in the audit log.
/// </summary>
public sealed class Changes(IDbContextFactory<EdgeDbContext> contexts, IDatabaseSystem system, AuditTrail audit, TimeProvider time) : IDisposable
{
    private const int Tries = 5;

    // As long as SQLite waits for a lock.
    private static readonly TimeSpan TurnTimeout = TimeSpan.FromSeconds(30);

    // A change that has waited for others this long is not retried.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3);

    // Set while several changes run as one transaction. Async-local, so that every nested call sees it.
    private readonly AsyncLocal<Together?> _together = new();

    // Some databases block a thread while a change waits for a lock. Changes queue here instead, because requests need the threads.
    private readonly SemaphoreSlim? _turn = system.HoldsThreads ? new(1, 1) : null;

    /// <summary>Makes a change to a project.</summary>
    /// <param name="actor">Who makes it.</param>
    /// <param name="projectId">The project, which may not exist.</param>
    /// <param name="make">As for <see cref="MakeAsync"/>.</param>
    /// <exception cref="RefusedException">There is no such project, or <paramref name="make"/> refuses it.</exception>
    public Task<T> MakeToProjectAsync<T>(AuditActor actor, string projectId, Func<EdgeDbContext, ProjectRecord, Task<T>> make) => MakeAsync(actor, async database =>
    {
        if (_together.Value?.ProjectIds.Contains(projectId) != true)
        {
            await LockAsync(database, projectId);
        }

        return await make(database, await ProjectEditor.FindAsync(database, projectId));
    });

    /// <summary>Makes a change in one transaction, and retries on a conflict with another change.</summary>
    /// <param name="actor">Who makes it.</param>
    /// <param name="make">Modifies the context, which is saved afterwards, or throws to save nothing. May run more than once.</param>
    public Task<T> MakeAsync<T>(AuditActor actor, Func<EdgeDbContext, Task<T>> make) =>
        _together.Value is { } together ? SaveAsync(together.Database, actor, make, together.Entries) : AloneAsync(() => AttemptAsync(actor, make));

    /// <summary>Makes all changes of <paramref name="make"/> in one transaction: all of them or, where one is refused, none.</summary>
    /// <param name="actor">Who makes all of them.</param>
    /// <param name="projectIds">The changed projects that exist already.</param>
    /// <param name="make">Calls editors, each of which makes one change. May run more than once. Reads on other connections see the state before.</param>
    /// <param name="isKept">False: a dry run, which is rolled back.</param>
    public Task<T> MakeTogetherAsync<T>(AuditActor actor, IReadOnlyCollection<string> projectIds, Func<Task<T>> make, bool isKept) => AloneAsync(async () =>
    {
        await using var database = await contexts.CreateDbContextAsync();
        await using var transaction = await database.Database.BeginTransactionAsync(IsolationLevel.ReadCommitted);

        // The same lock order everywhere prevents deadlocks.
        foreach (var projectId in projectIds.Order(StringComparer.Ordinal))
        {
            await LockAsync(database, projectId);
        }

        var together = _together.Value = new(database, projectIds.ToHashSet(StringComparer.Ordinal), []);
        try
        {
            var made = await make();
            if (isKept)
            {
                // The lock of the audit log comes last, as in every change: other writers wait for this step only.
                database.ChangeTracker.Clear();
                await audit.NoteAsync(database, actor, together.Entries);
                await database.SaveChangesAsync();
                await transaction.CommitAsync();
            }

            return made;
        }
        finally
        {
            _together.Value = null;
        }
    });

    public void Dispose() => _turn?.Dispose();

    // An update locks the row until the transaction ends, in every database system. So this waits for concurrent changes
    // and deletions of the project, and later reads see their result.
    private static Task<int> LockAsync(EdgeDbContext database, string projectId) =>
        database.Projects.Where(row => row.Id == projectId).ExecuteUpdateAsync(row => row.SetProperty(project => project.Name, project => project.Name));

    private async Task<T> AloneAsync<T>(Func<Task<T>> attempt)
    {
        if (_turn is null)
        {
            return await RepeatAsync(attempt);
        }

        if (!await _turn.WaitAsync(TurnTimeout))
        {
            throw new RefusedException(StorageFailureHandler.OthersInTheWay);
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
                // The next attempt sees the other change.
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

        // The operator may have set a stricter default level, under which a transaction that waited for a lock would fail.
        await using var transaction = await database.Database.BeginTransactionAsync(IsolationLevel.ReadCommitted);
        var made = await SaveAsync(database, actor, make, entries: null);
        await transaction.CommitAsync();
        return made;
    }

    /// <param name="database">A context with an open transaction.</param>
    /// <param name="actor">Who makes it.</param>
    /// <param name="make">As for <see cref="MakeAsync"/>.</param>
    /// <param name="entries">Collects the audit entries for later; null: they are added now.</param>
    private async Task<T> SaveAsync<T>(EdgeDbContext database, AuditActor actor, Func<EdgeDbContext, Task<T>> make, List<AuditEntry>? entries)
    {
        // Each change reads stored rows, and a cleared tracker keeps change detection fast in a long series.
        database.ChangeTracker.Clear();
        var made = await make(database);
        if (entries is null)
        {
            await audit.NoteChangesAsync(database, actor);
        }
        else
        {
            entries.AddRange(TrackedChanges.In(database));
        }

        await database.SaveChangesAsync();
        return made;
    }

    private sealed record Together(EdgeDbContext Database, IReadOnlySet<string> ProjectIds, List<AuditEntry> Entries);
}
