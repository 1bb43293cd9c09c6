namespace Cencori.Edge.Owners;

/// <summary>Who has what a provider keeps.</summary>
/// <param name="Provider">Its id.</param>
/// <param name="CredentialId">The project's credential that it was made with. Null: nobody knows.</param>
public sealed record StoredOwner(string Provider, string? CredentialId);
