namespace Cencori.Edge.Storage;

/// <summary>An agent of a project: what its requests run as, whoever sends them.</summary>
public sealed class AgentRecord
{
    public required string Id { get; init; }

    public required string ProjectId { get; init; }

    public required string Name { get; set; }

    public string? Description { get; set; }

    /// <summary>False: none of its requests passes.</summary>
    public bool IsActive { get; set; } = true;

    /// <summary>Its tool calls wait for an approval.</summary>
    public bool IsShadow { get; set; }

    /// <summary>As a caller would name it. Null: the request's own.</summary>
    public string? Model { get; set; }

    /// <summary>Null: the request's own system messages.</summary>
    public string? SystemPrompt { get; set; }

    /// <summary>Null: the request's own.</summary>
    public double? Temperature { get; set; }

    /// <summary>Names of the tools that it may be offered. Null: every tool. Empty: none.</summary>
    public List<string>? Tools { get; set; }

    /// <summary>The memory that its chats go by, as JSON. Null: none.</summary>
    public string? Memory { get; set; }

    public long? RequestsPerMinute { get; set; }

    public long? Burst { get; set; }

    public long? TokensPerMinute { get; set; }

    public long? ConcurrentRequests { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>A tool call of an agent in shadow mode, which waits for somebody who approves or rejects it.</summary>
public sealed class PendingActionRecord
{
    public required string Id { get; init; }

    public required string ProjectId { get; init; }

    public required string AgentId { get; init; }

    /// <summary>Id of the request whose response has the call.</summary>
    public required string RequestId { get; init; }

    /// <summary>The tool's name.</summary>
    public required string Tool { get; init; }

    /// <summary>As the model wrote them: JSON, most likely.</summary>
    public required string Arguments { get; init; }

    /// <summary>Null: it is pending.</summary>
    public bool? IsApproved { get; set; }

    /// <summary>Null: it is pending.</summary>
    public DateTimeOffset? DecidedAt { get; set; }

    /// <summary>Who approved or rejected it, as they are known to the administration. Null: it is pending.</summary>
    public string? DecidedBy { get; set; }

    /// <summary>Why, in the words of whoever decided. Null: they said nothing.</summary>
    public string? Reason { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>From then on it counts as rejected, if it is pending still.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }
}
