using Cencori.Edge.Projects;

namespace Cencori.Edge.Routing.Health;

/// <summary>A credential together with a model and an endpoint. A cool-down applies to such a target.</summary>
/// <param name="CredentialId">The project's credential.</param>
/// <param name="Model">The model by the provider's own name, empty for requests that name none. Null: every model.</param>
/// <param name="Endpoint">The name of the endpoint. Null: every endpoint.</param>
/// <param name="Version">Identifies the credential's secret and address. A replaced secret starts without the cool-downs of the old one.</param>
public readonly record struct Target(string CredentialId, string? Model, string? Endpoint = null, string Version = "")
{
    internal static Target Of(ProviderCredential credential, string? model, string? endpoint = null) => new(credential.Id, model, endpoint, credential.Version);
}

/// <summary>A target in cool-down.</summary>
/// <param name="Target">The target.</param>
/// <param name="Reason">The reason: what its provider said, or how it failed.</param>
/// <param name="Wait">The rest of the cool-down.</param>
public sealed record CooledTarget(Target Target, TargetOutcome Reason, TimeSpan Wait);
