using System.Text.Json.Serialization;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Policies;

/// <summary>The webhook body for a request or response that a policy blocked. Contains none of the blocked text.</summary>
public sealed record BlockEvent
{
    public string Type { get; } = "policy.blocked";

    /// <summary>Stays the same when the event is sent again.</summary>
    public string Id { get; } = $"evt_{Guid.CreateVersion7():N}";

    public required DateTimeOffset At { get; init; }

    public required string ProjectId { get; init; }

    public required string RequestId { get; init; }

    public required string KeyId { get; init; }

    /// <summary>Null, and omitted: the request ran as no agent.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? AgentId { get; init; }

    public required string Environment { get; init; }

    /// <summary>The endpoint name as in records: <c>POST /v1/chat/completions</c>.</summary>
    public required string Endpoint { get; init; }

    /// <summary>The requested model. Null: none was requested, or a rule has a finding in the model name.</summary>
    public required string? Model { get; init; }

    /// <summary><c>input</c> or <c>output</c>.</summary>
    public required string Stage { get; init; }

    /// <summary>The reasons that the caller receives.</summary>
    public required IReadOnlyList<string> Reasons { get; init; }

    /// <summary>Rules with findings at that stage.</summary>
    public required IReadOnlyList<RuleHit> Rules { get; init; }

    /// <summary>Number of blocks since the last delivered event that no event reports. Omitted when 0.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long Suppressed { get; init; }

    /// <summary>True for a test of the address. Omitted when false.</summary>
    [JsonPropertyName("test"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsTest { get; init; }

    /// <param name="Id">Id of the rule.</param>
    /// <param name="Kind">Kind of the rule.</param>
    /// <param name="Action">Action taken.</param>
    /// <param name="Count">Number of findings.</param>
    /// <param name="Where">Place of the first finding. Null in streams.</param>
    public sealed record RuleHit(string Id, string Kind, string Action, long Count, string? Where)
    {
        internal static RuleHit Of(RequestPolicy.Hit hit) => new(hit.Rule, hit.Kind, hit.Action, hit.Count, hit.Where);
    }
}
