using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Memory;

/// <summary>Vectors that come later than their entries.</summary>
internal sealed partial class MemoryStore
{
    // Longer than a provider may be silent: another edge would pay for the same texts.
    private static readonly TimeSpan LeaseLength = TimeSpan.FromMinutes(12);

    /// <summary>Entries that a generation has no vector of, by id.</summary>
    /// <param name="space">Their namespace.</param>
    /// <param name="generation">Of the vectors.</param>
    /// <param name="after">The id of the last one that is known. Null: from the beginning.</param>
    /// <param name="count">At most.</param>
    /// <param name="cancellation">Nobody waits any more.</param>
    public async Task<List<(string Id, string Content)>> WithoutVectorAsync(MemoryNamespaceRecord space, int generation, string? after, int count, CancellationToken cancellation)
    {
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        var rows = await WithoutVector(database, space, generation).Where(row => after == null || string.Compare(row.Id, after) > 0).OrderBy(row => row.Id).Take(count)
            .Select(row => new { row.Id, row.Content }).ToListAsync(cancellation);
        return rows.ConvertAll(row => (row.Id, row.Content));
    }

    /// <summary>Gives entries their vectors. Those that are gone, or have one, are left alone.</summary>
    /// <returns>False: the namespace is gone, or wants no vectors of this generation any more.</returns>
    public async Task<bool> AddVectorsAsync(MemoryNamespaceRecord space, int generation, IReadOnlyList<(string Id, float[] Vector)> vectors, CancellationToken cancellation)
    {
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        await using var transaction = await database.Database.BeginTransactionAsync(cancellation);
        if (await LockAsync(database, space, cancellation) is not { } locked || !Wants(locked, space, generation))
        {
            return false;
        }

        var ids = vectors.Select(vector => vector.Id).ToList();
        var left = await WithoutVector(database, locked, generation).Where(row => ids.Contains(row.Id)).Select(row => row.Id).ToListAsync(cancellation);
        var wanted = left.ToHashSet(StringComparer.Ordinal);
        database.MemoryVectors.AddRange(vectors.Where(vector => wanted.Contains(vector.Id)).Select(vector => Vector(locked, generation, vector.Id, vector.Vector)));
        await database.SaveChangesAsync(cancellation);
        if (generation == locked.Generation)
        {
            // Searches take what is newer than what they know.
            var (revision, now) = (locked.Revision, Now());
            await database.MemoriesOf(locked).Where(row => left.Contains(row.Id)).ExecuteUpdateAsync(set => set.SetProperty(row => row.Revision, revision).SetProperty(row => row.UpdatedAt, now), cancellation);
        }

        await transaction.CommitAsync(cancellation);
        return true;
    }

    /// <summary>Of the namespaces that have entries to embed.</summary>
    public async Task<List<MemoryNamespaceRecord>> ToEmbedAsync(CancellationToken cancellation)
    {
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        return await database.MemoryNamespaces.AsNoTracking().Where(row => row.DeletedAt == null && (row.HasUnembedded || row.NextModel != null)).ToListAsync(cancellation);
    }

    /// <summary>Takes the maintenance of a namespace upon this edge for a while, or for a while longer.</summary>
    /// <param name="space">The namespace.</param>
    /// <param name="held">Until when this edge has it. Null: it has not.</param>
    /// <param name="cancellation">The edge stops.</param>
    /// <returns>Until when; null: another edge does it, or the namespace is gone.</returns>
    public async Task<DateTimeOffset?> LeaseAsync(MemoryNamespaceRecord space, DateTimeOffset? held, CancellationToken cancellation)
    {
        var now = Now();
        var until = now + LeaseLength;
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        return await database.RowOf(space).Where(row => (row.LeasedUntil == null || row.LeasedUntil < now || row.LeasedUntil == held))
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.LeasedUntil, until), cancellation) == 0 ? null : until;
    }

    /// <summary>Another edge may go on at once.</summary>
    public async Task EndLeaseAsync(MemoryNamespaceRecord space, DateTimeOffset held)
    {
        await using var database = await contexts.CreateDbContextAsync();
        await database.RowOf(space).Where(row => row.LeasedUntil == held).ExecuteUpdateAsync(set => set.SetProperty(row => row.LeasedUntil, (DateTimeOffset?)null));
    }

    /// <summary>Notes that all entries of a namespace have vectors, if that is so.</summary>
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

    /// <summary>Says why entries could not be embedded. Null: that is over.</summary>
    public async Task NoteFaultAsync(MemoryNamespaceRecord space, string? fault, CancellationToken cancellation)
    {
        if (space.EmbeddingFault != fault)
        {
            await using var database = await contexts.CreateDbContextAsync(cancellation);
            await database.RowOf(space).ExecuteUpdateAsync(set => set.SetProperty(row => row.EmbeddingFault, fault), cancellation);
        }
    }

    /// <summary>Begins to embed all entries with another model. Searches go on with what there is until it is complete. Another one that was under way is given up.</summary>
    /// <returns>Null, or why not: the namespace is gone, or has no room for vectors of this length.</returns>
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

    /// <summary>Likewise, in a transaction of <paramref name="database"/> that is kept only where nothing speaks against it.</summary>
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

        // Going on with the same is no new beginning. Of another one, what has been made is taken away later.
        var next = locked.NextModel == model && locked.NextDimensions == dimensions ? locked.NextGeneration : Math.Max(locked.Generation, locked.NextGeneration) + 1;
        await database.RowOf(locked).ExecuteUpdateAsync(
            set => set.SetProperty(row => row.NextModel, model).SetProperty(row => row.NextDimensions, dimensions).SetProperty(row => row.NextGeneration, next).SetProperty(row => row.EmbeddingFault, (string?)null), cancellation);
        return AddOutcome.Added;
    }

    /// <summary>Lets searches use the generation that is complete.</summary>
    /// <param name="space">As it was read.</param>
    /// <param name="refused">Entries that the model cannot embed: they are found by their words from now on.</param>
    /// <param name="cancellation">The edge stops.</param>
    /// <returns>False: entries without a vector of it have come in between.</returns>
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
        await database.RowOf(locked).ExecuteUpdateAsync(
            set => set.SetProperty(row => row.Generation, next).SetProperty(row => row.EmbeddingModel, model).SetProperty(row => row.Dimensions, dimensions)
                .SetProperty(row => row.NextModel, (string?)null).SetProperty(row => row.NextDimensions, (int?)null).SetProperty(row => row.HasUnembedded, hasUnembedded).SetProperty(row => row.EmbeddingFault, (string?)null),
            cancellation);
        await transaction.CommitAsync(cancellation);
        return true;
    }

    /// <summary>Generations of vectors that nobody searches and nobody builds any more.</summary>
    public async Task<List<(MemoryNamespaceRecord Space, int Generation)>> StaleGenerationsAsync(CancellationToken cancellation)
    {
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        var spaces = await database.MemoryNamespaces.AsNoTracking().Where(row => row.NextGeneration > 0 && row.DeletedAt == null).ToListAsync(cancellation);
        var stale = new List<(MemoryNamespaceRecord, int)>();
        foreach (var space in spaces)
        {
            for (var generation = 0; generation <= space.NextGeneration; generation++)
            {
                if (generation != space.Generation && !(generation == space.NextGeneration && space.NextModel is not null) && await database.VectorsOf(space, generation).AnyAsync(cancellation))
                {
                    stale.Add((space, generation));
                }
            }
        }

        return stale;
    }

    /// <summary>Vectors of a generation, and entries that should have one.</summary>
    public async Task<(int Done, int Total)> ProgressAsync(MemoryNamespaceRecord space, int generation, CancellationToken cancellation)
    {
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        return (await database.VectorsOf(space, generation).CountAsync(cancellation), await database.MemoriesOf(space).CountAsync(cancellation));
    }

    /// <summary>Takes a generation away, a few vectors at a time, so that nobody else waits for long.</summary>
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

    private static bool Wants(MemoryNamespaceRecord locked, MemoryNamespaceRecord asked, int generation) =>
        generation == locked.Generation ? locked.EmbeddingModel == asked.EmbeddingModel && locked.Dimensions == asked.Dimensions
        : generation == locked.NextGeneration && locked.NextModel is not null && locked.NextModel == asked.NextModel && locked.NextDimensions == asked.NextDimensions;
}
