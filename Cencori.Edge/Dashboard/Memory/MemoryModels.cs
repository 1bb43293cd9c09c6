using Cencori.Edge.Admin.Memory;
using Cencori.Edge.Dashboard.Parts;
using Cencori.Edge.Memory;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Dashboard.Memory;

/// <param name="Environment">The environment of the listed namespaces. Only keys of this environment can use the namespaces.</param>
/// <param name="Namespaces">The namespaces, newest first.</param>
/// <param name="Agents">Agent names by id.</param>
/// <param name="Growth">Number of existing entries by the day on which they were stored, oldest day first. Null: the database is busy.</param>
/// <param name="Elsewhere">Number of namespaces in the other environment; counted only when this environment has none.</param>
/// <param name="Address">The edge's URL for callers.</param>
public sealed record NamespacesModel(
    KeyEnvironment Environment, IReadOnlyList<NamespaceView> Namespaces, IReadOnlyDictionary<string, string> Agents, IReadOnlyList<int>? Growth, int Elsewhere, string Address);

/// <param name="State">The form's state.</param>
/// <param name="Agents">Agent names by id.</param>
public sealed record NewNamespaceModel(FormState State, IReadOnlyDictionary<string, string> Agents);

/// <summary>A namespace, its entries, and search results.</summary>
/// <param name="Space">The namespace.</param>
/// <param name="AgentName">The name of the namespace's agent. Null: the namespace belongs to no agent.</param>
/// <param name="Growth">As in <see cref="NamespacesModel"/>.</param>
public sealed record NamespaceModel(NamespaceState Space, string? AgentName, IReadOnlyList<int>? Growth)
{
    /// <summary>The entries. Null: the user may not see entries.</summary>
    public EntryList? Entries { get; init; }

    /// <summary>True: there are newer entries than those in <see cref="Entries"/>.</summary>
    public bool HasNewer { get; init; }

    /// <summary>State of the search form.</summary>
    public FormState Search { get; init; } = FormState.Empty;

    /// <summary>The search results. Null: no search was made, or the search failed.</summary>
    public SearchView? Found { get; init; }

    /// <summary>State of the form that changes the embedding model.</summary>
    public FormState Reembed { get; init; } = FormState.Empty;
}

/// <param name="Space">The entry's namespace.</param>
/// <param name="Entry">The entry.</param>
public sealed record EntryModel(NamespaceView Space, StoredMemory Entry);

/// <param name="Space">The namespace to delete.</param>
/// <param name="Users">Names of the agents that use the namespace as memory.</param>
public sealed record DeleteNamespaceModel(NamespaceView Space, IReadOnlyList<string> Users);
