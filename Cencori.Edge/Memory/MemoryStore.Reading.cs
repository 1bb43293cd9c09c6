using System.Globalization;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Memory;

/// <summary>Reads entries.</summary>
internal sealed partial class MemoryStore
{
    /// <summary>Reads one entry. Null: the tenant has no entry with this id.</summary>
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

    /// <summary>Lists entries of a namespace, ordered by id. For generated ids, this is the order of creation.</summary>
    /// <param name="space">The namespace.</param>
    /// <param name="after">The id of the last entry already read. Null: starts at the beginning.</param>
    /// <param name="count">Maximum number of entries.</param>
    /// <param name="cancellation">Cancelled when the caller disconnects.</param>
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

    /// <summary>Lists entries of a namespace, the last written first.</summary>
    /// <param name="space">The namespace.</param>
    /// <param name="before">The position that the previous page returned as <c>End</c>. Null or invalid: starts at the beginning.</param>
    /// <param name="count">Maximum number of entries.</param>
    /// <param name="cancellation">Cancelled when the caller disconnects.</param>
    /// <returns>The entries, and the position of the last entry. The position is null if there are no more entries.</returns>
    public async Task<(List<StoredMemory> Memories, string? End)> ListNewestAsync(MemoryNamespaceRecord space, string? before, int count, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var (revision, number) = (long.MaxValue, long.MaxValue);
        if (before?.Split('-') is [var first, var second] && long.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var written) && long.TryParse(second, NumberStyles.None, CultureInfo.InvariantCulture, out var counted))
        {
            (revision, number) = (written, counted);
        }

        await using var database = await contexts.CreateDbContextAsync(cancellation);

        // Ordered by revision, which has an index. An order by number would sort all entries.
        var rows = await database.MemoriesOf(space).AsNoTracking()
            .Where(row => (row.ExpiresAt == null || row.ExpiresAt > now) && row.Revision <= revision && (row.Revision < revision || row.Number < number))
            .OrderByDescending(row => row.Revision).ThenByDescending(row => row.Number).Take(count + 1)
            .Select(row => new
            {
                row.Revision,
                row.Number,
                Memory = new StoredMemory(row.Id, space.Name, row.Content, row.Metadata, database.VectorsOf(space, space.Generation).Any(vector => vector.MemoryId == row.Id), row.CreatedAt, row.UpdatedAt, row.ExpiresAt),
            })
            .ToListAsync(cancellation);
        var end = rows.Count > count ? string.Create(CultureInfo.InvariantCulture, $"{rows[count - 1].Revision}-{rows[count - 1].Number}") : null;
        return ([.. rows.Take(count).Select(row => row.Memory)], end);
    }

    /// <summary>Reads the entries of a namespace that have these numbers and have not expired.</summary>
    public async Task<Dictionary<long, MemoryRecord>> ReadAsync(MemoryNamespaceRecord space, IReadOnlyCollection<long> numbers, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        return await database.MemoriesOf(space).AsNoTracking().Where(row => numbers.Contains(row.Number) && (row.ExpiresAt == null || row.ExpiresAt > now)).ToDictionaryAsync(row => row.Number, cancellation);
    }
}
