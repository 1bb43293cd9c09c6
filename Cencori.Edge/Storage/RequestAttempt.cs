using System.Text.Json;
using System.Text.Json.Serialization;

namespace Cencori.Edge.Storage;

/// <summary>One attempt at one provider, as part of a request's record. Stored as JSON.</summary>
public sealed record RequestAttempt
{
    /// <summary>Attempts kept per record; further ones are dropped.</summary>
    public const int Most = 8;

    /// <summary>The <see cref="Outcome"/> of an attempt that cannot have reached the provider.</summary>
    public const string NeverSent = "never_sent";

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Its number among the request's attempts, from 1.</summary>
    [JsonPropertyName("t")]
    public required int Number { get; init; }

    /// <summary>Provider and model: <c>openai/gpt-4o</c>.</summary>
    public required string Target { get; init; }

    /// <summary>The last characters of the credential. Null: none was used.</summary>
    public string? CredentialHint { get; init; }

    /// <summary>From the request's arrival to the start of the attempt, in microseconds.</summary>
    public required long Started { get; init; }

    /// <summary>From the start of the attempt to the response head, in microseconds. Null: no response.</summary>
    public long? HeadUs { get; init; }

    /// <summary>The outcome, from a closed list.</summary>
    public required string Outcome { get; init; }

    /// <summary>The provider's HTTP status. Null: no response.</summary>
    public int? Status { get; init; }

    /// <summary>The provider's charge. Null: unknown.</summary>
    public decimal? CostUsd { get; init; }

    /// <summary>The cost is estimated by the edge and not reported by the provider.</summary>
    public bool Estimated { get; init; }

    /// <summary>The provider's retry delay, in milliseconds. Null: none given.</summary>
    public long? HintMs { get; init; }

    internal static string? Write(IReadOnlyList<RequestAttempt>? attempts) =>
        attempts is null ? null : JsonSerializer.Serialize(attempts.Take(Most), Json);

    internal static IReadOnlyList<RequestAttempt>? Read(string? json) =>
        json is null ? null : JsonSerializer.Deserialize<List<RequestAttempt>>(json, Json);
}
