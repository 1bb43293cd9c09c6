using Cencori.Edge.Storage;

namespace Cencori.Edge.Admin.People;

/// <summary>The body that changes what somebody may do: what is not there stays.</summary>
public sealed record MemberChange
{
    /// <summary>Null: no access.</summary>
    public PatchField<UserRole?> Role { get; init; }

    /// <summary>Ids of all the projects that they belong to. Null: none.</summary>
    public PatchField<List<string>?> Projects { get; init; }
}

/// <summary>Somebody who has signed in by OpenID Connect.</summary>
/// <param name="Id">Of ours.</param>
/// <param name="Name">As their provider last said it; null: it did not.</param>
/// <param name="Email">Likewise.</param>
/// <param name="Role">What they may do; null: nothing yet.</param>
/// <param name="Projects">Ids of the projects that they belong to. Owners see all.</param>
/// <param name="Issuer">Their provider; with <paramref name="Subject"/> it is who they are.</param>
/// <param name="Subject">See <paramref name="Issuer"/>.</param>
/// <param name="CreatedAt">When they first came.</param>
/// <param name="SignedInAt">When they last signed in.</param>
public sealed record MemberView(
    string Id, string? Name, string? Email, UserRole? Role, List<string> Projects, string Issuer, string Subject, DateTimeOffset CreatedAt, DateTimeOffset? SignedInAt)
{
    public static MemberView Of(UserRecord user, IEnumerable<string> projects) =>
        new(user.Id, user.Name, user.Email, user.Role, [.. projects.Order(StringComparer.Ordinal)], user.Issuer, user.Subject, user.CreatedAt, user.SignedInAt);
}

/// <summary>The body that invites somebody.</summary>
public sealed record NewInvitation
{
    /// <summary>Whoever signs in with it, verified by their provider, is meant.</summary>
    public required string Email { get; init; }

    public required UserRole Role { get; init; }

    /// <summary>Ids of projects. Owners need none.</summary>
    public List<string>? Projects { get; init; }

    /// <summary>1 to 90. Default 7.</summary>
    public int? ExpiresInDays { get; init; }
}

/// <summary>An invitation that nobody has taken up yet.</summary>
public sealed record InvitationView(string Id, string Email, UserRole Role, List<string> Projects, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt)
{
    public static InvitationView Of(InvitationRecord row) => new(row.Id, row.Email, row.Role, row.ProjectIds, row.CreatedAt, row.ExpiresAt);
}
