using System.Collections.Frozen;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Projects;

/// <summary>An agent of a project as requests see it. Immutable.</summary>
public sealed class Agent
{
    /// <summary>Prefix of every agent's id; no key's id has it.</summary>
    public const string IdPrefix = "agt";

    public Agent(AgentRecord row)
    {
        Id = row.Id;
        IsActive = row.IsActive;
        IsShadow = row.IsShadow;
        Model = row.Model;
        SystemPrompt = row.SystemPrompt;
        Temperature = row.Temperature;
        Tools = row.Tools?.ToFrozenSet(StringComparer.Ordinal);
        RateLimits = RateLimits.OrNone(row.RequestsPerMinute, row.Burst, row.TokensPerMinute, row.ConcurrentRequests);
        Memory = AgentMemory.Read(row.Memory);
        LimitsId = LimitsIdOf(row.ProjectId, row.Id);
    }

    public string Id { get; }

    /// <summary>False: all of its requests are refused.</summary>
    public bool IsActive { get; }

    /// <summary>True: its tool calls wait for approval.</summary>
    public bool IsShadow { get; }

    /// <summary>Model, as a caller names it. Null: the request's own.</summary>
    public string? Model { get; }

    /// <summary>Null: the request's own.</summary>
    public string? SystemPrompt { get; }

    /// <summary>0 to 2. Null: the request's own.</summary>
    public double? Temperature { get; }

    /// <summary>Names of functions, and types of providers' own tools. Null: every tool. Empty: none.</summary>
    public FrozenSet<string>? Tools { get; }

    /// <summary>Memory of its chats, unless the request overrides it. Null: none.</summary>
    public AgentMemory? Memory { get; }

    /// <summary>Limits in addition to the project's. Null: none.</summary>
    public RateLimits? RateLimits { get; }

    /// <summary>Id of the bucket for <see cref="RateLimits"/>.</summary>
    public string LimitsId { get; }

    /// <summary><see cref="LimitsId"/> of an agent that may not exist.</summary>
    public static string LimitsIdOf(string projectId, string agentId) => $"{projectId}/{agentId}";
}
