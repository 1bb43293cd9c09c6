namespace Cencori.Edge.Storage;

/// <summary>What somebody may do in the dashboard.</summary>
public enum UserRole
{
    /// <summary>Sees the projects that they belong to, without stored requests and responses, and changes nothing.</summary>
    Viewer,

    /// <summary>Sees and changes the projects that they belong to.</summary>
    Member,

    /// <summary>Sees and changes everything, and decides who may.</summary>
    Owner,
}

/// <summary>Somebody who has signed in by OpenID Connect.</summary>
public sealed class UserRecord
{
    public required string Id { get; init; }

    /// <summary>The provider that vouches for them; with <see cref="Subject"/> it is who they are. An e-mail address is not: it changes hands.</summary>
    public required string Issuer { get; init; }

    public required string Subject { get; init; }

    /// <summary>As the provider last said it.</summary>
    public string? Name { get; set; }

    /// <summary>Likewise.</summary>
    public string? Email { get; set; }

    /// <summary>Null: they have no access.</summary>
    public UserRole? Role { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? SignedInAt { get; set; }
}

/// <summary>A project that a user belongs to. Owners need none.</summary>
public sealed class MembershipRecord
{
    public required string UserId { get; init; }

    public required string ProjectId { get; init; }
}

/// <summary>Whoever signs in with this verified e-mail address gets the role and the projects.</summary>
public sealed class InvitationRecord
{
    public required string Id { get; init; }

    /// <summary>In lower case.</summary>
    public required string Email { get; init; }

    public required UserRole Role { get; init; }

    public required List<string> ProjectIds { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }
}
