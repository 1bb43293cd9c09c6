using System.Text.Json;
using System.Text.Json.Serialization;

namespace Cencori.Edge.Storage.Requests;

/// <summary>The results of a project's policies for a request. Stored as JSON, and never contains text of the request or response.</summary>
public sealed record RequestPolicy
{
    /// <summary>Maximum number of hits in one record. Further hits are dropped.</summary>
    public const int Max = 40;

    /// <summary>Value of <see cref="Hit.Action"/> for a failed guardrail check after which nothing was refused: the rule allows that, or the response was
    /// already sent.</summary>
    public const string Skipped = "skipped";

    /// <summary>Value of <see cref="Hit.Action"/> for a failed guardrail check because of which the request or response was refused.</summary>
    public const string Failed = "failed";

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>Version of the project's policies.</summary>
    public required long Version { get; init; }

    /// <summary>Time spent scanning the request, in microseconds.</summary>
    public long InputUs { get; init; }

    /// <summary>Time spent scanning the response, in microseconds.</summary>
    public long OutputUs { get; init; }

    /// <summary>Time spent waiting for guardrails, in microseconds. Omitted if none was called.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long GuardrailUs { get; init; }

    /// <summary>True when some content could not be scanned.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Unscanned { get; init; }

    /// <summary>The findings, one element for each rule and stage.</summary>
    public IReadOnlyList<Hit> Hits { get; init; } = [];

    /// <summary>The findings of one rule at one stage.</summary>
    public sealed record Hit
    {
        /// <summary>Id of the rule.</summary>
        public required string Rule { get; init; }

        public required string Kind { get; init; }

        /// <summary><c>input</c> (request) or <c>output</c> (response).</summary>
        public required string Stage { get; init; }

        /// <summary>The strictest action taken. <see cref="Skipped"/> and <see cref="Failed"/>: the check failed, so there are no findings.</summary>
        public required string Action { get; init; }

        /// <summary>Number of findings, or of failed checks.</summary>
        public required long Count { get; init; }

        /// <summary>Path of the first finding: <c>messages[3].content[0].text</c>. Null: the finding was in a stream.</summary>
        public string? Where { get; init; }
    }

    /// <summary>A text that occurs in the stored JSON if the record has a finding of any rule. For searches.</summary>
    public const string AnyRuleSearchText = "\"rule\":";

    /// <summary>A text that occurs in the stored JSON if the record has a finding of this rule. For searches.</summary>
    public static string SearchTextOf(string rule) => $"\"rule\":{JsonSerializer.Serialize(rule)}";

    internal static string? Write(RequestPolicy? policy) => policy is null ? null : JsonSerializer.Serialize(policy, Json);

    internal static RequestPolicy? Read(string? json) => json is null ? null : JsonSerializer.Deserialize<RequestPolicy>(json, Json);
}
