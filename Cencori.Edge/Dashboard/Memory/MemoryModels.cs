using Cencori.Edge.Admin.Memory;
using Cencori.Edge.Dashboard.Parts;
using Cencori.Edge.Memory;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Dashboard.Memory;

/// <param name="Environment">Of whose keys they are.</param>
/// <param name="Namespaces">The newest first.</param>
/// <param name="Agents">Names by id.</param>
/// <param name="Growth">Entries by day, the oldest first. Null: the database is busy.</param>
/// <param name="Elsewhere">Namespaces of the other environment, where this one has none.</param>
/// <param name="Address">Where callers reach the edge.</param>
public sealed record NamespacesModel(
    KeyEnvironment Environment, IReadOnlyList<NamespaceView> Namespaces, IReadOnlyDictionary<string, string> Agents, IReadOnlyList<int>? Growth, int Elsewhere, string Address);

/// <param name="State">Of the form.</param>
/// <param name="Agents">Names by id.</param>
public sealed record NewNamespaceModel(FormState State, IReadOnlyDictionary<string, string> Agents);

/// <summary>A namespace, and what was asked of it.</summary>
/// <param name="Space">It.</param>
/// <param name="AgentName">Whose it is. Null: no agent's.</param>
/// <param name="Growth">As in <see cref="NamespacesModel"/>.</param>
public sealed record NamespaceModel(NamespaceState Space, string? AgentName, IReadOnlyList<int>? Growth)
{
    /// <summary>Null: whoever looks may not see them.</summary>
    public EntryList? Entries { get; init; }

    /// <summary>There are newer ones than these.</summary>
    public bool IsLater { get; init; }

    /// <summary>Of the form of a search.</summary>
    public FormState Search { get; init; } = FormState.Empty;

    /// <summary>Null: nothing was looked for, or it cannot be.</summary>
    public SearchView? Found { get; init; }

    /// <summary>Of the form with another model.</summary>
    public FormState Reembed { get; init; } = FormState.Empty;
}

/// <param name="Space">Where it is.</param>
/// <param name="Entry">It.</param>
public sealed record EntryModel(NamespaceView Space, StoredMemory Entry);

/// <param name="Space">That is to go.</param>
/// <param name="Users">Names of the agents whose chats look into it.</param>
public sealed record DeleteNamespaceModel(NamespaceView Space, IReadOnlyList<string> Users);
