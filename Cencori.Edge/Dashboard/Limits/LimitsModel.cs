using Cencori.Edge.Dashboard.Parts;
using Cencori.Edge.Projects;
using Cencori.Edge.RateLimiting;

namespace Cencori.Edge.Dashboard.Limits;

/// <summary>Everything that the limits page shows.</summary>
public sealed class LimitsModel
{
    public required RateLimits Limits { get; init; }

    public required LimitLevels Levels { get; init; }

    /// <summary>Number of requests that rate limits refused in the last hour. Null: the database is busy, or the page shows an agent's limits.</summary>
    public required long? RefusedLastHour { get; init; }

    public required FormState Form { get; init; }

    /// <summary>The ETag of the stored limits that the form changes.</summary>
    public required string Tag { get; init; }

    /// <summary>True: the form was filled with the values of a preset, and the user has not saved them yet.</summary>
    public bool IsPreset { get; init; }

    /// <summary>The agent whose limits the page shows. Null: the page shows the project's limits.</summary>
    public required string? AgentId { get; init; }

    public required string? AgentName { get; init; }

    /// <summary>All agents, with and without limits of their own.</summary>
    public required IReadOnlyList<AgentLimits> Agents { get; init; }

    public required string Path { get; init; }
}

/// <param name="Id">The agent's id.</param>
/// <param name="Name">Untrusted text.</param>
/// <param name="Limits">Null: only the project's limits apply.</param>
public sealed record AgentLimits(string Id, string Name, RateLimits? Limits);
