namespace Cencori.Edge.Owners;

/// <summary>The provider and credential that created an object.</summary>
/// <param name="Provider">Id of the provider.</param>
/// <param name="CredentialId">The project's credential that created the object. Null: unknown.</param>
public sealed record StoredOwner(string Provider, string? CredentialId);
