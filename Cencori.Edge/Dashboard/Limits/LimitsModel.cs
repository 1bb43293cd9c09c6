using Cencori.Edge.Dashboard.Parts;
using Cencori.Edge.Projects;
using Cencori.Edge.RateLimiting;

namespace Cencori.Edge.Dashboard.Limits;

/// <summary>All that the page of limits shows.</summary>
public sealed class LimitsModel
{
    public required RateLimits Limits { get; init; }

    public required LimitLevels Levels { get; init; }

    /// <summary>Of the last hour; null: that cannot be said at the moment, or not of an agent.</summary>
    public required long? RefusedLastHour { get; init; }

    public required FormState Form { get; init; }

    /// <summary>Which state the form changes.</summary>
    public required string Tag { get; init; }

    /// <summary>The form holds a preset that is not yet saved.</summary>
    public bool IsPreset { get; init; }

    /// <summary>Null: the project's.</summary>
    public required string? AgentId { get; init; }

    public required string? AgentName { get; init; }

    /// <summary>Those that have limits of their own, and those that have none.</summary>
    public required IReadOnlyList<AgentLimits> Agents { get; init; }

    public required string Path { get; init; }
}

/// <param name="Id">Of the agent.</param>
/// <param name="Name">Not made safe.</param>
/// <param name="Limits">Null: only the project's hold.</param>
public sealed record AgentLimits(string Id, string Name, RateLimits? Limits);
