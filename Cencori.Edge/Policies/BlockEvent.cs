using System.Text.Json.Serialization;
using Cencori.Edge.Storage.Requests;

namespace Cencori.Edge.Policies;

/// <summary>The webhook body for a request or response that a policy blocked. Contains none of the blocked text.</summary>
public sealed record BlockEvent
{
    public string Type { get; } = "policy.blocked";

    /// <summary>Id of the event. A repeated delivery of the event has the same id.</summary>
    public string Id { get; } = $"evt_{Guid.CreateVersion7():N}";

    public required DateTimeOffset At { get; init; }

    public required string ProjectId { get; init; }

    public required string RequestId { get; init; }

    public required string KeyId { get; init; }

    /// <summary>The agent as which the request ran. Null, and omitted from the JSON: it ran as no agent.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? AgentId { get; init; }

    public required string Environment { get; init; }

    /// <summary>The endpoint name as in records: <c>POST /v1/chat/completions</c>.</summary>
    public required string Endpoint { get; init; }

    /// <summary>The requested model. Null: none was requested, or a rule has a finding in the model name.</summary>
    public required string? Model { get; init; }

    /// <summary>Where the block happened: <c>input</c> (request) or <c>output</c> (response).</summary>
    public required string Stage { get; init; }

    /// <summary>The reasons that the error for the caller lists.</summary>
    public required IReadOnlyList<string> Reasons { get; init; }

    /// <summary>The rules that had findings at that stage.</summary>
    public required IReadOnlyList<RuleHit> Rules { get; init; }

    /// <summary>Number of blocks since the last delivered event whose own event was not sent or not delivered. Omitted when 0.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long Suppressed { get; init; }

    /// <summary>True when the event only tests the webhook's URL. Omitted when false.</summary>
    [JsonPropertyName("test"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsTest { get; init; }

    /// <param name="Id">Id of the rule.</param>
    /// <param name="Kind">Kind of the rule.</param>
    /// <param name="Action">Action taken.</param>
    /// <param name="Count">Number of findings.</param>
    /// <param name="Where">Path of the first finding in the body. Null in streams.</param>
    public sealed record RuleHit(string Id, string Kind, string Action, long Count, string? Where)
    {
        internal static RuleHit Of(RequestPolicy.Hit hit) => new(hit.Rule, hit.Kind, hit.Action, hit.Count, hit.Where);
    }
}
