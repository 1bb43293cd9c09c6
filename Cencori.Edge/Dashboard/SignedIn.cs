using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Dashboard;

/// <summary>The signed-in user of a session.</summary>
/// <param name="SessionId">The id of the session's row.</param>
/// <param name="UserId">The user's id. Null: signed in with the admin token.</param>
/// <param name="Name">The name that pages show.</param>
/// <param name="Role">The user's role.</param>
/// <param name="ProjectIds">The projects that the user may see; null: all.</param>
public sealed record SignedIn(string SessionId, string? UserId, string Name, UserRole Role, IReadOnlyCollection<string>? ProjectIds)
{
    public bool May(UserRole role) => Role >= role;

    public bool CanSee(string projectId) => ProjectIds?.Contains(projectId) != false;

    /// <summary>The user as the actor in the audit log.</summary>
    public AuditActor Actor(HttpContext context) => new(UserId is null ? AuditActor.Token : $"user {UserId}", CallerText.Address(context));
}
