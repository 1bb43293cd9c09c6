using System.Data;
using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Admin.Projects;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Admin;

/// <summary>
/// Changes to a project and to all that belongs to it are made one after another, whichever edges are asked for them: each begins
/// with what the one before it has left, is made as a whole or not at all, and stands in the audit log.
/// </summary>
public sealed class Changes(IDbContextFactory<EdgeDbContext> contexts, IDatabaseSystem system, AuditTrail audit, TimeProvider time) : IDisposable
{
    private const int Tries = 5;

    // As long as SQLite lets one wait for another.
    private static readonly TimeSpan TurnTimeout = TimeSpan.FromSeconds(30);

    // Who has waited for others as long as this, in vain, is not made to wait again.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3);

    // Of several changes that are made as one: of who makes them, and of all that are called.
    private readonly AsyncLocal<Together?> _together = new();

    // Where the database would have those who wait hold their threads, which requests need, they wait here.
    private readonly SemaphoreSlim? _turn = system.HoldsThreads ? new(1, 1) : null;

    /// <summary>Makes a change to a project.</summary>
    /// <param name="actor">Who makes it.</param>
    /// <param name="projectId">The project, which may be there or not.</param>
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

    /// <summary>Makes a change in one transaction, and once more where another change has got in its way.</summary>
    /// <param name="actor">Who makes it.</param>
    /// <param name="make">Sets and adds what is saved after it, or throws, and nothing is. It may run more than once.</param>
    public Task<T> MakeAsync<T>(AuditActor actor, Func<EdgeDbContext, Task<T>> make) =>
        _together.Value is { } together ? SaveAsync(together.Database, actor, make, together.Entries) : AloneAsync(() => AttemptAsync(actor, make));

    /// <summary>Makes all changes of <paramref name="make"/> in one transaction: all of them or, where one is refused, none.</summary>
    /// <param name="actor">Who makes all of them.</param>
    /// <param name="projectIds">The projects that are changed, so far as there are such yet.</param>
    /// <param name="make">Makes them by whoever makes one. It may run more than once. What it reads by others is as it was before.</param>
    /// <param name="isKept">False: none is kept in any case; it was only to be seen whether they can be made.</param>
    public Task<T> MakeTogetherAsync<T>(AuditActor actor, IReadOnlyCollection<string> projectIds, Func<Task<T>> make, bool isKept) => AloneAsync(async () =>
    {
        await using var database = await contexts.CreateDbContextAsync();
        await using var transaction = await database.Database.BeginTransactionAsync(IsolationLevel.ReadCommitted);

        // In one order everywhere: two who want the same would otherwise wait for each other.
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
                // Last, as in every other change: who notes something else waits for this alone, and not for all that was made.
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

    // Whoever has written to a row keeps others from it until the end of the transaction, in every database system. So this
    // waits for whoever changes the project, or deletes it, and what is read after it is what they have left.
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
                // What the other has stored is there to be seen now.
            }
        }
    }

    /// <summary>Notes something in the audit log that changes nothing else.</summary>
    public Task NoteAsync(AuditActor actor, AuditEntry entry) => MakeAsync(actor, async database =>
    {
        await audit.NoteAsync(database, actor, [entry]);
        return entry;
    });

    private async Task<T> AttemptAsync<T>(AuditActor actor, Func<EdgeDbContext, Task<T>> make)
    {
        await using var database = await contexts.CreateDbContextAsync();

        // An operator may have made a stricter level the database's default; under it whoever has waited would fail.
        await using var transaction = await database.Database.BeginTransactionAsync(IsolationLevel.ReadCommitted);
        var made = await SaveAsync(database, actor, make, entries: null);
        await transaction.CommitAsync();
        return made;
    }

    /// <param name="database">Where there is a transaction.</param>
    /// <param name="actor">Who makes it.</param>
    /// <param name="make">As for <see cref="MakeAsync"/>.</param>
    /// <param name="entries">Where it is told, to be noted later; null: it is noted with it.</param>
    private async Task<T> SaveAsync<T>(EdgeDbContext database, AuditActor actor, Func<EdgeDbContext, Task<T>> make, List<AuditEntry>? entries)
    {
        // Each begins with what is stored, and the last of very many takes no longer than the first.
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
