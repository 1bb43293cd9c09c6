using Cencori.Edge.Storage;

namespace Cencori.Edge.Admin.People;

/// <summary>Somebody, as their sign-in provider vouches for them.</summary>
/// <param name="Issuer">The provider.</param>
/// <param name="Subject">Who they are there.</param>
public sealed record Person(string Issuer, string Subject)
{
    public string? Name { get; init; }

    public string? Email { get; init; }

    /// <summary>Whether the provider says that the address is theirs.</summary>
    public bool IsEmailVerified { get; init; }

    /// <summary>Whether the operator's settings name them an owner.</summary>
    public bool IsNamedOwner { get; init; }

    /// <summary>Whether the provider decides on roles; then <see cref="Role"/> is what it says, and null is no access.</summary>
    public bool HasRoleOfProvider { get; init; }

    public UserRole? Role { get; init; }
}
