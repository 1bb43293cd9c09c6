using Cencori.Edge.Routing;

namespace Cencori.Edge.Admin.Providers;

/// <summary>A credential that this edge leaves alone for a while.</summary>
/// <param name="Id">Of the credential.</param>
/// <param name="Name">Its name.</param>
/// <param name="Provider">Whose.</param>
/// <param name="Model">For which model, by the provider's own name, empty for requests that name none; null: for all of them.</param>
/// <param name="Endpoint">At which endpoint; null: at all of them.</param>
/// <param name="Reason">From a closed list: see <see cref="ReasonOf"/>.</param>
/// <param name="WaitMs">For how long still, in milliseconds.</param>
public sealed record TargetView(string Id, string Name, string Provider, string? Model, string? Endpoint, string Reason, long WaitMs)
{
    public static string ReasonOf(TargetOutcome why) => why switch
    {
        TargetOutcome.RateLimited => "rate_limited",
        TargetOutcome.CredentialRefused => "auth",
        TargetOutcome.NotThere => "not_found",
        _ => "server_error",
    };
}
