using System.Text.Json.Serialization;
using Cencori.Edge.Admin.Limits;
using Cencori.Edge.Errors;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Admin.Providers;

/// <summary>What is sent with a credential at most, as for an account whose provider allows so much. What is not there, or null, is unlimited.</summary>
public sealed record CredentialLimits
{
    public long? RequestsPerMinute { get; init; }

    /// <summary>Requests at once. Null: as many as in a minute.</summary>
    public long? Burst { get; init; }

    public long? TokensPerMinute { get; init; }

    public long? ConcurrentRequests { get; init; }

    /// <summary>As it is stored: with what is the default of what is not there. Null: nothing is limited.</summary>
    [JsonIgnore]
    internal CredentialLimits? Whole => this with { Burst = Burst ?? RequestsPerMinute } is var whole && whole == new CredentialLimits() ? null : whole;

    internal static CredentialLimits? Of(ProviderKeyRecord row) => new CredentialLimits
    {
        RequestsPerMinute = row.RequestsPerMinute,
        Burst = row.Burst,
        TokensPerMinute = row.TokensPerMinute,
        ConcurrentRequests = row.ConcurrentRequests,
    }.Whole;

    internal static void Set(ProviderKeyRecord row, in PatchField<CredentialLimits?> wanted)
    {
        if (wanted.IsPresent)
        {
            var limits = wanted.Value?.Whole;
            (row.RequestsPerMinute, row.Burst, row.TokensPerMinute, row.ConcurrentRequests) = (limits?.RequestsPerMinute, limits?.Burst, limits?.TokensPerMinute, limits?.ConcurrentRequests);
        }
    }

    internal EdgeError? Check() => LimitChecks.Of(new(RequestsPerMinute, Burst, TokensPerMinute, ConcurrentRequests), "limits.");
}
