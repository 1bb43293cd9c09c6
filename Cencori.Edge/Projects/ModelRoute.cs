using System.Collections.Immutable;
using Cencori.Edge.Models;

namespace Cencori.Edge.Projects;

/// <summary>A project's own model name, and the targets of its requests. The first group with an available target serves a request. Immutable.</summary>
public sealed record ModelRoute
{
    /// <summary>Default of <see cref="Attempts"/>.</summary>
    public const int DefaultAttempts = 3;

    public const int MaxAttempts = 5;
    public const int MaxRules = 16;
    public const int MaxGroups = 4;
    public const int MaxTargets = 8;

    public static readonly TimeSpan DefaultFirstByte = TimeSpan.FromMinutes(2);

    /// <summary>Name, as callers write it in <c>model</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The first matching rule replaces the groups. Empty: all requests use <see cref="Groups"/>.</summary>
    public ImmutableArray<RouteRule> Rules { get; init; } = [];

    /// <summary>Groups for requests that match no rule, in order of use. At least one.</summary>
    public required ImmutableArray<RouteGroup> Groups { get; init; }

    /// <summary>Most attempts that a provider may have processed, 1 to <see cref="MaxAttempts"/>. An attempt that was refused at once does not count.</summary>
    public int Attempts { get; init; } = DefaultAttempts;

    /// <summary>Whether to retry a request that a provider may have processed.</summary>
    public UncertainRepeat Uncertain { get; init; } = UncertainRepeat.Once;

    /// <summary>Timeout for the first event of a stream, if another target can be tried.</summary>
    public TimeSpan FirstByte { get; init; } = DefaultFirstByte;

    /// <summary>Most time that a request waits if all targets have asked to wait. Zero: it is refused at once.</summary>
    public TimeSpan MaxWait { get; init; }

    /// <summary>What to do if a target reports that a request exceeds its context window.</summary>
    public OverflowRule Overflow { get; init; }

    /// <summary>True: requests with the same beginning use the same credential while it is available, for its cache. Default false.</summary>
    public bool KeepsPrompts { get; init; }

    /// <summary>Target for copies of its requests. Null: no copies.</summary>
    public RouteShadow? Shadow { get; init; }
}

/// <summary>Target for copies of a share of a route's requests. Nobody receives the responses to copies.</summary>
/// <param name="Target">The model.</param>
/// <param name="Share">Share of the requests, above 0, at most 1.</param>
/// <param name="MonthlyUsd">Most cost of the copies in a calendar month (UTC), in US dollars.</param>
public sealed record RouteShadow(RouteTarget Target, decimal Share, decimal MonthlyUsd)
{
    public const decimal DefaultShare = 0.05m;
}

/// <summary>Whether to retry a request that a provider may have processed.</summary>
public enum UncertainRepeat
{
    /// <summary>No retry.</summary>
    Never,

    /// <summary>One retry at another target. Both may cost.</summary>
    Once,
}

/// <summary>What to do if a target reports that a request exceeds its context window.</summary>
public enum OverflowRule
{
    /// <summary>The caller gets the error; many callers then shorten the request.</summary>
    Refuse,

    /// <summary>Tries targets that are known to have a larger context window.</summary>
    Larger,
}

/// <summary>Groups for requests of a route that match a condition.</summary>
/// <param name="If">The condition.</param>
/// <param name="Groups">In order of use. At least one.</param>
public sealed record RouteRule(RouteCondition If, ImmutableArray<RouteGroup> Groups);

/// <summary>Models that can replace each other.</summary>
/// <param name="Balance">How a target is chosen.</param>
/// <param name="Targets">At least one.</param>
public sealed record RouteGroup(RouteBalance Balance, ImmutableArray<RouteTarget> Targets)
{
    /// <summary>For <see cref="RouteBalance.Split"/>: a target that fails at least twice as often as the target with the largest weight loses its share to it. Default true.</summary>
    public bool AutoStop { get; init; } = true;
}

/// <summary>How a target of a group is chosen.</summary>
public enum RouteBalance
{
    /// <summary>At random, in proportion to the weights.</summary>
    Weighted,

    /// <summary>The target with the fewest requests under way in proportion to its weight.</summary>
    Least,

    /// <summary>Of two random targets, the one that recently had the shorter time to first byte, considering requests under way.</summary>
    Fast,

    /// <summary>The target with the lowest price for this request.</summary>
    Cheap,

    /// <summary>In proportion to the weights, and always the same target for a user, or else for a key.</summary>
    Split,
}

/// <summary>A model of a provider.</summary>
/// <param name="Provider">Id of the provider.</param>
/// <param name="Model">The provider's own name of the model.</param>
public sealed record RouteTarget(string Provider, string Model)
{
    public const int DefaultWeight = 1;
    public const int MostWeight = 1000;

    /// <summary>Share of the requests. 0: used only if no other target of its group is available.</summary>
    public int Weight { get; init; } = DefaultWeight;

    /// <summary>Abilities that the model lacks. Requests that need them go elsewhere.</summary>
    public ModelAbilities Without { get; init; }

    /// <summary>Context window in tokens (input and output). Null: unknown.</summary>
    public long? ContextTokens { get; init; }
}
