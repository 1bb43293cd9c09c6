using Cencori.Edge.Agents;
using Cencori.Edge.Memory.Recall;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Admin.Agents;

/// <summary>An agent, as administrators and secret keys of its project see it.</summary>
public sealed record AgentView(string Id, string Name, string? Description, bool IsActive, bool ShadowMode, DateTimeOffset CreatedAt, AgentConfigView Config)
{
    public static AgentView Of(AgentRecord row) => new(
        row.Id, row.Name, row.Description, row.IsActive, row.IsShadow, row.CreatedAt, new(row.Model, row.SystemPrompt, row.Tools, row.Temperature, AgentMemory.Read(row.Memory)));

    public static string TagOf(AgentRecord row) => EntityTags.Of(Of(row));
}

/// <summary>Settings of an agent's requests. A null member means that the request's own value applies; null tools mean every tool, null memory means no memory.</summary>
public sealed record AgentConfigView(string? Model, string? SystemPrompt, List<string>? Tools, double? Temperature, AgentMemory? Memory);

/// <summary>A tool call of an agent in shadow mode.</summary>
public sealed record PendingActionView(
    string Id, string AgentId, string RequestId, string Tool, string Arguments, ActionStatus Status, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt,
    DateTimeOffset? ApprovedAt, DateTimeOffset? DecidedAt, string? DecidedBy, string? Reason)
{
    public static PendingActionView Of(PendingActionRecord row, ActionStatus status) => new(
        row.Id, row.AgentId, row.RequestId, row.Tool, row.Arguments, status, row.CreatedAt, row.ExpiresAt,
        status == ActionStatus.Approved ? row.DecidedAt : null, row.DecidedAt, row.DecidedBy, row.Reason);

    /// <summary>Returns a copy with shortened arguments, for lists.</summary>
    public PendingActionView Shortened() =>
        Arguments.Length <= PendingActions.LongestListed ? this : this with { Arguments = PlainText.Cut(Arguments, PendingActions.LongestListed) + "…" };
}
