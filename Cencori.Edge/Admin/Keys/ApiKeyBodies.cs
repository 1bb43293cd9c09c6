using Cencori.Edge.Errors;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Admin.Keys;

/// <summary>Request body that creates a key.</summary>
public sealed record NewApiKey
{
    public required string Name { get; init; }

    public required KeyType KeyType { get; init; }

    public required KeyEnvironment Environment { get; init; }

    public List<string>? AllowedDomains { get; init; }

    public List<string>? AllowedModels { get; init; }

    /// <summary>Networks from which the key may be used. Null: all networks. Empty: no network.</summary>
    public List<string>? AllowedCidrs { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    public string? AgentId { get; init; }

    public EdgeError? Check(DateTimeOffset now)
    {
        if ((KeyType == KeyType.Agent) != !string.IsNullOrEmpty(AgentId))
        {
            return EdgeError.Invalid("An agent key must have an agent_id, and another key must not have one.", "agent_id");
        }

        if (AgentId?.Any(char.IsControl) == true)
        {
            return EdgeError.Invalid("An agent_id must not have control characters.", "agent_id");
        }

        // A publishable key without a domain could never be used. For other key types, the list would have no effect.
        if ((KeyType == KeyType.Publishable) != (AllowedDomains is { Count: > 0 }))
        {
            return EdgeError.Invalid("A publishable key must have allowed_domains, and another key must not have them.", "allowed_domains");
        }

        return Checks.Name(Name)
            ?? Checks.AllowedDomains(AllowedDomains)
            ?? Checks.AllowedModels(AllowedModels)
            ?? Checks.AllowedCidrs(AllowedCidrs)
            ?? (ExpiresAt <= now ? EdgeError.Invalid("The expiry must be in the future.", "expires_at") : null);
    }
}

/// <summary>Request body that changes a key. Type, environment and agent of a key never change.</summary>
public sealed record ApiKeyChange
{
    public PatchField<string> Name { get; init; }

    public PatchField<List<string>?> AllowedDomains { get; init; }

    public PatchField<List<string>?> AllowedModels { get; init; }

    public PatchField<List<string>?> AllowedCidrs { get; init; }

    public PatchField<DateTimeOffset?> ExpiresAt { get; init; }

    public bool? Revoked { get; init; }

    public EdgeError? Check(ApiKeyRecord row, DateTimeOffset now)
    {
        if (Revoked == false && row.RevokedAt is not null)
        {
            return EdgeError.Invalid("A revoked key cannot become valid again. Create a new key.", "revoked");
        }

        if (AllowedDomains.IsPresent && (row.Type == KeyType.Publishable) != (AllowedDomains.Value is { Count: > 0 }))
        {
            return EdgeError.Invalid("A publishable key must have allowed_domains, and another key must not have them.", "allowed_domains");
        }

        // The old key of a rotation would otherwise stay valid beside its successor, and nobody would notice.
        if (ExpiresAt is { IsPresent: true, Value: null } && row.ReplacedBy is not null)
        {
            return EdgeError.Invalid("A rotated key must expire. Enter a time, or revoke the key.", "expires_at");
        }

        return (Name.IsPresent ? Checks.Name(Name.Value) : null)
            ?? Checks.AllowedDomains(AllowedDomains.Value)
            ?? Checks.AllowedModels(AllowedModels.Value)
            ?? Checks.AllowedCidrs(AllowedCidrs.Value)
            ?? (ExpiresAt.Value <= now ? EdgeError.Invalid("The expiry must be in the future. To end a key now, revoke it.", "expires_at") : null);
    }
}

/// <summary>Optional request body of a key rotation.</summary>
public sealed record KeyRotation
{
    /// <summary>Number of hours for which the old key stays valid. 0: the old key ends now. Null: 24 hours.</summary>
    public double? GracePeriodHours { get; init; }
}
