using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Memory;

/// <summary>What there is.</summary>
internal sealed partial class MemoryStore
{
    /// <summary>One entry. Null: the tenant has none of this id.</summary>
    public async Task<StoredMemory?> FindAsync(MemoryTenant tenant, string id, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        return await (
            from row in database.Memories.AsNoTracking()
            where row.ProjectId == tenant.ProjectId && row.Environment == tenant.Environment && row.Id == id && (row.ExpiresAt == null || row.ExpiresAt > now)
            join space in database.NamespacesOf(tenant) on row.NamespaceId equals space.Id
            select new StoredMemory(row.Id, space.Name, row.Content, row.Metadata,
                database.MemoryVectors.Any(vector => vector.ProjectId == row.ProjectId && vector.Environment == row.Environment && vector.NamespaceId == row.NamespaceId && vector.Generation == space.Generation && vector.MemoryId == row.Id),
                row.CreatedAt, row.UpdatedAt, row.ExpiresAt)).SingleOrDefaultAsync(cancellation);
    }

    /// <summary>Those of a namespace, by id, which is by the time at which they were stored.</summary>
    /// <param name="space">The namespace.</param>
    /// <param name="after">The id of the last one that is known. Null: from the beginning.</param>
    /// <param name="count">At most.</param>
    /// <param name="cancellation">Nobody waits any more.</param>
    public async Task<List<StoredMemory>> ListAsync(MemoryNamespaceRecord space, string? after, int count, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        return await database.MemoriesOf(space).AsNoTracking()
            .Where(row => (row.ExpiresAt == null || row.ExpiresAt > now) && (after == null || string.Compare(row.Id, after) > 0))
            .OrderBy(row => row.Id).Take(count)
            .Select(row => new StoredMemory(row.Id, space.Name, row.Content, row.Metadata, database.VectorsOf(space, space.Generation).Any(vector => vector.MemoryId == row.Id), row.CreatedAt, row.UpdatedAt, row.ExpiresAt))
            .ToListAsync(cancellation);
    }

    /// <summary>What was found, by its numbers, and nobody else's.</summary>
    public async Task<Dictionary<long, MemoryRecord>> ReadAsync(MemoryNamespaceRecord space, IReadOnlyCollection<long> numbers, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        return await database.MemoriesOf(space).AsNoTracking().Where(row => numbers.Contains(row.Number) && (row.ExpiresAt == null || row.ExpiresAt > now)).ToDictionaryAsync(row => row.Number, cancellation);
    }
}
