using System.Collections.Immutable;
using Cencori.Edge.Models;

namespace Cencori.Edge.Projects;

/// <summary>A model's name of the project's own, and whom requests for it go to: of the first group that has anybody to ask. Immutable.</summary>
public sealed record ModelRoute
{
    /// <summary>Attempts that a provider may have worked at.</summary>
    public const int DefaultAttempts = 3;

    public const int MaxAttempts = 5;
    public const int MaxRules = 16;
    public const int MaxGroups = 4;
    public const int MaxTargets = 8;

    public static readonly TimeSpan DefaultFirstByte = TimeSpan.FromMinutes(2);

    /// <summary>As callers write it in <c>model</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The first that fits has other groups. Empty: all requests go the same way.</summary>
    public ImmutableArray<RouteRule> Rules { get; init; } = [];

    /// <summary>For what no rule fits; in the order in which they are asked, at least one.</summary>
    public required ImmutableArray<RouteGroup> Groups { get; init; }

    /// <summary>Attempts that a provider may have worked at, 1 to <see cref="MaxAttempts"/>. Whoever refused at once does not count.</summary>
    public int Attempts { get; init; } = DefaultAttempts;

    /// <summary>What becomes of a request of which nobody can say whether it was worked on.</summary>
    public UncertainRepeat Uncertain { get; init; } = UncertainRepeat.Once;

    /// <summary>How long a stream may be silent before its first event, where another can still be asked.</summary>
    public TimeSpan FirstByte { get; init; } = DefaultFirstByte;

    /// <summary>How long a request waits where all have said to wait. Zero: it is refused at once.</summary>
    public TimeSpan MaxWait { get; init; }

    /// <summary>What becomes of a request that a target says is longer than what it reads and writes.</summary>
    public OverflowRule Overflow { get; init; }

    /// <summary>Requests that begin alike go to the same credential while it can be asked, for its cache. Default false.</summary>
    public bool KeepsPrompts { get; init; }

    /// <summary>Where copies of its requests go. Null: nowhere.</summary>
    public RouteShadow? Shadow { get; init; }
}

/// <summary>Where copies of a part of a route's requests go, whose answers nobody gets.</summary>
/// <param name="Target">The model.</param>
/// <param name="Share">Of the requests, above 0, at most 1.</param>
/// <param name="MonthlyUsd">What the copies may cost in a calendar month, UTC, in US dollars.</param>
public sealed record RouteShadow(RouteTarget Target, decimal Share, decimal MonthlyUsd)
{
    public const decimal DefaultShare = 0.05m;
}

/// <summary>What becomes of a request of which nobody can say whether a provider has worked at it.</summary>
public enum UncertainRepeat
{
    /// <summary>It is not sent again.</summary>
    Never,

    /// <summary>One other is asked. Both may cost.</summary>
    Once,
}

/// <summary>What becomes of a request that a target says is longer than what it reads and writes.</summary>
public enum OverflowRule
{
    /// <summary>Its caller is told: many make it shorter then.</summary>
    Refuse,

    /// <summary>It goes on to targets that are known to read and write more.</summary>
    Larger,
}

/// <summary>Where some requests of a route go.</summary>
/// <param name="If">Which.</param>
/// <param name="Groups">In the order in which they are asked, at least one.</param>
public sealed record RouteRule(RouteCondition If, ImmutableArray<RouteGroup> Groups);

/// <summary>Models that stand in for each other.</summary>
/// <param name="Balance">Who of them is asked.</param>
/// <param name="Targets">At least one.</param>
public sealed record RouteGroup(RouteBalance Balance, ImmutableArray<RouteTarget> Targets)
{
    /// <summary>Of <see cref="RouteBalance.Split"/>: a target that fails at least twice as often as the one with the largest weight loses its share to that. Default true.</summary>
    public bool AutoStop { get; init; } = true;
}

/// <summary>Who of a group is asked.</summary>
public enum RouteBalance
{
    /// <summary>By chance, in the shares of their weights.</summary>
    Weighted,

    /// <summary>The one with the fewest requests under way for its weight.</summary>
    Least,

    /// <summary>Of two by chance the one that has begun to answer soonest of late, with those under way taken into account.</summary>
    Fast,

    /// <summary>The one with the lowest price for this request.</summary>
    Cheap,

    /// <summary>In the shares of their weights, and always the same one for a user, or else a key.</summary>
    Split,
}

/// <summary>A model of a provider.</summary>
/// <param name="Provider">Its id.</param>
/// <param name="Model">By the provider's own name.</param>
public sealed record RouteTarget(string Provider, string Model)
{
    public const int DefaultWeight = 1;
    public const int MostWeight = 1000;

    /// <summary>Its share. 0: it is asked only where no other of its group can be.</summary>
    public int Weight { get; init; } = DefaultWeight;

    /// <summary>What it cannot do: requests that ask for it go elsewhere.</summary>
    public ModelAbilities Without { get; init; }

    /// <summary>Tokens that it reads and writes at most. Null: nobody has said.</summary>
    public long? ContextTokens { get; init; }
}
