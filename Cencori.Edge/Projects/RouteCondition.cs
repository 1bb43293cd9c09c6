using System.Collections.Immutable;
using Cencori.Edge.Models;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Projects;

/// <summary>Condition of a route's rule. A request matches if it satisfies every member that is set. One matching value of a list is enough.
/// A member with an empty list is not checked.</summary>
public sealed record RouteCondition
{
    /// <summary>The request must have more estimated input tokens than this. Null: not checked.</summary>
    public long? InputOver { get; init; }

    /// <summary>The request must have fewer estimated input tokens than this. Null: not checked.</summary>
    public long? InputUnder { get; init; }

    /// <summary>Whether the request must ask for an event stream (true) or must not (false). Null: not checked.</summary>
    public bool? Stream { get; init; }

    /// <summary>Model abilities, such as tools or images. The condition matches a request that needs all of them.</summary>
    public ModelAbilities Has { get; init; }

    /// <summary>Request paths after <c>/v1</c>, such as <c>/chat/completions</c>.</summary>
    public ImmutableArray<string> Endpoints { get; init; } = [];

    /// <summary>Ids of API keys.</summary>
    public ImmutableArray<string> Keys { get; init; } = [];

    public KeyEnvironment? Environment { get; init; }

    /// <summary>Ids of agents.</summary>
    public ImmutableArray<string> Agents { get; init; } = [];

    /// <summary>Values of the member <c>user</c> in the request body.</summary>
    public ImmutableArray<string> Users { get; init; } = [];

    /// <summary>Names and accepted values of request headers. All of them must match.</summary>
    public ImmutableArray<NamedValues> Headers { get; init; } = [];

    /// <summary>Names and accepted values of members of <c>metadata</c> in the request body. All of them must match.</summary>
    public ImmutableArray<NamedValues> Metadata { get; init; } = [];
}

/// <summary>A name and its accepted values.</summary>
/// <param name="Name">Name of the header or member. Header names ignore case; other names are case-sensitive.</param>
/// <param name="Values">Accepted values. Empty: any value.</param>
public sealed record NamedValues(string Name, ImmutableArray<string> Values);
