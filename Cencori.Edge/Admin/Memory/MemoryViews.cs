using Cencori.Edge.Memory;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Admin.Memory;

/// <summary>A namespace as administrators see it.</summary>
/// <param name="Id">Id of the namespace.</param>
/// <param name="Environment">Environment of the keys that use the namespace.</param>
/// <param name="Name">Name, unique in the project and environment.</param>
/// <param name="Description">Description. Null: none.</param>
/// <param name="Model">Embedding model of the vectors.</param>
/// <param name="Dimensions">Dimensions of each vector.</param>
/// <param name="Threshold">Minimum similarity of a result, if a search names no other.</param>
/// <param name="AgentId">The only agent that may use the namespace. Null: the namespace is not bound to an agent.</param>
/// <param name="Entries">Number of entries that have not expired.</param>
/// <param name="HasUnembedded">True: some entries may have no vector yet.</param>
/// <param name="Fault">Why entries could not be embedded. Null: no fault.</param>
/// <param name="NextModel">Model of a running re-embedding. Null: none is running.</param>
/// <param name="NextDimensions">Dimensions of the running re-embedding. Null: none is running.</param>
/// <param name="CreatedAt">Creation time.</param>
public sealed record NamespaceView(
    string Id, KeyEnvironment Environment, string Name, string? Description, string Model, int Dimensions, double Threshold, string? AgentId, int Entries, bool HasUnembedded, string? Fault,
    string? NextModel, int? NextDimensions, DateTimeOffset CreatedAt)
{
    /// <summary>Size of the vectors in bytes, if every entry has one.</summary>
    public long VectorBytes => (long)Entries * Dimensions * sizeof(float);

    internal static NamespaceView Of(MemoryNamespaceRecord row, int count) => new(
        row.Id, row.Environment, row.Name, row.Description, row.EmbeddingModel, row.Dimensions, row.DefaultThreshold ?? EmbeddingModels.ThresholdOf(row.EmbeddingModel), row.AgentId, count,
        row.HasUnembedded, row.EmbeddingFault, row.NextModel, row.NextDimensions, row.CreatedAt);
}

/// <summary>A namespace and the progress of its background work.</summary>
/// <param name="View">The namespace.</param>
/// <param name="Unembedded">Number of entries without a vector.</param>
/// <param name="NextDone">Number of entries that already have a vector of the model to which a re-embedding changes.</param>
/// <param name="NextTotal">Number of all entries that the re-embedding must process.</param>
public sealed record NamespaceState(NamespaceView View, int Unembedded, int NextDone, int NextTotal);

/// <summary>A page of a namespace's entries.</summary>
/// <param name="Entries">The entries, the last written first.</param>
/// <param name="End">Position of the last entry on the page. Null: there are no more entries.</param>
public sealed record EntryList(IReadOnlyList<StoredMemory> Entries, string? End);

/// <summary>Results of a search.</summary>
/// <param name="Results">The results, the best first.</param>
/// <param name="Wanted">The requested order.</param>
/// <param name="Order">The actual order. It falls back to <c>text</c> if the question could not be embedded.</param>
/// <param name="Took">Duration, including embedding.</param>
public sealed record SearchView(IReadOnlyList<FoundEntry> Results, string Wanted, string Order, TimeSpan Took);

/// <param name="Id">Id of the entry.</param>
/// <param name="Content">Text of the entry.</param>
/// <param name="Metadata">Metadata of the entry, a JSON object. Null: none.</param>
/// <param name="Similarity">Similarity of the entry to the search text, 0 to 1.</param>
/// <param name="CreatedAt">Time at which the entry was stored.</param>
/// <param name="ExpiresAt">Time from which searches no longer find the entry. Null: the entry does not expire.</param>
public sealed record FoundEntry(string Id, string Content, string? Metadata, double Similarity, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt);
