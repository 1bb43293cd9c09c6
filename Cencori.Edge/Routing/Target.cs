using Cencori.Edge.Projects;

namespace Cencori.Edge.Routing;

/// <summary>A credential for a model. What is said of the credential itself is said for none.</summary>
/// <param name="CredentialId">Of the project's credential.</param>
/// <param name="Model">By the provider's own name, empty for requests that name none; null: for every model.</param>
/// <param name="Endpoint">Its name. Null: whatever is asked of the model.</param>
/// <param name="Version">Which secret at which address: what is said of one says nothing of the one that takes its place.</param>
public readonly record struct Target(string CredentialId, string? Model, string? Endpoint = null, string Version = "")
{
    internal static Target Of(ProviderCredential credential, string? model, string? endpoint = null) => new(credential.Id, model, endpoint, credential.Version);
}

/// <summary>A target that is left alone.</summary>
/// <param name="Target">Which.</param>
/// <param name="Why">What its provider has said, or how it failed.</param>
/// <param name="Wait">For how long still.</param>
public sealed record CooledTarget(Target Target, TargetOutcome Why, TimeSpan Wait);
