using System.Security.Cryptography;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Systems;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Cencori.Edge.Memory;

/// <summary>Stores memory entries in the database. Each write raises the revision of its namespace by one. All edges see a write at once.</summary>
internal sealed partial class MemoryStore(IDbContextFactory<EdgeDbContext> contexts, IDatabaseSystem system, IOptions<MemoryOptions> options, TimeProvider time)
{
    /// <summary>Maximum number of rows that one transaction deletes.</summary>
    private const int AtOnce = 500;

    private const int MaxTries = 3;

    // Number of low bits of an entry's number that hold a counter. The other bits hold the time in milliseconds.
    private const int CountedBits = 20;

    private static int _counted = RandomNumberGenerator.GetInt32(1 << CountedBits);

    /// <summary>Stores all given entries or none. If an entry with the same id and content exists, it is not changed.</summary>
    /// <param name="space">The namespace's row, as read before. The vectors of the entries belong to the row's generation.</param>
    /// <param name="memories">The entries, in the order of storing.</param>
    /// <param name="cancellation">Cancelled when the caller disconnects.</param>
    public async Task<AddMemoriesResult> AddAsync(MemoryNamespaceRecord space, IReadOnlyList<NewMemory> memories, CancellationToken cancellation)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await TryAddAsync(space, memories, cancellation);
            }
            catch (Exception exception) when (tries < MaxTries && system.IsConflict(exception))
            {
                // Another transaction has taken an entry's number or id. The next try reads the new state.
            }
        }
    }

    private async Task<AddMemoriesResult> TryAddAsync(MemoryNamespaceRecord space, IReadOnlyList<NewMemory> memories, CancellationToken cancellation)
    {
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        await using var transaction = await database.Database.BeginTransactionAsync(cancellation);
        if (await LockAsync(database, space, cancellation) is not { } locked)
        {
            return new() { Outcome = AddOutcome.NoNamespace };
        }

        var now = Now();
        var (known, free) = await KnownAsync(database, locked, memories, now, cancellation);
        foreach (var deleted in free)
        {
            await ExpireAsync(database, deleted, cancellation);
            locked.StoredCount -= deleted.NamespaceId == locked.Id ? 1 : 0;
        }

        var ids = known.Keys.ToList();
        var embedded = ids.Count == 0 ? [] : await database.VectorsOf(locked, locked.Generation).Where(row => ids.Contains(row.MemoryId)).Select(row => row.MemoryId).ToListAsync(cancellation);
        var (stored, added) = (new List<StoredMemory>(memories.Count), 0);
        foreach (var memory in memories)
        {
            if (memory.Id is not null && known.TryGetValue(memory.Id, out var existing))
            {
                if (!IsSame(existing, locked, memory))
                {
                    return new() { Outcome = AddOutcome.Conflict, ConflictingId = memory.Id };
                }

                stored.Add(new(existing.Id, locked.Name, existing.Content, existing.Metadata, embedded.Contains(existing.Id), existing.CreatedAt, existing.UpdatedAt, existing.ExpiresAt));
                continue;
            }

            var row = Row(locked, memory, now);
            var isEmbedded = memory.Vector is not null && locked.Generation == space.Generation;
            database.Memories.Add(row);
            if (isEmbedded)
            {
                database.MemoryVectors.Add(Vector(locked, locked.Generation, row.Id, memory.Vector!));
            }

            locked.HasUnembedded |= !isEmbedded;
            stored.Add(new(row.Id, locked.Name, row.Content, row.Metadata, isEmbedded, now, now, row.ExpiresAt));
            known[row.Id] = row;
            added++;
        }

        if (!Fits(locked, added))
        {
            locked.StoredCount -= await ExpireAsync(database, locked, cancellation);
            if (!Fits(locked, added))
            {
                return new() { Outcome = AddOutcome.Full };
            }
        }

        await database.SaveChangesAsync(cancellation);
        var (count, hasUnembedded) = (locked.StoredCount + added, locked.HasUnembedded);
        await database.RowOf(locked).ExecuteUpdateAsync(set => set.SetProperty(row => row.StoredCount, count).SetProperty(row => row.HasUnembedded, hasUnembedded), cancellation);
        await transaction.CommitAsync(cancellation);
        return new() { Memories = stored };
    }

    /// <summary>Whether the namespace has room for more entries, also after a change of the model that is in progress.</summary>
    public bool Fits(MemoryNamespaceRecord space, int more) => options.Value.Fits(space.StoredCount + more, Math.Max(space.Dimensions, space.NextDimensions ?? 0));

    /// <summary>Finds taken ids. <c>Same</c>: ids of existing entries with equal content. <c>Conflicting</c>: the first id of an entry with other content, or null.</summary>
    public async Task<(HashSet<string> Same, string? Conflicting)> KnownAsync(MemoryNamespaceRecord space, IReadOnlyList<NewMemory> memories, CancellationToken cancellation)
    {
        var now = Now();
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        var (known, _) = await KnownAsync(database, space, memories, now, cancellation);
        var existing = memories.Where(memory => memory.Id is not null && known.ContainsKey(memory.Id)).ToList();
        return (existing.Where(memory => IsSame(known[memory.Id!], space, memory)).Select(memory => memory.Id!).ToHashSet(StringComparer.Ordinal), existing.Find(memory => !IsSame(known[memory.Id!], space, memory))?.Id);
    }

    /// <summary>Locks the namespace's row until the end of the transaction, and raises its revision by one. Null: the namespace is deleted.</summary>
    private static async Task<MemoryNamespaceRecord?> LockAsync(EdgeDbContext database, MemoryNamespaceRecord space, CancellationToken cancellation)
    {
        var rows = database.RowOf(space).Where(row => row.DeletedAt == null);
        return await rows.ExecuteUpdateAsync(set => set.SetProperty(row => row.Revision, row => row.Revision + 1), cancellation) == 0
            ? null
            : await rows.AsNoTracking().SingleAsync(cancellation);
    }

    private async Task<int> ExpireAsync(EdgeDbContext database, MemoryNamespaceRecord locked, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var ids = await database.MemoriesOf(locked).Where(row => row.ExpiresAt <= now).OrderBy(row => row.ExpiresAt).Take(AtOnce).Select(row => row.Id).ToListAsync(cancellation);
        if (ids.Count == 0)
        {
            return 0;
        }

        var deleted = await database.MemoriesOf(locked).Where(row => ids.Contains(row.Id)).ExecuteDeleteAsync(cancellation);
        await NoteDeletedAsync(database, locked, deleted, cancellation);
        return deleted;
    }

    private static async Task ExpireAsync(EdgeDbContext database, MemoryRecord expired, CancellationToken cancellation)
    {
        var deleted = await database.Memories.Where(row => row.ProjectId == expired.ProjectId && row.Environment == expired.Environment && row.Id == expired.Id).ExecuteDeleteAsync(cancellation);
        await database.MemoryNamespaces.Where(row => row.ProjectId == expired.ProjectId && row.Environment == expired.Environment && row.Id == expired.NamespaceId)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.Revision, row => row.Revision + 1).SetProperty(row => row.DeletedRevision, row => row.Revision + 1).SetProperty(row => row.StoredCount, row => row.StoredCount - deleted), cancellation);
    }

    private static bool IsSame(MemoryRecord existing, MemoryNamespaceRecord space, NewMemory memory) =>
        existing.NamespaceId == space.Id && existing.Content == memory.Content && existing.Metadata == memory.Metadata;

    private static Task<int> NoteDeletedAsync(EdgeDbContext database, MemoryNamespaceRecord locked, int deleted, CancellationToken cancellation) =>
        database.RowOf(locked).ExecuteUpdateAsync(set => set.SetProperty(row => row.DeletedRevision, row => row.Revision).SetProperty(row => row.StoredCount, row => row.StoredCount - deleted), cancellation);

    // Known: live entries that have the same id as a new entry. Free: entries with the same id as a new entry that have expired, or whose namespace is
    // deleted, so that the id can be used again.
    private static async Task<(Dictionary<string, MemoryRecord> Known, List<MemoryRecord> Free)> KnownAsync(
        EdgeDbContext database, MemoryNamespaceRecord space, IReadOnlyList<NewMemory> memories, DateTimeOffset now, CancellationToken cancellation)
    {
        var ids = memories.Where(memory => memory.Id is not null).Select(memory => memory.Id!).ToList();
        if (ids.Count == 0)
        {
            return ([], []);
        }

        var rows = await database.Memories.AsNoTracking().Where(row => row.ProjectId == space.ProjectId && row.Environment == space.Environment && ids.Contains(row.Id)).ToListAsync(cancellation);
        var namespaces = rows.Select(row => row.NamespaceId).Distinct().ToList();
        var tenant = new MemoryTenant(space.ProjectId, space.Environment, null);
        var live = namespaces.Count == 0 ? [] : await database.NamespacesOf(tenant).Where(row => namespaces.Contains(row.Id)).Select(row => row.Id).ToListAsync(cancellation);
        var known = rows.FindAll(row => !(row.ExpiresAt <= now) && live.Contains(row.NamespaceId));
        return (known.ToDictionary(row => row.Id, StringComparer.Ordinal), [.. rows.Except(known)]);
    }

    private static MemoryRecord Row(MemoryNamespaceRecord space, NewMemory memory, DateTimeOffset now) => new()
    {
        ProjectId = space.ProjectId,
        Environment = space.Environment,
        Id = memory.Id ?? NewMemory.MakeId(),
        NamespaceId = space.Id,
        Number = NumberAt(now),
        Content = memory.Content,
        Metadata = memory.Metadata,
        ExpiresAt = memory.ExpiresAt,
        Revision = space.Revision,
        CreatedAt = now,
        UpdatedAt = now,
    };

    private static MemoryVectorRecord Vector(MemoryNamespaceRecord space, int generation, string id, float[] vector) => new()
    {
        ProjectId = space.ProjectId,
        Environment = space.Environment,
        NamespaceId = space.Id,
        Generation = generation,
        MemoryId = id,
        Vector = Vectors.ToBytes(vector),
    };

    /// <summary>The lowest number that an entry stored at this time or later can have.</summary>
    public static long MinNumberAt(DateTimeOffset time) => time.ToUnixTimeMilliseconds() << CountedBits;

    private static long NumberAt(DateTimeOffset now) => (now.ToUnixTimeMilliseconds() << CountedBits) | (Interlocked.Increment(ref _counted) & ((1 << CountedBits) - 1L));

    // The current time, rounded to milliseconds like in the database, so that a later read returns the same time.
    private DateTimeOffset Now() => DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());
}
