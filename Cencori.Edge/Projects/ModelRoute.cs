using System.Collections.Immutable;
using Cencori.Edge.Models;

namespace Cencori.Edge.Projects;

/// <summary>A model name that a project defines, and the target models for its requests. The first group with an available target serves a request. Immutable.</summary>
public sealed record ModelRoute
{
    /// <summary>Default of <see cref="Attempts"/>.</summary>
    public const int DefaultAttempts = 3;

    public const int MaxAttempts = 5;
    public const int MaxRules = 16;
    public const int MaxGroups = 4;
    public const int MaxTargets = 8;

    public static readonly TimeSpan DefaultFirstByte = TimeSpan.FromMinutes(2);

    /// <summary>The name that callers write in <c>model</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The first matching rule replaces the groups. Empty: all requests use <see cref="Groups"/>.</summary>
    public ImmutableArray<RouteRule> Rules { get; init; } = [];

    /// <summary>Groups for requests that match no rule, in order of use. At least one.</summary>
    public required ImmutableArray<RouteGroup> Groups { get; init; }

    /// <summary>Maximum number of attempts for a request, 1 to <see cref="MaxAttempts"/>.
    /// An attempt that certainly no provider processed does not count.</summary>
    public int Attempts { get; init; } = DefaultAttempts;

    /// <summary>Whether to retry a request after a failure that leaves open whether the provider processed it.</summary>
    public UncertainRepeat Uncertain { get; init; } = UncertainRepeat.Once;

    /// <summary>Timeout for the first event of a stream, if another target can be tried.</summary>
    public TimeSpan FirstByte { get; init; } = DefaultFirstByte;

    /// <summary>Maximum time that a request waits if all targets are rate limited. Zero: the request is refused at once.</summary>
    public TimeSpan MaxWait { get; init; }

    /// <summary>What to do if a target reports that a request exceeds the context window of the target's model.</summary>
    public OverflowRule Overflow { get; init; }

    /// <summary>True: requests with the same beginning of the prompt use the same credential while it is available, so that the provider's prompt cache applies. Default false.</summary>
    public bool KeepsPrompts { get; init; }

    /// <summary>Sends copies of the route's requests to another target, for comparison. Null: no copies.</summary>
    public RouteShadow? Shadow { get; init; }
}

/// <summary>Sends copies of some requests of a route to another target. Callers never receive the responses to copies.</summary>
/// <param name="Target">The model that receives the copies.</param>
/// <param name="Share">Share of the route's requests that are copied, above 0, at most 1.</param>
/// <param name="MonthlyUsd">Maximum cost of all copies in a calendar month (UTC), in US dollars.</param>
public sealed record RouteShadow(RouteTarget Target, decimal Share, decimal MonthlyUsd)
{
    public const decimal DefaultShare = 0.05m;
}

/// <summary>Whether to retry a request after a failure that leaves open whether the provider processed it.</summary>
public enum UncertainRepeat
{
    /// <summary>No retry.</summary>
    Never,

    /// <summary>One retry at another target. Both attempts may cost money.</summary>
    Once,
}

/// <summary>What to do if a target reports that a request exceeds the context window of the target's model.</summary>
public enum OverflowRule
{
    /// <summary>The caller receives the provider's error. Many callers then shorten the request.</summary>
    Refuse,

    /// <summary>The edge tries targets that are known to have a larger context window.</summary>
    Larger,
}

/// <summary>Groups for requests of a route that match a condition.</summary>
/// <param name="If">The condition that a request must match.</param>
/// <param name="Groups">Groups in the order in which they are tried. At least one.</param>
public sealed record RouteRule(RouteCondition If, ImmutableArray<RouteGroup> Groups);

/// <summary>A set of models that can replace each other.</summary>
/// <param name="Balance">How a target of the group is chosen for a request.</param>
/// <param name="Targets">At least one.</param>
public sealed record RouteGroup(RouteBalance Balance, ImmutableArray<RouteTarget> Targets)
{
    /// <summary>For <see cref="RouteBalance.Split"/>: a target that fails at least twice as often as the target with the largest weight loses its share to that target. Default true.</summary>
    public bool AutoStop { get; init; } = true;
}

/// <summary>How a target of a group is chosen.</summary>
public enum RouteBalance
{
    /// <summary>At random, in proportion to the weights.</summary>
    Weighted,

    /// <summary>The target with the fewest requests under way in proportion to its weight.</summary>
    Least,

    /// <summary>Of two random targets, the one with the shorter expected wait: the recent time to first byte, times the requests under way plus one.</summary>
    Fast,

    /// <summary>The target with the lowest price for this request.</summary>
    Cheap,

    /// <summary>In proportion to the weights. Requests of one user (or of one key, if they name no user) always get the same target.</summary>
    Split,
}

/// <summary>A model of a provider.</summary>
/// <param name="Provider">Id of the provider.</param>
/// <param name="Model">Name of the model at the provider.</param>
public sealed record RouteTarget(string Provider, string Model)
{
    public const int DefaultWeight = 1;
    public const int MaxWeight = 1000;

    /// <summary>Share of the group's requests, relative to the other weights. 0: the target is used only if no other target of its group is available.</summary>
    public int Weight { get; init; } = DefaultWeight;

    /// <summary>Abilities that the model lacks. Requests that need one of them go to other targets.</summary>
    public ModelAbilities Without { get; init; }

    /// <summary>Context window in tokens (input and output). Null: unknown.</summary>
    public long? ContextTokens { get; init; }
}
