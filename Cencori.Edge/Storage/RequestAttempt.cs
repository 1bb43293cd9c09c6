using System.Text.Json;
using System.Text.Json.Serialization;

namespace Cencori.Edge.Storage;

/// <summary>One try at one provider, as the record of its request tells of it. Kept as JSON.</summary>
public sealed record RequestAttempt
{
    /// <summary>No record has more; those beyond are not kept.</summary>
    public const int Most = 8;

    /// <summary>The <see cref="Outcome"/> of one that no provider can have seen.</summary>
    public const string NeverSent = "never_sent";

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Its number among the request's attempts, from 1.</summary>
    [JsonPropertyName("t")]
    public required int Number { get; init; }

    /// <summary>Who was asked for what: <c>openai/gpt-4o</c>.</summary>
    public required string Target { get; init; }

    /// <summary>The last characters of the credential that was used; null where none was.</summary>
    public string? CredentialHint { get; init; }

    /// <summary>From the request's arrival to the attempt's begin, in microseconds.</summary>
    public required long Started { get; init; }

    /// <summary>From its begin to the response's head, in microseconds; null where none came.</summary>
    public long? HeadUs { get; init; }

    /// <summary>What became of it, from a closed list.</summary>
    public required string Outcome { get; init; }

    /// <summary>The provider's HTTP status; null where none came.</summary>
    public int? Status { get; init; }

    /// <summary>What the provider charges for it; null where nobody knows.</summary>
    public decimal? CostUsd { get; init; }

    /// <summary>The cost is the edge's own count, and not what the provider said.</summary>
    public bool Estimated { get; init; }

    /// <summary>When the provider said to come back, in milliseconds; null where it said nothing.</summary>
    public long? HintMs { get; init; }

    internal static string? Write(IReadOnlyList<RequestAttempt>? attempts) =>
        attempts is null ? null : JsonSerializer.Serialize(attempts.Take(Most), Json);

    internal static IReadOnlyList<RequestAttempt>? Read(string? json) =>
        json is null ? null : JsonSerializer.Deserialize<List<RequestAttempt>>(json, Json);
}
