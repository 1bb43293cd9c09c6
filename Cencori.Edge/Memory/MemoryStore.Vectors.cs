using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Memory;

/// <summary>Adds vectors to stored entries. Each change of the model starts a new generation of vectors: a complete set for all entries.</summary>
internal sealed partial class MemoryStore
{
    // A lease lasts longer than a provider may take. With a shorter lease, another edge could embed, and pay for, the same texts.
    private static readonly TimeSpan LeaseLength = TimeSpan.FromMinutes(12);

    /// <summary>Lists entries that have no vector of a generation, ordered by id.</summary>
    /// <param name="space">The namespace.</param>
    /// <param name="generation">Generation of the vectors.</param>
    /// <param name="after">The id of the last entry already read. Null: starts at the beginning.</param>
    /// <param name="count">Maximum number of entries.</param>
    /// <param name="cancellation">Cancelled when the caller disconnects.</param>
    public async Task<List<(string Id, string Content)>> WithoutVectorAsync(MemoryNamespaceRecord space, int generation, string? after, int count, CancellationToken cancellation)
    {
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        var rows = await WithoutVector(database, space, generation).Where(row => after == null || string.Compare(row.Id, after) > 0).OrderBy(row => row.Id).Take(count)
            .Select(row => new { row.Id, row.Content }).ToListAsync(cancellation);
        return rows.ConvertAll(row => (row.Id, row.Content));
    }

    /// <summary>Adds vectors to entries. Skips entries that are deleted or already have a vector.</summary>
    /// <returns>False: the namespace is deleted or no longer uses this generation.</returns>
    public async Task<bool> AddVectorsAsync(MemoryNamespaceRecord space, int generation, IReadOnlyList<(string Id, float[] Vector)> vectors, CancellationToken cancellation)
    {
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        await using var transaction = await database.Database.BeginTransactionAsync(cancellation);
        if (await LockAsync(database, space, cancellation) is not { } locked || !IsStillWanted(locked, space, generation))
        {
            return false;
        }

        var ids = vectors.Select(vector => vector.Id).ToList();
        var left = await WithoutVector(database, locked, generation).Where(row => ids.Contains(row.Id)).Select(row => row.Id).ToListAsync(cancellation);
        var requested = left.ToHashSet(StringComparer.Ordinal);
        database.MemoryVectors.AddRange(vectors.Where(vector => requested.Contains(vector.Id)).Select(vector => Vector(locked, generation, vector.Id, vector.Vector)));
        await database.SaveChangesAsync(cancellation);
        if (generation == locked.Generation)
        {
            // The entries get the new revision, because searches read only entries whose revision is newer than that of the cached vectors.
            var (revision, now) = (locked.Revision, Now());
            await database.MemoriesOf(locked).Where(row => left.Contains(row.Id)).ExecuteUpdateAsync(set => set.SetProperty(row => row.Revision, revision).SetProperty(row => row.UpdatedAt, now), cancellation);
        }

        await transaction.CommitAsync(cancellation);
        return true;
    }

    /// <summary>Lists the namespaces that have entries to embed.</summary>
    public async Task<List<MemoryNamespaceRecord>> ToEmbedAsync(CancellationToken cancellation)
    {
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        return await database.MemoryNamespaces.AsNoTracking().Where(row => row.DeletedAt == null && (row.HasUnembedded || row.NextModel != null)).ToListAsync(cancellation);
    }

    /// <summary>Acquires or extends the lease on the background work of a namespace.</summary>
    /// <param name="space">The namespace.</param>
    /// <param name="held">End of the lease that this edge holds. Null: this edge holds no lease.</param>
    /// <param name="cancellation">Cancelled when the edge stops.</param>
    /// <returns>End of the new lease. Null: another edge holds the lease, or the namespace is deleted.</returns>
    public async Task<DateTimeOffset?> LeaseAsync(MemoryNamespaceRecord space, DateTimeOffset? held, CancellationToken cancellation)
    {
        var now = Now();
        var until = now + LeaseLength;
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        return await database.RowOf(space).Where(row => (row.LeasedUntil == null || row.LeasedUntil < now || row.LeasedUntil == held))
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.LeasedUntil, until), cancellation) == 0 ? null : until;
    }

    /// <summary>Releases the lease, so that another edge can continue at once.</summary>
    public async Task EndLeaseAsync(MemoryNamespaceRecord space, DateTimeOffset held)
    {
        await using var database = await contexts.CreateDbContextAsync();
        await database.RowOf(space).Where(row => row.LeasedUntil == held).ExecuteUpdateAsync(set => set.SetProperty(row => row.LeasedUntil, (DateTimeOffset?)null));
    }

    /// <summary>Sets <see cref="MemoryNamespaceRecord.HasUnembedded"/> to false if all entries have vectors.</summary>
    public async Task SettleAsync(MemoryNamespaceRecord space, CancellationToken cancellation)
    {
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        await using var transaction = await database.Database.BeginTransactionAsync(cancellation);
        if (await LockAsync(database, space, cancellation) is { HasUnembedded: true } locked && !await WithoutVector(database, locked, locked.Generation).AnyAsync(cancellation))
        {
            await database.RowOf(locked).ExecuteUpdateAsync(set => set.SetProperty(row => row.HasUnembedded, false).SetProperty(row => row.EmbeddingFault, (string?)null), cancellation);
            await transaction.CommitAsync(cancellation);
        }
    }

    /// <summary>Stores why entries of the namespace could not be embedded.</summary>
    /// <param name="space">The namespace.</param>
    /// <param name="fault">The reason. Null: removes the stored reason.</param>
    /// <param name="cancellation">Cancelled when the edge stops.</param>
    public async Task NoteFaultAsync(MemoryNamespaceRecord space, string? fault, CancellationToken cancellation)
    {
        if (space.EmbeddingFault != fault)
        {
            await using var database = await contexts.CreateDbContextAsync(cancellation);
            await database.RowOf(space).ExecuteUpdateAsync(set => set.SetProperty(row => row.EmbeddingFault, fault), cancellation);
        }
    }

    /// <summary>Starts to embed all entries with another model. Searches use the old vectors until the new generation is complete. Cancels another change in progress.</summary>
    /// <returns><see cref="AddOutcome.Added"/> on success. Otherwise the namespace is deleted, or has no room for vectors of this length.</returns>
    public async Task<AddOutcome> BeginReembeddingAsync(MemoryNamespaceRecord space, string? model, int? dimensions, CancellationToken cancellation)
    {
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        await using var transaction = await database.Database.BeginTransactionAsync(cancellation);
        var outcome = await BeginReembeddingAsync(database, space, model, dimensions, cancellation);
        if (outcome == AddOutcome.Added)
        {
            await transaction.CommitAsync(cancellation);
        }

        return outcome;
    }

    /// <summary>Starts to embed all entries with another model, in the caller's transaction of <paramref name="database"/>. The caller commits only after <see cref="AddOutcome.Added"/>.</summary>
    public async Task<AddOutcome> BeginReembeddingAsync(EdgeDbContext database, MemoryNamespaceRecord space, string? model, int? dimensions, CancellationToken cancellation)
    {
        if (await LockAsync(database, space, cancellation) is not { } locked)
        {
            return AddOutcome.NoNamespace;
        }

        if (dimensions is { } length && !options.Value.Fits(locked.StoredCount, length))
        {
            return AddOutcome.Full;
        }

        // If this model is already the next one, its generation continues. Another model gets a new generation; the vectors of the abandoned generation are deleted later.
        var next = locked.NextModel == model && locked.NextDimensions == dimensions ? locked.NextGeneration : Math.Max(locked.Generation, locked.NextGeneration) + 1;
        await database.RowOf(locked).ExecuteUpdateAsync(
            set => set.SetProperty(row => row.NextModel, model).SetProperty(row => row.NextDimensions, dimensions).SetProperty(row => row.NextGeneration, next).SetProperty(row => row.EmbeddingFault, (string?)null), cancellation);
        return AddOutcome.Added;
    }

    /// <summary>Switches searches to the next generation if it is complete. Does not switch if the model refused every entry.</summary>
    /// <param name="space">The namespace's row, as read before.</param>
    /// <param name="refused">Entries that the model cannot embed. After the switch, searches find them by words.</param>
    /// <param name="cancellation">Cancelled when the edge stops.</param>
    /// <returns>False: entries without a vector of the next generation were added meanwhile.</returns>
    public async Task<bool> TrySwitchAsync(MemoryNamespaceRecord space, IReadOnlySet<string> refused, CancellationToken cancellation)
    {
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        await using var transaction = await database.Database.BeginTransactionAsync(cancellation);
        if (await LockAsync(database, space, cancellation) is not { NextModel: { } model, NextDimensions: { } dimensions } locked || locked.Generation != space.Generation)
        {
            return true;
        }

        var next = locked.NextGeneration;
        var without = await WithoutVector(database, locked, next).Select(row => row.Id).Take(refused.Count + 1).ToListAsync(cancellation);
        if (!without.TrueForAll(refused.Contains))
        {
            return false;
        }

        var hasUnembedded = without.Count > 0;
        if (hasUnembedded && !await database.VectorsOf(locked, next).AnyAsync(cancellation))
        {
            return true;
        }

        await database.RowOf(locked).ExecuteUpdateAsync(
            set => set.SetProperty(row => row.Generation, next).SetProperty(row => row.EmbeddingModel, model).SetProperty(row => row.Dimensions, dimensions)
                .SetProperty(row => row.NextModel, (string?)null).SetProperty(row => row.NextDimensions, (int?)null).SetProperty(row => row.HasUnembedded, hasUnembedded).SetProperty(row => row.EmbeddingFault, (string?)null),
            cancellation);
        await transaction.CommitAsync(cancellation);
        return true;
    }

    /// <summary>Finds generations of vectors that no search uses and no edge builds: of each namespace the lowest.</summary>
    public async Task<List<(MemoryNamespaceRecord Space, int Generation)>> StaleGenerationsAsync(CancellationToken cancellation)
    {
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        var spaces = await database.MemoryNamespaces.AsNoTracking().Where(row => row.NextGeneration > 0 && row.DeletedAt == null).ToListAsync(cancellation);
        var stale = new List<(MemoryNamespaceRecord, int)>();
        foreach (var space in spaces)
        {
            // Two ranges, so that the database finds the end of each in the index and does not read past the vectors in use.
            var end = space.NextModel is null ? int.MaxValue : space.NextGeneration;
            if ((await LowestAsync(space, int.MinValue, space.Generation) ?? await LowestAsync(space, space.Generation + 1, end)) is { } generation)
            {
                stale.Add((space, generation));
            }
        }

        return stale;

        Task<int?> LowestAsync(MemoryNamespaceRecord space, int from, int end) =>
            database.VectorsOf(space).Where(row => row.Generation >= from && row.Generation < end).OrderBy(row => row.Generation).Select(row => (int?)row.Generation).FirstOrDefaultAsync(cancellation);
    }

    /// <summary>Counts the vectors of a generation (<c>Done</c>) and the entries that should have one (<c>Total</c>).</summary>
    public async Task<(int Done, int Total)> ProgressAsync(MemoryNamespaceRecord space, int generation, CancellationToken cancellation)
    {
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        return (await database.VectorsOf(space, generation).CountAsync(cancellation), await database.MemoriesOf(space).CountAsync(cancellation));
    }

    /// <summary>Deletes all vectors of a generation. Deletes in batches, so that other writers do not wait long.</summary>
    public async Task ClearVectorsAsync(MemoryNamespaceRecord space, int generation, CancellationToken cancellation)
    {
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        List<string> ids;
        do
        {
            ids = await database.VectorsOf(space, generation).OrderBy(row => row.MemoryId).Take(AtOnce).Select(row => row.MemoryId).ToListAsync(cancellation);
            await database.VectorsOf(space, generation).Where(row => ids.Contains(row.MemoryId)).ExecuteDeleteAsync(cancellation);
        }
        while (ids.Count == AtOnce);
    }

    private IQueryable<MemoryRecord> WithoutVector(EdgeDbContext database, MemoryNamespaceRecord space, int generation)
    {
        var now = time.GetUtcNow();
        return database.MemoriesOf(space).AsNoTracking()
            .Where(row => (row.ExpiresAt == null || row.ExpiresAt > now) && !database.VectorsOf(space, generation).Any(vector => vector.MemoryId == row.Id));
    }

    private static bool IsStillWanted(MemoryNamespaceRecord locked, MemoryNamespaceRecord requested, int generation) =>
        generation == locked.Generation ? locked.EmbeddingModel == requested.EmbeddingModel && locked.Dimensions == requested.Dimensions
        : generation == locked.NextGeneration && locked.NextModel is not null && locked.NextModel == requested.NextModel && locked.NextDimensions == requested.NextDimensions;
}
