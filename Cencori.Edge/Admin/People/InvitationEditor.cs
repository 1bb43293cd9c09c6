using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Errors;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Admin.People;

/// <summary>Lists, creates and deletes invitations. Sends no mail.</summary>
internal sealed class InvitationEditor(IDbContextFactory<EdgeDbContext> contexts, Changes changes, TimeProvider time)
{
    public const int DefaultDays = 7;
    public const int MaxDays = 90;

    private const int LongestEmail = 254;

    private static readonly EdgeError NotFound = new(ErrorKind.NotFound, "There is no such invitation.");

    /// <summary>Lists invitations, newest first. An expired invitation stays until somebody deletes it or invites the same address again.</summary>
    public async Task<List<InvitationView>> ListAsync()
    {
        await using var database = await contexts.CreateDbContextAsync();
        var rows = await database.Invitations.AsNoTracking().OrderByDescending(row => row.CreatedAt).ThenBy(row => row.Id).ToListAsync();
        return rows.ConvertAll(InvitationView.Of);
    }

    public async Task<InvitationView> CreateAsync(AuditActor actor, NewInvitation body)
    {
        Check(body).ThrowIfAny();
        var email = body.Email.Trim().ToLowerInvariant();
        return InvitationView.Of(await changes.MakeAsync(actor, async database =>
        {
            // Two invitations of one address at the same time would both find none.
            await LockAsync(database);
            var now = DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());
            var before = await database.Invitations.Where(row => row.Email == email).ToListAsync();
            if (before.Exists(row => row.ExpiresAt > now))
            {
                throw new RefusedException(new EdgeError(ErrorKind.Conflict, "This address is invited already. Delete the invitation to invite it again.") { Param = "email" });
            }

            database.Invitations.RemoveRange(before);
            return database.Invitations.Add(new InvitationRecord
            {
                Id = Ids.New("inv"),
                Email = email,
                Role = body.Role,
                ProjectIds = body.Role == UserRole.Owner ? [] : await MemberEditor.ProjectsAsync(database, body.Projects),
                CreatedAt = now,
                ExpiresAt = now.AddDays(body.ExpiresInDays ?? DefaultDays),
            }).Entity;
        }));
    }

    public Task DeleteAsync(AuditActor actor, string invitationId) => changes.MakeAsync(actor, async database =>
    {
        // A second deletion at the same time waits, and then finds nothing.
        await LockAsync(database);
        var row = (invitationId.Contains('\0', StringComparison.Ordinal) ? null : await database.Invitations.FindAsync(invitationId)) ?? throw new RefusedException(NotFound);
        return database.Invitations.Remove(row);
    });

    // Each change ends with this lock, so changes of invitations begin with it.
    private static Task<bool> LockAsync(EdgeDbContext database) => AuditCheckpoint.TryHoldAsync(database, AuditCheckpoint.Head, CancellationToken.None);

    private static EdgeError? Check(NewInvitation body) =>
        body.Email.Trim() is not { Length: > 2 and <= LongestEmail } email || email.Split('@') is not [{ Length: > 0 }, { Length: > 0 }] || email.Any(c => char.IsControl(c) || char.IsWhiteSpace(c))
            ? EdgeError.Invalid("The e-mail address is not valid. Use a form such as jo@example.com.", "email")
        : !Enum.IsDefined(body.Role) ? EdgeError.Invalid("The role must be owner, member or viewer.", "role")
        : body.ExpiresInDays is < 1 or > MaxDays ? EdgeError.Invalid($"expires_in_days must be 1 to {MaxDays}.", "expires_in_days")
        : null;
}
