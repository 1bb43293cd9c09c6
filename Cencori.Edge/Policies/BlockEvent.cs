using System.Text.Json.Serialization;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Policies;

/// <summary>What a project's webhook is told of a request or a response that was blocked, as it stands in the body. Nothing of what was said.</summary>
public sealed record BlockEvent
{
    public string Type { get; } = "policy.blocked";

    /// <summary>The same where it is sent again.</summary>
    public string Id { get; } = $"evt_{Guid.CreateVersion7():N}";

    public required DateTimeOffset At { get; init; }

    public required string ProjectId { get; init; }

    public required string RequestId { get; init; }

    public required string KeyId { get; init; }

    /// <summary>Null, and not told: it ran as none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? AgentId { get; init; }

    public required string Environment { get; init; }

    /// <summary>As records have it: <c>POST /v1/chat/completions</c>.</summary>
    public required string Endpoint { get; init; }

    /// <summary>As it was asked for. Null: none was, or a rule finds something in its name.</summary>
    public required string? Model { get; init; }

    /// <summary><c>input</c> or <c>output</c>.</summary>
    public required string Stage { get; init; }

    /// <summary>As callers are told.</summary>
    public required IReadOnlyList<string> Reasons { get; init; }

    /// <summary>What rules have found at that stage.</summary>
    public required IReadOnlyList<RuleHit> Rules { get; init; }

    /// <summary>How many blocks there were since the last event that was taken, of which none tells. Not told: 0.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long Suppressed { get; init; }

    /// <summary>Whether it only tries the address. Told where it is so.</summary>
    [JsonPropertyName("test"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsTest { get; init; }

    /// <param name="Id">The rule's.</param>
    /// <param name="Kind">What it looks for.</param>
    /// <param name="Action">What became of it.</param>
    /// <param name="Count">How often it was found.</param>
    /// <param name="Where">The first place. Null: of a stream.</param>
    public sealed record RuleHit(string Id, string Kind, string Action, long Count, string? Where)
    {
        internal static RuleHit Of(RequestPolicy.Hit hit) => new(hit.Rule, hit.Kind, hit.Action, hit.Count, hit.Where);
    }
}
