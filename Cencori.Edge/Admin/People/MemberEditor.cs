using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Admin.SignIn;
using Cencori.Edge.Errors;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Cencori.Edge.Admin.People;

/// <summary>Lists, reads, changes and removes members, who have signed in with OpenID Connect. Changes take effect at once.</summary>
internal sealed class MemberEditor(IDbContextFactory<EdgeDbContext> contexts, Changes changes, IOptions<SignInOptions> signIn)
{
    private const int MaxProjects = 1_000;

    private static readonly EdgeError NotFound = new(ErrorKind.NotFound, "There is no such member.");

    private static readonly EdgeError LastOwner = new(ErrorKind.Conflict,
        "This is the last owner, and the admin token does not open the dashboard (Dashboard:TokenSignIn): nobody could manage members afterwards. Make somebody else an owner first.") { Param = "role" };

    /// <summary>Lists members: those with access first, then by first sign-in.</summary>
    public async Task<List<MemberView>> ListAsync()
    {
        await using var database = await contexts.CreateDbContextAsync();
        var users = await database.Users.AsNoTracking().OrderBy(row => row.CreatedAt).ThenBy(row => row.Id).ToListAsync();
        var projects = (await database.Memberships.AsNoTracking().ToListAsync()).ToLookup(row => row.UserId, row => row.ProjectId);
        return [.. users.Select(user => MemberView.Of(user, projects[user.Id])).OrderBy(member => member.Role is null)];
    }

    public async Task<Tagged<MemberView>> GetAsync(string userId)
    {
        await using var database = await contexts.CreateDbContextAsync();
        return Tag(await FindAsync(database, userId), await MembershipsAsync(database, userId));
    }

    public Task<Tagged<MemberView>> ChangeAsync(AuditActor actor, string userId, MemberChange change, Precondition expected) => changes.MakeAsync(actor, async database =>
    {
        await LockAsync(database, userId);
        var user = await FindAsync(database, userId);
        var memberships = await MembershipsAsync(database, userId);
        expected.Check(Tag(user, memberships).Tag);
        var role = change.Role.Or(user.Role);
        await RefuseLastOwnerAsync(database, user, role);
        user.Role = role;
        if (change.Projects.IsPresent)
        {
            var requested = await ProjectsAsync(database, change.Projects.Value);
            database.Memberships.RemoveRange(memberships.Where(row => !requested.Contains(row.ProjectId)));
            database.Memberships.AddRange(requested.Except(memberships.Select(row => row.ProjectId)).Select(project => new MembershipRecord { UserId = userId, ProjectId = project }));
            return Tag(user, requested);
        }

        return Tag(user, memberships);
    });

    /// <summary>Removes a member's access and sessions. A later sign-in creates a new member without access.</summary>
    public Task RemoveAsync(AuditActor actor, string userId, Precondition expected) => changes.MakeAsync(actor, async database =>
    {
        await LockAsync(database, userId);
        var user = await FindAsync(database, userId);
        var memberships = await MembershipsAsync(database, userId);
        expected.Check(Tag(user, memberships).Tag);
        await RefuseLastOwnerAsync(database, user, role: null);
        await database.Sessions.Where(row => row.UserId == userId).ExecuteDeleteAsync();
        database.Memberships.RemoveRange(memberships);
        database.Users.Remove(user);
        return user;
    });

    /// <summary>Checks that the projects exist. Returns their ids without duplicates.</summary>
    /// <exception cref="RefusedException">A project does not exist.</exception>
    internal static async Task<List<string>> ProjectsAsync(EdgeDbContext database, List<string>? ids)
    {
        List<string> requested = [.. (ids ?? []).Distinct(StringComparer.Ordinal)];
        if (requested.Count > MaxProjects || requested.Exists(id => id is null || id.Contains('\0', StringComparison.Ordinal)))
        {
            throw new RefusedException(EdgeError.Invalid($"projects must be a list of at most {MaxProjects} project ids.", "projects"));
        }

        var known = await database.Projects.Where(row => requested.Contains(row.Id)).Select(row => row.Id).ToListAsync();
        return known.Count == requested.Count ? requested : throw new RefusedException(EdgeError.Invalid("One of the projects does not exist. Use project ids.", "projects"));
    }

    // Locks the member's row, so that a concurrent change waits and then sees this one. Locks the rows of all owners, too: if two owners remove each other's role at
    // the same time, one transaction waits for the other and is then refused.
    private static Task<int> LockAsync(EdgeDbContext database, string userId) =>
        database.Users.Where(row => row.Id == userId || row.Role == UserRole.Owner).ExecuteUpdateAsync(row => row.SetProperty(user => user.Subject, user => user.Subject));

    private async Task RefuseLastOwnerAsync(EdgeDbContext database, UserRecord user, UserRole? role)
    {
        if (!signIn.Value.TokenSignIn && user.Role == UserRole.Owner && role != UserRole.Owner && !await database.Users.AnyAsync(row => row.Role == UserRole.Owner && row.Id != user.Id))
        {
            throw new RefusedException(LastOwner);
        }
    }

    private static async Task<UserRecord> FindAsync(EdgeDbContext database, string userId) =>
        (userId.Contains('\0', StringComparison.Ordinal) ? null : await database.Users.FindAsync(userId)) ?? throw new RefusedException(NotFound);

    private static Task<List<MembershipRecord>> MembershipsAsync(EdgeDbContext database, string userId) => database.Memberships.Where(row => row.UserId == userId).ToListAsync();

    private static Tagged<MemberView> Tag(UserRecord user, List<MembershipRecord> memberships) => Tag(user, memberships.ConvertAll(row => row.ProjectId));

    // The ETag covers only permissions, and not the time of the last sign-in.
    private static Tagged<MemberView> Tag(UserRecord user, List<string> projects)
    {
        var view = MemberView.Of(user, projects);
        return new(view, EntityTags.Of(new { view.Id, view.Role, view.Projects }));
    }
}
