using Cencori.Edge.Memory;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Admin.Memory;

/// <summary>A namespace as administrators see it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Environment">Of whose keys it is.</param>
/// <param name="Name">Unique there.</param>
/// <param name="Description">Null: none.</param>
/// <param name="Model">Of its vectors.</param>
/// <param name="Dimensions">Numbers of each.</param>
/// <param name="Threshold">What a search without one takes.</param>
/// <param name="AgentId">Whose it is alone. Null: no agent's.</param>
/// <param name="Entries">That have not expired.</param>
/// <param name="HasUnembedded">Some of them may have no vector yet.</param>
/// <param name="Fault">Why they could not be embedded. Null: nothing was wrong.</param>
/// <param name="NextModel">With which they are embedded anew. Null: they are not.</param>
/// <param name="NextDimensions">Likewise.</param>
/// <param name="CreatedAt">When it was made.</param>
public sealed record NamespaceView(
    string Id, KeyEnvironment Environment, string Name, string? Description, string Model, int Dimensions, double Threshold, string? AgentId, int Entries, bool HasUnembedded, string? Fault,
    string? NextModel, int? NextDimensions, DateTimeOffset CreatedAt)
{
    /// <summary>What its vectors take, where every entry has one.</summary>
    public long VectorBytes => (long)Entries * Dimensions * sizeof(float);

    internal static NamespaceView Of(MemoryNamespaceRecord row, int count) => new(
        row.Id, row.Environment, row.Name, row.Description, row.EmbeddingModel, row.Dimensions, row.DefaultThreshold ?? EmbeddingModels.ThresholdOf(row.EmbeddingModel), row.AgentId, count,
        row.HasUnembedded, row.EmbeddingFault, row.NextModel, row.NextDimensions, row.CreatedAt);
}

/// <summary>One of them, and what is done for it in the background.</summary>
/// <param name="View">As it is.</param>
/// <param name="Unembedded">Entries without a vector.</param>
/// <param name="NextDone">Entries that have one by the next model.</param>
/// <param name="NextTotal">Entries that are to have one.</param>
public sealed record NamespaceState(NamespaceView View, int Unembedded, int NextDone, int NextTotal);

/// <summary>Some of a namespace's entries.</summary>
/// <param name="Entries">The last written first.</param>
/// <param name="End">Where they end; null: there are no more.</param>
public sealed record EntryList(IReadOnlyList<StoredMemory> Entries, string? End);

/// <summary>What a search has found.</summary>
/// <param name="Results">The best first.</param>
/// <param name="Wanted">The order that was asked for.</param>
/// <param name="Order">The one that they have: <c>text</c>, too, where the question could not be embedded.</param>
/// <param name="Took">With the time of embedding.</param>
public sealed record SearchView(IReadOnlyList<FoundEntry> Results, string Wanted, string Order, TimeSpan Took);

/// <param name="Id">Of the entry.</param>
/// <param name="Content">Its text.</param>
/// <param name="Metadata">A JSON object. Null: none.</param>
/// <param name="Similarity">0 to 1.</param>
/// <param name="CreatedAt">When it was stored.</param>
/// <param name="ExpiresAt">Null: never.</param>
public sealed record FoundEntry(string Id, string Content, string? Metadata, double Similarity, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt);
