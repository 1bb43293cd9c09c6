using System.Text.Json.Serialization;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Admin.Keys;

/// <summary>A key as an administrator sees it. Only the response that creates the key has <see cref="FullKey"/>.</summary>
public sealed record ApiKeyView
{
    /// <summary>Age in days from which a key should be rotated.</summary>
    public const int RotationDueDays = 90;

    public required string Id { get; init; }

    public required string Name { get; init; }

    public required string KeyPrefix { get; init; }

    public required string LastFour { get; init; }

    public required KeyType KeyType { get; init; }

    public required KeyEnvironment Environment { get; init; }

    public required List<string> AllowedDomains { get; init; }

    public required List<string>? AllowedModels { get; init; }

    public required List<string>? AllowedCidrs { get; init; }

    public required string? AgentId { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset? LastUsedAt { get; init; }

    public required DateTimeOffset? ExpiresAt { get; init; }

    public required DateTimeOffset? RevokedAt { get; init; }

    public required bool Revoked { get; init; }

    public required string? ReplacedBy { get; init; }

    public required int AgeDays { get; init; }

    public required bool RotationDue { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? FullKey { get; init; }

    public static ApiKeyView Of(ApiKeyRecord row, DateTimeOffset now, string? fullKey = null)
    {
        var age = (int)(now - row.CreatedAt).TotalDays;
        return new ApiKeyView
        {
            Id = row.Id,
            Name = row.Name,
            KeyPrefix = row.KeyPrefix,
            LastFour = row.LastFour,
            KeyType = row.Type,
            Environment = row.Environment,
            AllowedDomains = row.AllowedDomains,
            AllowedModels = row.AllowedModels,
            AllowedCidrs = row.AllowedCidrs,
            AgentId = row.AgentId,
            CreatedAt = row.CreatedAt,
            LastUsedAt = row.LastUsedAt,
            ExpiresAt = row.ExpiresAt,
            RevokedAt = row.RevokedAt,
            Revoked = row.RevokedAt is not null,
            ReplacedBy = row.ReplacedBy,
            AgeDays = age,
            RotationDue = age >= RotationDueDays && row.RevokedAt is null,
            FullKey = fullKey,
        };
    }

    /// <summary>Computes the ETag of a key from its changeable members. Last use and age are not included.</summary>
    public static string TagOf(ApiKeyRecord row) => EntityTags.Of(new
    {
        row.Name,
        row.AllowedDomains,
        row.AllowedModels,
        row.AllowedCidrs,

        // Only milliseconds, like in the database. The time in a request body can have more digits.
        ExpiresAt = row.ExpiresAt?.ToUnixTimeMilliseconds(),
        Revoked = row.RevokedAt is not null,
        row.ReplacedBy,
    });
}

public sealed record ApiKeyResponse([property: JsonPropertyName("apiKey")] ApiKeyView ApiKey);

public sealed record ApiKeysResponse([property: JsonPropertyName("apiKeys")] List<ApiKeyView> ApiKeys);
