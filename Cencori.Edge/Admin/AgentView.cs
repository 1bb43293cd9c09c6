using Cencori.Edge.Agents;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Admin;

/// <summary>An agent, as its project's administrators and secret keys see it.</summary>
internal sealed record AgentView(string Id, string Name, string? Description, bool IsActive, bool ShadowMode, DateTimeOffset CreatedAt, AgentConfigView Config)
{
    public static AgentView Of(AgentRecord row) => new(
        row.Id, row.Name, row.Description, row.IsActive, row.IsShadow, row.CreatedAt, new(row.Model, row.SystemPrompt, row.Tools, row.Temperature));

    public static string TagOf(AgentRecord row) => EntityTags.Of(Of(row));
}

/// <summary>What holds for its requests. Null: the request's own; of tools: all of them.</summary>
internal sealed record AgentConfigView(string? Model, string? SystemPrompt, List<string>? Tools, double? Temperature);

internal sealed record AgentsAnswer(List<AgentView> Data);

/// <summary>A tool call of an agent in shadow mode.</summary>
internal sealed record PendingActionView(
    string Id, string AgentId, string RequestId, string Tool, string Arguments, ActionStatus Status, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt,
    DateTimeOffset? ApprovedAt, DateTimeOffset? DecidedAt, string? DecidedBy)
{
    public static PendingActionView Of(PendingActionRecord row, ActionStatus status) => new(
        row.Id, row.AgentId, row.RequestId, row.Tool, row.Arguments, status, row.CreatedAt, row.ExpiresAt,
        status == ActionStatus.Approved ? row.DecidedAt : null, row.DecidedAt, row.DecidedBy);

    /// <summary>As one of many.</summary>
    public PendingActionView Shortened() =>
        Arguments.Length <= PendingActions.LongestListed ? this : this with { Arguments = string.Concat(Arguments.AsSpan(0, PendingActions.LongestListed), "…") };
}

internal sealed record PendingActionsAnswer(List<PendingActionView> Data);
