using Cencori.Edge.Storage;

namespace Cencori.Edge.Admin.People;

/// <summary>Request body that changes a member's permissions. Absent members of the body stay unchanged.</summary>
public sealed record MemberChange
{
    /// <summary>The member's new role. Null: the member has no access.</summary>
    public PatchField<UserRole?> Role { get; init; }

    /// <summary>Ids of all projects of the member, which replace the earlier ones. Null: no project.</summary>
    public PatchField<List<string>?> Projects { get; init; }
}

/// <summary>A person who has signed in with OpenID Connect.</summary>
/// <param name="Id">The edge's id of the member.</param>
/// <param name="Name">Name that the OpenID provider sent at the last sign-in. Null: it sent none.</param>
/// <param name="Email">E-mail address that the OpenID provider sent at the last sign-in. Null: it sent none.</param>
/// <param name="Role">The member's role. Null: the member has no access yet.</param>
/// <param name="Projects">Ids of the member's projects. Owners see all projects.</param>
/// <param name="Issuer">The OpenID provider. Together with <paramref name="Subject"/> it identifies the person.</param>
/// <param name="Subject">The person's id at the OpenID provider.</param>
/// <param name="CreatedAt">Time of the first sign-in.</param>
/// <param name="SignedInAt">Time of the last sign-in.</param>
public sealed record MemberView(
    string Id, string? Name, string? Email, UserRole? Role, List<string> Projects, string Issuer, string Subject, DateTimeOffset CreatedAt, DateTimeOffset? SignedInAt)
{
    public static MemberView Of(UserRecord user, IEnumerable<string> projects) =>
        new(user.Id, user.Name, user.Email, user.Role, [.. projects.Order(StringComparer.Ordinal)], user.Issuer, user.Subject, user.CreatedAt, user.SignedInAt);
}

/// <summary>Request body that creates an invitation.</summary>
public sealed record NewInvitation
{
    /// <summary>E-mail address. The invitation is for the person who signs in with this address, if the OpenID provider has verified it.</summary>
    public required string Email { get; init; }

    public required UserRole Role { get; init; }

    /// <summary>Ids of the projects that the person gets access to. Owners need none.</summary>
    public List<string>? Projects { get; init; }

    /// <summary>Number of days until the invitation expires, 1 to 90. Default 7.</summary>
    public int? ExpiresInDays { get; init; }
}

/// <summary>An invitation that nobody has accepted yet.</summary>
public sealed record InvitationView(string Id, string Email, UserRole Role, List<string> Projects, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt)
{
    public static InvitationView Of(InvitationRecord row) => new(row.Id, row.Email, row.Role, row.ProjectIds, row.CreatedAt, row.ExpiresAt);
}
