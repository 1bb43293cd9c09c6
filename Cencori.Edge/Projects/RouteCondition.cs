using System.Collections.Immutable;
using Cencori.Edge.Models;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Projects;

/// <summary>Which requests a rule is for: all that is said here must be true of them. Lists are read as "one of these"; an empty list says nothing.</summary>
public sealed record RouteCondition
{
    /// <summary>Estimated input tokens are more than this.</summary>
    public long? InputOver { get; init; }

    /// <summary>Estimated input tokens are fewer than this.</summary>
    public long? InputUnder { get; init; }

    /// <summary>A stream of events is asked for, or is not.</summary>
    public bool? Stream { get; init; }

    /// <summary>All of these are asked for.</summary>
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

    /// <summary>Of the body's <c>metadata</c>.</summary>
    public ImmutableArray<NamedValues> Metadata { get; init; } = [];
}

/// <summary>A name, and what may stand under it.</summary>
/// <param name="Name">Of a header in any case; else as it is written.</param>
/// <param name="Values">One of these. Empty: it is there at all.</param>
public sealed record NamedValues(string Name, ImmutableArray<string> Values);
