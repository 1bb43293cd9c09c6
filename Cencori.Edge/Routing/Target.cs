namespace Cencori.Edge.Routing;

/// <summary>A credential for a model. What is said of the credential itself is said for none.</summary>
/// <param name="CredentialId">Of the project's credential.</param>
/// <param name="Model">By the provider's own name; null: for every model.</param>
public readonly record struct Target(string CredentialId, string? Model);
