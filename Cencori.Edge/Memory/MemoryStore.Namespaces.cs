using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Startup;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Memory;

/// <summary>Creates, finds and deletes namespaces.</summary>
internal sealed partial class MemoryStore
{
    /// <summary>Prefix of every namespace id.</summary>
    public const string NamespacePrefix = "mns_";

    /// <summary>Maximum number of namespaces in one environment of a project.</summary>
    public const int MaxNamespaces = 1_000;

    /// <param name="tenant">The owner of the namespace.</param>
    /// <param name="nameOrId">Name or id of the namespace. A match by name takes precedence.</param>
    /// <param name="cancellation">Cancelled when the caller disconnects.</param>
    /// <returns>Null: the tenant has no namespace with this name or id.</returns>
    public async Task<MemoryNamespaceRecord?> FindNamespaceAsync(MemoryTenant tenant, string nameOrId, CancellationToken cancellation)
    {
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        var found = await database.NamespacesOf(tenant).AsNoTracking().Where(row => row.Name == nameOrId || row.Id == nameOrId).ToListAsync(cancellation);
        return found.Find(row => row.Name == nameOrId) ?? found.FirstOrDefault();
    }

    /// <summary>Lists the tenant's namespaces, the newest first, each with its number of entries.</summary>
    public async Task<List<(MemoryNamespaceRecord Space, int Count)>> ListNamespacesAsync(MemoryTenant tenant, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        var spaces = await database.NamespacesOf(tenant).AsNoTracking().OrderByDescending(row => row.CreatedAt).ThenByDescending(row => row.Id).ToListAsync(cancellation);

        // The number is the stored count minus the expired entries, because counting all entries would be slow.
        var over = await database.Memories.Where(row => row.ProjectId == tenant.ProjectId && row.Environment == tenant.Environment && row.ExpiresAt <= now)
            .GroupBy(row => row.NamespaceId).ToDictionaryAsync(rows => rows.Key, rows => rows.Count(), cancellation);
        return spaces.ConvertAll(space => (space, space.StoredCount - over.GetValueOrDefault(space.Id)));
    }

    /// <summary>Counts the entries of a namespace that have not expired.</summary>
    public async Task<int> CountAsync(MemoryNamespaceRecord space, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        return space.StoredCount - await database.MemoriesOf(space).CountAsync(row => row.ExpiresAt <= now, cancellation);
    }

    /// <returns>False: the name is taken.</returns>
    public async Task<bool> TryCreateAsync(MemoryNamespaceRecord space, CancellationToken cancellation)
    {
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        database.MemoryNamespaces.Add(space);
        try
        {
            await database.SaveChangesAsync(cancellation);
            return true;
        }
        catch (Exception exception) when (system.IsConflict(exception))
        {
            return false;
        }
    }

    /// <summary>Whether any tenant has a namespace. Uses plain SQL, so that an edge without memory spends no time on compiling EF queries.</summary>
    public async Task<bool> AnyAsync(CancellationToken cancellation)
    {
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        return (await database.ReadTextAsync("SELECT \"Id\" FROM memory_namespaces LIMIT 1")).Count > 0;
    }

    /// <summary>Counts the tenant's namespaces.</summary>
    public async Task<int> CountNamespacesAsync(MemoryTenant tenant, CancellationToken cancellation)
    {
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        return await database.NamespacesOf(tenant).CountAsync(cancellation);
    }

    /// <summary>Hides a namespace at once. <see cref="MemoryMaintenance"/> deletes its entries later.</summary>
    /// <returns>False: the tenant has no namespace with this name or id.</returns>
    public async Task<bool> DeleteNamespaceAsync(MemoryTenant tenant, string nameOrId, CancellationToken cancellation)
    {
        if (await FindNamespaceAsync(tenant, nameOrId, cancellation) is not { } space)
        {
            return false;
        }

        var now = time.GetUtcNow();
        await using var database = await contexts.CreateDbContextAsync(cancellation);

        return await EndAsync(database, space, now, cancellation);
    }

    /// <summary>Hides a namespace whose row was already read. Its name can be used again at once.</summary>
    /// <returns>False: the namespace was hidden before.</returns>
    public static async Task<bool> EndAsync(EdgeDbContext database, MemoryNamespaceRecord space, DateTimeOffset now, CancellationToken cancellation) =>
        await database.RowOf(space).Where(row => row.DeletedAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.DeletedAt, now).SetProperty(row => row.Name, space.Id), cancellation) > 0;

    /// <summary>Deletes a hidden namespace with all its entries, in batches, so that other writers do not wait long.</summary>
    public async Task ClearAsync(MemoryNamespaceRecord space, CancellationToken cancellation)
    {
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        List<string> ids;
        do
        {
            ids = await database.MemoriesOf(space).OrderBy(row => row.Id).Take(AtOnce).Select(row => row.Id).ToListAsync(cancellation);
            await database.MemoriesOf(space).Where(row => ids.Contains(row.Id)).ExecuteDeleteAsync(cancellation);
        }
        while (ids.Count == AtOnce);
        await database.RowOf(space).ExecuteDeleteAsync(cancellation);
    }

    /// <summary>Finds namespaces to clean up. <c>Deleted</c>: hidden ones, and those whose project or agent is deleted. <c>Expired</c>: those with expired entries.</summary>
    public async Task<(List<MemoryNamespaceRecord> Deleted, List<MemoryNamespaceRecord> Expired)> ListToCleanUpAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        var deleted = await database.MemoryNamespaces.AsNoTracking()
            .Where(row => row.DeletedAt != null || !database.Projects.Any(project => project.Id == row.ProjectId) || (row.AgentId != null && !database.Agents.Any(agent => agent.Id == row.AgentId)))
            .ToListAsync(cancellation);
        var ids = await database.Memories.Where(row => row.ExpiresAt <= now).Select(row => row.NamespaceId).Distinct().ToListAsync(cancellation);
        var expired = ids.Count == 0 ? [] : await database.MemoryNamespaces.AsNoTracking().Where(row => row.DeletedAt == null && ids.Contains(row.Id)).ToListAsync(cancellation);
        return (deleted, expired);
    }
}
