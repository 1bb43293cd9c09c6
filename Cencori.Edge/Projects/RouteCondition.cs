using System.Collections.Immutable;
using Cencori.Edge.Models;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Projects;

/// <summary>Condition of a rule: a request must satisfy all members that are set. Lists mean "one of these"; an empty list is not set.</summary>
public sealed record RouteCondition
{
    /// <summary>More estimated input tokens than this.</summary>
    public long? InputOver { get; init; }

    /// <summary>Fewer estimated input tokens than this.</summary>
    public long? InputUnder { get; init; }

    /// <summary>Whether the request asks for an event stream.</summary>
    public bool? Stream { get; init; }

    /// <summary>The request needs all of these abilities.</summary>
    public ModelAbilities Has { get; init; }

    /// <summary>Paths below the base URL: <c>/chat/completions</c>.</summary>
    public ImmutableArray<string> Endpoints { get; init; } = [];

    /// <summary>Ids of keys.</summary>
    public ImmutableArray<string> Keys { get; init; } = [];

    public KeyEnvironment? Environment { get; init; }

    /// <summary>Ids of agents.</summary>
    public ImmutableArray<string> Agents { get; init; } = [];

    /// <summary>The body's <c>user</c>.</summary>
    public ImmutableArray<string> Users { get; init; } = [];

    /// <summary>Request headers.</summary>
    public ImmutableArray<NamedValues> Headers { get; init; } = [];

    /// <summary>Members of the body's <c>metadata</c>.</summary>
    public ImmutableArray<NamedValues> Metadata { get; init; } = [];
}

/// <summary>A name and its accepted values.</summary>
/// <param name="Name">Name. Header names ignore case; other names are exact.</param>
/// <param name="Values">One of these. Empty: any value.</param>
public sealed record NamedValues(string Name, ImmutableArray<string> Values);
