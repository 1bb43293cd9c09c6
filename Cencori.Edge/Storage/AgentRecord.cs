namespace Cencori.Edge.Storage;

/// <summary>An agent of a project. Its settings apply to every request that runs as this agent.</summary>
public sealed class AgentRecord
{
    public required string Id { get; init; }

    public required string ProjectId { get; init; }

    public required string Name { get; set; }

    public string? Description { get; set; }

    /// <summary>False: all requests of the agent are refused.</summary>
    public bool IsActive { get; set; } = true;

    /// <summary>True: the agent's tool calls wait for an approval.</summary>
    public bool IsShadow { get; set; }

    /// <summary>The model for the agent's requests, as a caller would name it. Null: the model that each request names.</summary>
    public string? Model { get; set; }

    /// <summary>The text that replaces the system messages of requests. Null: requests keep their own.</summary>
    public string? SystemPrompt { get; set; }

    /// <summary>The temperature for the agent's requests. Null: the temperature of each request.</summary>
    public double? Temperature { get; set; }

    /// <summary>Names of the tools that the model may be offered. Null: every tool. Empty: none.</summary>
    public List<string>? Tools { get; set; }

    /// <summary>Settings of the memory that the agent's chats use, as JSON. Null: no memory.</summary>
    public string? Memory { get; set; }

    public long? RequestsPerMinute { get; set; }

    public long? Burst { get; set; }

    public long? TokensPerMinute { get; set; }

    public long? ConcurrentRequests { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>A tool call of an agent in shadow mode that waits for approval or rejection.</summary>
public sealed class PendingActionRecord
{
    public required string Id { get; init; }

    public required string ProjectId { get; init; }

    public required string AgentId { get; init; }

    /// <summary>Id of the request whose response contains the tool call.</summary>
    public required string RequestId { get; init; }

    /// <summary>Name of the tool.</summary>
    public required string Tool { get; init; }

    /// <summary>The arguments as the model wrote them; usually JSON.</summary>
    public required string Arguments { get; init; }

    /// <summary>True: approved. False: rejected. Null: pending.</summary>
    public bool? IsApproved { get; set; }

    /// <summary>Time of the decision. Null: pending.</summary>
    public DateTimeOffset? DecidedAt { get; set; }

    /// <summary>The administrator who decided. Null: pending.</summary>
    public string? DecidedBy { get; set; }

    /// <summary>The reason given for the decision. Null: none.</summary>
    public string? Reason { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>An action that is still pending at this time counts as rejected.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }
}
