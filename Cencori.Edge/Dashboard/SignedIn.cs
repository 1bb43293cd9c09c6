using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Dashboard;

/// <summary>Somebody with a session.</summary>
/// <param name="SessionId">Of the session's row.</param>
/// <param name="UserId">Null: the admin token was shown.</param>
/// <param name="Name">As pages show it.</param>
/// <param name="Role">What they may do.</param>
/// <param name="ProjectIds">The projects that they belong to; null: all.</param>
public sealed record SignedIn(string SessionId, string? UserId, string Name, UserRole Role, IReadOnlyCollection<string>? ProjectIds)
{
    public bool May(UserRole role) => Role >= role;

    public bool Sees(string projectId) => ProjectIds?.Contains(projectId) != false;

    /// <summary>As the audit log has them.</summary>
    public AuditActor Actor(HttpContext context) => new(UserId is null ? AuditActor.Token : $"user {UserId}", CallerText.Address(context));
}
