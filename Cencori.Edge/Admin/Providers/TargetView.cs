using Cencori.Edge.Routing;

namespace Cencori.Edge.Admin.Providers;

/// <summary>A credential that this edge leaves alone for a while, or a canary that is stopped.</summary>
/// <param name="Id">Of the credential.</param>
/// <param name="Name">Its name.</param>
/// <param name="Provider">Whose.</param>
/// <param name="Model">For which model, by the provider's own name, empty for requests that name none; null: for all of them.</param>
/// <param name="Endpoint">At which endpoint; null: at all of them.</param>
/// <param name="Reason">As <c>x-cencori-fallback</c> tells it: <c>rate_limited</c>, <c>auth</c>, <c>not_found</c> or <c>server_error</c>; <c>stopped</c>: it is a canary.</param>
/// <param name="WaitMs">For how long still, in milliseconds. Null: until somebody resets it, or saves the route.</param>
public sealed record TargetView(string Id, string Name, string Provider, string? Model, string? Endpoint, string Reason, long? WaitMs)
{
    /// <summary>Which canary, and why. Null: it is none.</summary>
    public StoppedCanary? Stopped { get; init; }
}
