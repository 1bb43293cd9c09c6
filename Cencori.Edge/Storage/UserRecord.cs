namespace Cencori.Edge.Storage;

/// <summary>The role of a user of the dashboard.</summary>
public enum UserRole
{
    /// <summary>Sees the assigned projects, without stored requests and responses, and changes nothing.</summary>
    Viewer,

    /// <summary>Sees and changes the assigned projects.</summary>
    Member,

    /// <summary>Sees and changes everything, and manages users.</summary>
    Owner,
}

/// <summary>A user who has signed in by OpenID Connect.</summary>
public sealed class UserRecord
{
    public required string Id { get; init; }

    /// <summary>Issuer of the OpenID provider. Issuer and <see cref="Subject"/> identify the user. E-mail addresses do not, because they can change owners.</summary>
    public required string Issuer { get; init; }

    public required string Subject { get; init; }

    /// <summary>The name that the OpenID provider last reported.</summary>
    public string? Name { get; set; }

    /// <summary>The e-mail address that the OpenID provider last reported.</summary>
    public string? Email { get; set; }

    /// <summary>Role of the user. Null: no access.</summary>
    public UserRole? Role { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? SignedInAt { get; set; }
}

/// <summary>A project that a user has access to. Owners need no such row.</summary>
public sealed class MembershipRecord
{
    public required string UserId { get; init; }

    public required string ProjectId { get; init; }
}

/// <summary>An invitation: a user who signs in with this verified e-mail address gets the role and the projects.</summary>
public sealed class InvitationRecord
{
    public required string Id { get; init; }

    /// <summary>The address in lower case.</summary>
    public required string Email { get; init; }

    public required UserRole Role { get; init; }

    public required List<string> ProjectIds { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }
}
