using System.Collections.Frozen;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Projects;

/// <summary>An agent of a project as a request sees it: immutable.</summary>
public sealed class Agent
{
    /// <summary>What every agent's id begins with, and no key's.</summary>
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

    /// <summary>False: none of its requests passes.</summary>
    public bool IsActive { get; }

    /// <summary>Its tool calls wait for an approval.</summary>
    public bool IsShadow { get; }

    /// <summary>As a caller would name it. Null: the request's own.</summary>
    public string? Model { get; }

    /// <summary>Null: the request's own.</summary>
    public string? SystemPrompt { get; }

    /// <summary>0 to 2. Null: the request's own.</summary>
    public double? Temperature { get; }

    /// <summary>Names of functions, and kinds of a provider's own tools. Null: every tool. Empty: none.</summary>
    public FrozenSet<string>? Tools { get; }

    /// <summary>What its chats go by where they say nothing else. Null: none.</summary>
    public AgentMemory? Memory { get; }

    /// <summary>Beside the project's. Null: none.</summary>
    public RateLimits? RateLimits { get; }

    /// <summary>Whose balance pays for <see cref="RateLimits"/>.</summary>
    public string LimitsId { get; }

    /// <summary>As <see cref="LimitsId"/>, of an agent that need not be there.</summary>
    public static string LimitsIdOf(string projectId, string agentId) => $"{projectId}/{agentId}";
}
