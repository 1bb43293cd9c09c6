using System.Collections.Frozen;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Projects;

/// <summary>An agent of a project as requests see it. Immutable.</summary>
public sealed class Agent
{
    /// <summary>Prefix of every agent's id. No id of an API key begins with this prefix.</summary>
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

    /// <summary>False: the edge refuses all requests of the agent.</summary>
    public bool IsActive { get; }

    /// <summary>True: the agent's tool calls wait for approval.</summary>
    public bool IsShadow { get; }

    /// <summary>Replaces the request's model; written as a caller writes it. Null: the request's own model is used.</summary>
    public string? Model { get; }

    /// <summary>Replaces the request's system prompt. Null: the request's own is used.</summary>
    public string? SystemPrompt { get; }

    /// <summary>Replaces the request's temperature; 0 to 2. Null: the request's own is used.</summary>
    public double? Temperature { get; }

    /// <summary>The tools that the agent may use: names of functions, and types of providers' own tools. Null: every tool. Empty: no tool.</summary>
    public FrozenSet<string>? Tools { get; }

    /// <summary>Memory settings of the agent's chats, unless the request overrides them. Null: no memory.</summary>
    public AgentMemory? Memory { get; }

    /// <summary>Rate limits of the agent, in addition to those of the project. Null: no additional limits.</summary>
    public RateLimits? RateLimits { get; }

    /// <summary>Id of the agent's rate-limit bucket; see <see cref="RateLimits"/>.</summary>
    public string LimitsId { get; }

    /// <summary>Formats a <see cref="LimitsId"/>. The agent need not exist.</summary>
    public static string LimitsIdOf(string projectId, string agentId) => $"{projectId}/{agentId}";
}
