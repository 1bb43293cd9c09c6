using System.Text.Json;
using System.Text.Json.Serialization;

namespace Cencori.Edge.Storage.Requests;

/// <summary>One attempt at one provider, as part of a request's record. Stored as JSON.</summary>
public sealed record RequestAttempt
{
    /// <summary>Maximum number of attempts in one record. Further attempts are dropped.</summary>
    public const int Max = 8;

    /// <summary>The <see cref="Outcome"/> of an attempt that cannot have reached the provider.</summary>
    public const string NeverSent = "never_sent";

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Number of the attempt within its request, from 1.</summary>
    [JsonPropertyName("t")]
    public required int Number { get; init; }

    /// <summary>Provider and model: <c>openai/gpt-4o</c>.</summary>
    public required string Target { get; init; }

    /// <summary>The last characters of the credential. Null: no credential was used.</summary>
    public string? CredentialHint { get; init; }

    /// <summary>Time from the request's arrival to the start of the attempt, in microseconds.</summary>
    public required long Started { get; init; }

    /// <summary>Time from the start of the attempt to the response headers, in microseconds. Null: no response.</summary>
    public long? HeadUs { get; init; }

    /// <summary>How the attempt ended, from a fixed list of words.</summary>
    public required string Outcome { get; init; }

    /// <summary>The provider's HTTP status. Null: no response.</summary>
    public int? Status { get; init; }

    /// <summary>What the provider charges for the attempt, in US dollars. Null: unknown.</summary>
    public decimal? CostUsd { get; init; }

    /// <summary>True when the edge estimated the cost. False: the provider reported it.</summary>
    public bool Estimated { get; init; }

    /// <summary>The delay before a retry that the provider asked for, in milliseconds. Null: none given.</summary>
    public long? HintMs { get; init; }

    internal static string? Write(IReadOnlyList<RequestAttempt>? attempts) =>
        attempts is null ? null : JsonSerializer.Serialize(attempts.Take(Max), Json);

    internal static IReadOnlyList<RequestAttempt>? Read(string? json) =>
        json is null ? null : JsonSerializer.Deserialize<List<RequestAttempt>>(json, Json);
}
