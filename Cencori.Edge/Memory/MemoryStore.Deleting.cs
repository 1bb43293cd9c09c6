using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Memory;

/// <summary>Deletes and expires entries.</summary>
internal sealed partial class MemoryStore
{
    /// <returns>False: the tenant has no entry with this id.</returns>
    public async Task<bool> DeleteAsync(MemoryTenant tenant, string id, CancellationToken cancellation)
    {
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        await using var transaction = await database.Database.BeginTransactionAsync(cancellation);
        var now = time.GetUtcNow();
        var space = await (
            from row in database.Memories
            where row.ProjectId == tenant.ProjectId && row.Environment == tenant.Environment && row.Id == id && (row.ExpiresAt == null || row.ExpiresAt > now)
            join namespaces in database.NamespacesOf(tenant) on row.NamespaceId equals namespaces.Id
            select namespaces).AsNoTracking().SingleOrDefaultAsync(cancellation);
        if (space is null || !await DeleteAsync(database, space, id, cancellation))
        {
            return false;
        }

        await transaction.CommitAsync(cancellation);
        return true;
    }

    /// <summary>Deletes an entry within the caller's transaction of <paramref name="database"/>. The caller commits only if the result is true.</summary>
    public static async Task<bool> DeleteAsync(EdgeDbContext database, MemoryNamespaceRecord space, string id, CancellationToken cancellation)
    {
        if (await LockAsync(database, space, cancellation) is not { } locked)
        {
            return false;
        }

        var deleted = await database.MemoriesOf(locked).Where(row => row.Id == id).ExecuteDeleteAsync(cancellation);
        await NoteDeletedAsync(database, locked, deleted, cancellation);
        return deleted > 0;
    }

    /// <summary>Deletes a batch of expired entries of a namespace.</summary>
    /// <returns>The number of deleted entries.</returns>
    public async Task<int> ExpireAsync(MemoryNamespaceRecord space, CancellationToken cancellation)
    {
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        await using var transaction = await database.Database.BeginTransactionAsync(cancellation);
        if (await LockAsync(database, space, cancellation) is not { } locked)
        {
            return 0;
        }

        var deleted = await ExpireAsync(database, locked, cancellation);
        if (deleted > 0)
        {
            await transaction.CommitAsync(cancellation);
        }

        return deleted;
    }
}
