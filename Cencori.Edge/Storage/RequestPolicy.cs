using System.Text.Json;
using System.Text.Json.Serialization;

namespace Cencori.Edge.Storage;

/// <summary>The results of a project's policies for a request. Stored as JSON, and never contains text of the request or response.</summary>
public sealed record RequestPolicy
{
    /// <summary>Hits kept per record; further ones are dropped.</summary>
    public const int Most = 40;

    /// <summary>Action when a guardrail could not be called and its rule lets unchecked content pass.</summary>
    public const string Skipped = "skipped";

    /// <summary>Action when a guardrail could not be called and the request was refused because of that.</summary>
    public const string Failed = "failed";

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>Version of the policies.</summary>
    public required long Version { get; init; }

    /// <summary>Time spent on the request, in microseconds.</summary>
    public long InputUs { get; init; }

    /// <summary>Time spent on the response, in microseconds.</summary>
    public long OutputUs { get; init; }

    /// <summary>Time spent waiting for guardrails, in microseconds. Omitted if none was called.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long GuardrailUs { get; init; }

    /// <summary>Some content could not be checked by any rule.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Unscanned { get; init; }

    /// <summary>By rule and stage.</summary>
    public IReadOnlyList<Hit> Hits { get; init; } = [];

    /// <summary>The findings of one rule at one stage.</summary>
    public sealed record Hit
    {
        /// <summary>Id of the rule.</summary>
        public required string Rule { get; init; }

        public required string Kind { get; init; }

        /// <summary><c>input</c> or <c>output</c>.</summary>
        public required string Stage { get; init; }

        /// <summary>The action taken; of several, the strictest. <see cref="Skipped"/> and <see cref="Failed"/>: a guardrail could not be called, and nothing was found.</summary>
        public required string Action { get; init; }

        public required long Count { get; init; }

        /// <summary>The first location: <c>messages[3].content[0].text</c>. Null: in a stream.</summary>
        public string? Where { get; init; }
    }

    /// <summary>Text that occurs in the stored JSON of each record with a finding of any rule.</summary>
    public const string NamingAny = "\"rule\":";

    /// <summary>Text that occurs in the stored JSON of each record with a finding of this rule.</summary>
    public static string Naming(string rule) => $"\"rule\":{JsonSerializer.Serialize(rule)}";

    internal static string? Write(RequestPolicy? policy) => policy is null ? null : JsonSerializer.Serialize(policy, Json);

    internal static RequestPolicy? Read(string? json) => json is null ? null : JsonSerializer.Deserialize<RequestPolicy>(json, Json);
}
