using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Admin.SignIn;
using Cencori.Edge.Memory.Recall;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Admin.People;

/// <summary>
/// Maps a person whom an OpenID provider has authenticated to a user, by issuer and subject, and creates the user if needed. A verified e-mail
/// address is used only to find an open invitation.
/// </summary>
internal sealed class MemberSignIn(IDbContextFactory<EdgeDbContext> contexts, Changes changes, FailedSignInLog refusals, TimeProvider time)
{
    /// <summary>
    /// Maximum number of users without access. Everybody with an account at the OpenID provider can become such a user.
    /// If there are more, the users with the oldest sign-in are deleted.
    /// </summary>
    public const int MaxWithoutAccess = 1_000;

    /// <summary>How long a user without access stays in the database after the last sign-in.</summary>
    public static readonly TimeSpan WithoutAccess = TimeSpan.FromDays(90);

    private const int LongestText = 256;

    /// <returns>The user's id. Null: the user has no access yet; owners see the user in the list of members.</returns>
    public async Task<string?> AdmitAsync(Person person, string? address)
    {
        var id = await IdOfAsync(person) ?? Ids.New("usr");
        var actor = new AuditActor($"user {id}", address);
        var user = await changes.MakeAsync(actor, database => EnterAsync(database, person, id));
        if (user.Role is null)
        {
            await refusals.NoteAsync(actor, FailedSignInLog.OpenId);
            return null;
        }

        await changes.NoteAsync(actor, new("sign_in", null, "dashboard"));
        return user.Id;
    }

    private async Task<string?> IdOfAsync(Person person)
    {
        await using var database = await contexts.CreateDbContextAsync();
        return await database.Users.Where(row => row.Issuer == person.Issuer && row.Subject == person.Subject).Select(row => row.Id).FirstOrDefaultAsync();
    }

    private async Task<UserRecord> EnterAsync(EdgeDbContext database, Person person, string id)
    {
        var now = DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());

        // Bypasses change tracking: a sign-in has its own audit entry, so it must not also be logged as a change of the user.
        await database.Users.Where(row => row.Issuer == person.Issuer && row.Subject == person.Subject).ExecuteUpdateAsync(row => row.SetProperty(user => user.SignedInAt, now));
        var user = await database.Users.SingleOrDefaultAsync(row => row.Issuer == person.Issuer && row.Subject == person.Subject)
            ?? database.Users.Add(new UserRecord { Id = id, Issuer = person.Issuer, Subject = person.Subject, CreatedAt = now, SignedInAt = now }).Entity;
        user.Name = Cut(person.Name) ?? user.Name;
        user.Email = Cut(person.Email) ?? user.Email;
        var invited = person is { IsEmailVerified: true, Email: { } email } ? await TakeUpAsync(database, user, email.ToLowerInvariant(), now) : null;
        user.Role = person.IsNamedOwner ? UserRole.Owner
            : person.HasRoleOfProvider ? person.Role
            : invited is { } role && (user.Role is null || role > user.Role) ? role
            : user.Role;
        if (user.Role is null)
        {
            await SweepAsync(database, user.Id, now);
        }

        return user;
    }

    // Deletes old users without access. Users with projects are kept, because an owner has edited them.
    private static async Task SweepAsync(EdgeDbContext database, string userId, DateTimeOffset now)
    {
        var others = database.Users.Where(row => row.Role == null && row.Id != userId && !database.Memberships.Any(membership => membership.UserId == row.Id));
        var old = now - WithoutAccess;
        await others.Where(row => row.SignedInAt == null || row.SignedInAt < old).ExecuteDeleteAsync();
        var rest = others.OrderByDescending(row => row.SignedInAt).ThenBy(row => row.Id).Skip(MaxWithoutAccess - 1).Select(row => row.Id);
        await database.Users.Where(row => rest.Contains(row.Id)).ExecuteDeleteAsync();
    }

    private static async Task<UserRole?> TakeUpAsync(EdgeDbContext database, UserRecord user, string email, DateTimeOffset now)
    {
        if (await database.Invitations.FirstOrDefaultAsync(row => row.Email == email && row.ExpiresAt > now) is not { } invitation)
        {
            return null;
        }

        database.Invitations.Remove(invitation);
        var own = await database.Memberships.Where(row => row.UserId == user.Id).Select(row => row.ProjectId).ToListAsync();

        // Skips projects that were deleted after the invitation.
        var projects = await database.Projects.Where(row => invitation.ProjectIds.Contains(row.Id) && !own.Contains(row.Id)).Select(row => row.Id).ToListAsync();
        database.Memberships.AddRange(projects.Select(project => new MembershipRecord { UserId = user.Id, ProjectId = project }));
        return invitation.Role;
    }

    private static string? Cut(string? text) => string.IsNullOrWhiteSpace(text) ? null : PlainText.Cut(text.Replace("\0", "", StringComparison.Ordinal), LongestText);
}
