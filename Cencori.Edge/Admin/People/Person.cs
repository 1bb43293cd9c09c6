using Cencori.Edge.Storage;

namespace Cencori.Edge.Admin.People;

/// <summary>A person whom an OpenID provider has authenticated.</summary>
/// <param name="Issuer">The OpenID provider.</param>
/// <param name="Subject">The person's id at the provider.</param>
public sealed record Person(string Issuer, string Subject)
{
    public string? Name { get; init; }

    public string? Email { get; init; }

    /// <summary>Whether the OpenID provider has verified the e-mail address.</summary>
    public bool IsEmailVerified { get; init; }

    /// <summary>Whether the operator's settings list the person as an owner.</summary>
    public bool IsNamedOwner { get; init; }

    /// <summary>True: the OpenID provider decides the role. Then <see cref="Role"/> has the provider's role, and null means no access.</summary>
    public bool HasRoleOfProvider { get; init; }

    public UserRole? Role { get; init; }
}
