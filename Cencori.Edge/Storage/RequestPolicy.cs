using System.Text.Json;
using System.Text.Json.Serialization;

namespace Cencori.Edge.Storage;

/// <summary>What the policies of its project had to say of a request. Kept as JSON, and never with anything of what was said.</summary>
public sealed record RequestPolicy
{
    /// <summary>No record has more hits; those beyond are not kept.</summary>
    public const int Most = 40;

    /// <summary>The action of a guardrail that could not be asked, and whose rule lets what it could not be asked about pass.</summary>
    public const string Skipped = "skipped";

    /// <summary>Likewise, where the request was refused because of that.</summary>
    public const string Failed = "failed";

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>Of the policies.</summary>
    public required long Version { get; init; }

    /// <summary>Time spent on what came in, in microseconds.</summary>
    public long InputUs { get; init; }

    /// <summary>Time spent on what went out, in microseconds.</summary>
    public long OutputUs { get; init; }

    /// <summary>Time spent waiting for guardrails, in microseconds. Not told: none was asked.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long GuardrailUs { get; init; }

    /// <summary>There was something that no rule could look into.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Unscanned { get; init; }

    /// <summary>By rule and stage.</summary>
    public IReadOnlyList<Hit> Hits { get; init; } = [];

    /// <summary>What one rule has found at one stage.</summary>
    public sealed record Hit
    {
        /// <summary>Its id.</summary>
        public required string Rule { get; init; }

        public required string Kind { get; init; }

        /// <summary><c>input</c> or <c>output</c>.</summary>
        public required string Stage { get; init; }

        /// <summary>What became of it; of several the strictest. <see cref="Skipped"/> and <see cref="Failed"/>: nothing was found, as a guardrail could not be asked.</summary>
        public required string Action { get; init; }

        public required long Count { get; init; }

        /// <summary>The first place: <c>messages[3].content[0].text</c>. Null: of a stream.</summary>
        public string? Where { get; init; }
    }

    /// <summary>What stands in the stored text of each record for which any rule has found something.</summary>
    public const string NamingAny = "\"rule\":";

    /// <summary>What stands in the stored text of each record for which a rule has found something.</summary>
    public static string Naming(string rule) => $"\"rule\":{JsonSerializer.Serialize(rule)}";

    internal static string? Write(RequestPolicy? policy) => policy is null ? null : JsonSerializer.Serialize(policy, Json);

    internal static RequestPolicy? Read(string? json) => json is null ? null : JsonSerializer.Deserialize<RequestPolicy>(json, Json);
}
