using System.Text.Json.Serialization;
using Cencori.Edge.Admin.Limits;
using Cencori.Edge.Errors;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Admin.Providers;

/// <summary>Rate limits of the requests that use a credential, usually those of its provider account. An absent or null member means unlimited.</summary>
public sealed record CredentialLimits
{
    public long? RequestsPerMinute { get; init; }

    /// <summary>Capacity of the request bucket. Null: equal to <see cref="RequestsPerMinute"/>.</summary>
    public long? Burst { get; init; }

    public long? TokensPerMinute { get; init; }

    public long? ConcurrentRequests { get; init; }

    /// <summary>The limits in the form that is stored, with default values filled in. Null: nothing is limited.</summary>
    [JsonIgnore]
    internal CredentialLimits? Normalized => this with { Burst = Burst ?? RequestsPerMinute } is var whole && whole == new CredentialLimits() ? null : whole;

    internal static CredentialLimits? Of(ProviderKeyRecord row) => new CredentialLimits
    {
        RequestsPerMinute = row.RequestsPerMinute,
        Burst = row.Burst,
        TokensPerMinute = row.TokensPerMinute,
        ConcurrentRequests = row.ConcurrentRequests,
    }.Normalized;

    internal static void Set(ProviderKeyRecord row, in PatchField<CredentialLimits?> requested)
    {
        if (requested.IsPresent)
        {
            var limits = requested.Value?.Normalized;
            (row.RequestsPerMinute, row.Burst, row.TokensPerMinute, row.ConcurrentRequests) = (limits?.RequestsPerMinute, limits?.Burst, limits?.TokensPerMinute, limits?.ConcurrentRequests);
        }
    }

    internal EdgeError? Check() => LimitChecks.Of(new(RequestsPerMinute, Burst, TokensPerMinute, ConcurrentRequests), "limits.");
}
