namespace Cencori.Edge.Owners;

/// <summary>Owner of an object at a provider.</summary>
/// <param name="Provider">Id of the provider.</param>
/// <param name="CredentialId">The project's credential that created the object. Null: unknown.</param>
public sealed record StoredOwner(string Provider, string? CredentialId);
