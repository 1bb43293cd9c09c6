using Cencori.Edge.Routing.Routes;

namespace Cencori.Edge.Admin.Providers;

/// <summary>A credential in cool-down at this edge, or a stopped canary.</summary>
/// <param name="Id">Id of the credential.</param>
/// <param name="Name">Name of the credential.</param>
/// <param name="Provider">Provider of the credential.</param>
/// <param name="Model">Model to which the cool-down applies, by its name at the provider. Empty: requests without a model. Null: all models.</param>
/// <param name="Endpoint">Endpoint to which the cool-down applies. Null: all endpoints.</param>
/// <param name="Reason">Reason, as in <c>x-cencori-fallback</c>: <c>rate_limited</c>, <c>auth</c>, <c>not_found</c> or <c>server_error</c>; <c>stopped</c> for a canary.</param>
/// <param name="WaitMs">Remaining milliseconds. Null: the canary is stopped until somebody resets it or saves the route.</param>
public sealed record TargetView(string Id, string Name, string Provider, string? Model, string? Endpoint, string Reason, long? WaitMs)
{
    /// <summary>The stopped canary and the reason. Null: the item is a credential in cool-down.</summary>
    public StoppedCanary? Stopped { get; init; }
}
