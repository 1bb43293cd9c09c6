using Cencori.Edge.Storage;

namespace Cencori.Edge.Admin.People;

/// <summary>A person, as authenticated by a sign-in provider.</summary>
/// <param name="Issuer">The provider.</param>
/// <param name="Subject">The person's id at the provider.</param>
public sealed record Person(string Issuer, string Subject)
{
    public string? Name { get; init; }

    public string? Email { get; init; }

    /// <summary>Whether the provider has verified the address.</summary>
    public bool IsEmailVerified { get; init; }

    /// <summary>Whether the operator's settings list the person as an owner.</summary>
    public bool IsNamedOwner { get; init; }

    /// <summary>Whether the provider decides the role. Then <see cref="Role"/> is the provider's, and null means no access.</summary>
    public bool HasRoleOfProvider { get; init; }

    public UserRole? Role { get; init; }
}
