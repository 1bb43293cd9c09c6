using Cencori.Edge.Errors;
using Cencori.Edge.Memory.Search;
using Cencori.Edge.Storage;
using Microsoft.Extensions.Options;

namespace Cencori.Edge.Memory;

/// <summary>Stores memory entries: applies policies to them, embeds them, and writes them to the store.
/// If the embedding provider is down, entries are stored without a vector.</summary>
internal sealed class MemoryWriter(MemoryStore store, MemoryEmbedder embedder, MemoryScreen screen, IOptions<MemoryOptions> options)
{
    /// <param name="who">The caller.</param>
    /// <param name="nameOrId">Name or id of the namespace.</param>
    /// <param name="memories">The entries. All of them are stored, or none.</param>
    /// <param name="cancellation">Cancelled when the caller disconnects.</param>
    /// <param name="count">Counts the request against the rate limits, or returns the refusal. Called only if no embedding request is sent, because that would be counted. Null: the
    /// request is counted already, or is not counted.</param>
    public async Task<(IReadOnlyList<StoredMemory> Stored, EdgeError? Error)> StoreAsync(
        MemoryCaller who, string nameOrId, IReadOnlyList<NewMemory> memories, CancellationToken cancellation, Func<Task<EdgeError?>>? count = null)
    {
        if (await store.FindNamespaceAsync(who.Tenant, nameOrId, cancellation) is not { } space)
        {
            return ([], MemorySearch.NoNamespace(nameOrId));
        }

        if (memories.Select((memory, i) => (memory.Vector, i)).FirstOrDefault(own => own.Vector is not null && own.Vector.Length != space.Dimensions) is { Vector: { } wrong, i: var at })
        {
            return ([], MemorySearch.WrongLength(wrong.Length, space, memories.Count == 1 ? "embedding" : $"items[{at}].embedding"));
        }

        var (screened, violation) = await screen.ApplyAsync(who, memories, cancellation);
        if (violation is not null)
        {
            return ([], violation);
        }

        // An entry whose id is already taken is refused here, before embeddings are paid for. AddAsync checks the ids again in its transaction.
        var (known, conflicting) = await store.KnownAsync(space, screened, cancellation);
        if (conflicting is not null)
        {
            return ([], Conflict(conflicting));
        }

        if (!store.Fits(space, memories.Count - known.Count) && await store.ExpireAsync(space, cancellation) == 0)
        {
            return ([], Full(space));
        }

        var (embedded, error) = await EmbedAsync(who, space, screened, known, count, cancellation);
        if (error is not null)
        {
            return ([], error);
        }

        // The embeddings are paid for, so the entries are stored even if the caller has disconnected.
        var added = await store.AddAsync(space, embedded, CancellationToken.None);
        return added.Outcome switch
        {
            AddOutcome.Added => (added.Memories, null),
            AddOutcome.NoNamespace => ([], MemorySearch.NoNamespace(nameOrId)),
            AddOutcome.Conflict => ([], Conflict(added.ConflictingId!)),
            _ => ([], Full(space)),
        };
    }

    private async Task<(IReadOnlyList<NewMemory> Memories, EdgeError? Error)> EmbedAsync(
        MemoryCaller who, MemoryNamespaceRecord space, IReadOnlyList<NewMemory> memories, HashSet<string> known, Func<Task<EdgeError?>>? count, CancellationToken cancellation)
    {
        var without = memories.Where(IsToEmbed).Select(memory => memory.Content).ToList();
        if (without.Count == 0)
        {
            return (memories, count is null ? null : await count());
        }

        var embedded = await embedder.EmbedAsync(who, space.EmbeddingModel, space.Dimensions, without, MemoryEmbedder.CallerTimeout, cancellation);
        if (embedded.Vectors is not { } vectors)
        {
            return (memories, embedded.IsTransient ? null : embedded.Error);
        }

        var next = 0;
        return ([.. memories.Select(memory => IsToEmbed(memory) ? memory with { Vector = vectors[next++] } : memory)], null);

        bool IsToEmbed(NewMemory memory) => memory.Vector is null && (memory.Id is null || !known.Contains(memory.Id));
    }

    private static EdgeError Conflict(string id) => new(ErrorKind.Conflict, $"Another stored entry already has the id '{id}'. Choose another id.") { Param = "id" };

    /// <summary>Creates the error for a full namespace.</summary>
    public EdgeError Full(MemoryNamespaceRecord space) => new(
        ErrorKind.MemoryQuotaExceeded,
        $"The namespace '{space.Name}' is full: it may hold {options.Value.MaxEntries} entries and {options.Value.MaxVectorMegabytes} MiB of vectors. Delete entries, let them expire, or use another namespace.")
    { Param = "namespace", IsFinal = true };
}
