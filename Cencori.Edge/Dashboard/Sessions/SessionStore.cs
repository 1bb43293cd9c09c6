using System.Security.Cryptography;
using System.Text;
using Cencori.Edge.Admin.SignIn;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Memory.Recall;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Cencori.Edge.Dashboard.Sessions;

/// <summary>
/// Stores sessions in the database, shared by all edges. The cookie holds 256 random bits, and the table holds their hash. A session ends 12 hours after
/// its last use, 7 days after its start, at sign-out, when its admin token changes, or when its user loses access. It also ends when its user has started
/// <see cref="MaxOfUser"/> newer sessions since its last use.
/// </summary>
internal sealed class SessionStore(IDbContextFactory<EdgeDbContext> contexts, AdminToken token, IOptions<SignInOptions> signIn, TimeProvider time)
{
    public static readonly TimeSpan Idle = TimeSpan.FromHours(12);
    public static readonly TimeSpan Longest = TimeSpan.FromDays(7);

    /// <summary>Maximum sessions of one user.</summary>
    public const int MaxOfUser = 50;

    /// <summary>Maximum sessions with the admin token, which several people may share.</summary>
    public const int MaxOfToken = 500;

    private const int SecretSize = 32;
    private const int LongestUserAgent = 200;

    private static readonly TimeSpan Exactness = TimeSpan.FromMinutes(1);

    // Maximum time that a page waits until the time of the session's last use is written.
    private static readonly TimeSpan Timeout = TimeSpan.FromMilliseconds(500);

    private readonly Lock _lock = new();
    private Task _seenWrite = Task.CompletedTask;

    /// <summary>Starts a session with a new id and sets the cookie.</summary>
    /// <param name="context">The request that has signed in.</param>
    /// <param name="userId">The user. Null: signed in with the admin token.</param>
    public async Task BeginAsync(HttpContext context, string? userId)
    {
        var secret = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(SecretSize));
        var now = time.GetUtcNow();
        var agent = context.Request.Headers.UserAgent.ToString();
        await using var database = await contexts.CreateDbContextAsync();
        database.Sessions.Add(new SessionRecord
        {
            Id = HashOf(secret),
            UserId = userId,
            TokenMark = userId is null ? token.Mark : null,
            CreatedAt = now,
            SeenAt = now,
            Address = CallerText.Address(context),
            UserAgent = PlainText.Cut(agent, LongestUserAgent),
        });

        // Each sign-in also deletes expired sessions.
        await database.Sessions.Where(row => row.SeenAt < now - Idle || row.CreatedAt < now - Longest).ExecuteDeleteAsync();
        await database.SaveChangesAsync();
        var rest = database.Sessions.Where(row => row.UserId == userId)
            .OrderByDescending(row => row.SeenAt).ThenByDescending(row => row.CreatedAt).ThenBy(row => row.Id).Skip(userId is null ? MaxOfToken : MaxOfUser).Select(row => row.Id);
        await database.Sessions.Where(row => rest.Contains(row.Id)).ExecuteDeleteAsync();
        context.Response.Cookies.Append(CookieOf(context.Request), secret, Options(context.Request, Longest));
    }

    /// <summary>Finds the user of the session in the request's cookie; null: nobody is signed in.</summary>
    public async Task<SignedIn?> FindAsync(HttpContext context)
    {
        if (context.Request.Cookies[CookieOf(context.Request)] is not { Length: 2 * SecretSize } secret)
        {
            return null;
        }

        await using var database = await contexts.CreateDbContextAsync(context.RequestAborted);
        var (id, now) = (HashOf(secret), time.GetUtcNow());
        var found = await (
            from session in database.Sessions.AsNoTracking()
            where session.Id == id && session.SeenAt > now - Idle && session.CreatedAt > now - Longest
            join row in database.Users.AsNoTracking() on session.UserId equals row.Id into users
            from user in users.DefaultIfEmpty()
            select new { session.UserId, session.TokenMark, session.SeenAt, user.Name, user.Email, user.Role }).FirstOrDefaultAsync(context.RequestAborted);
        if (found is null || (found.UserId is null ? !signIn.Value.TokenSignIn || found.TokenMark != token.Mark : found.Role is null))
        {
            return null;
        }

        if (now - found.SeenAt >= Exactness)
        {
            await NoteSeenAsync(id, now);
        }

        var role = found.UserId is null ? UserRole.Owner : found.Role!.Value;
        var projects = role == UserRole.Owner ? null
            : await database.Memberships.AsNoTracking().Where(row => row.UserId == found.UserId).Select(row => row.ProjectId).ToListAsync(context.RequestAborted);
        return new(id, found.UserId, found.UserId is null ? "admin token" : found.Name ?? found.Email ?? found.UserId, role, projects);
    }

    /// <summary>Ends the session and deletes the cookie.</summary>
    public async Task EndAsync(HttpContext context, string sessionId)
    {
        await using var database = await contexts.CreateDbContextAsync();
        await database.Sessions.Where(session => session.Id == sessionId).ExecuteDeleteAsync();
        context.Response.Cookies.Delete(CookieOf(context.Request), Options(context.Request, age: null));
    }

    /// <summary>The user's sessions, the most recently used first. All sessions of the admin token count as one user's.</summary>
    public async Task<IReadOnlyList<SessionRecord>> ListAsync(SignedIn user, CancellationToken cancellation)
    {
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        return await Own(database, user).AsNoTracking().OrderByDescending(session => session.SeenAt).ThenBy(session => session.Id).ToListAsync(cancellation);
    }

    /// <summary>Ends one of the user's sessions; never another user's.</summary>
    /// <returns>False: the user has no such session.</returns>
    public async Task<bool> EndOwnAsync(SignedIn user, string sessionId)
    {
        await using var database = await contexts.CreateDbContextAsync();
        return await Own(database, user).Where(session => session.Id == sessionId).ExecuteDeleteAsync() > 0;
    }

    /// <summary>Ends all of the user's sessions except the current one.</summary>
    public async Task EndOthersAsync(SignedIn user)
    {
        await using var database = await contexts.CreateDbContextAsync();
        await Own(database, user).Where(session => session.Id != user.SessionId).ExecuteDeleteAsync();
    }

    // Writes the time of the last use. A SQLite write blocks its thread while another connection writes, so at most one such write runs.
    // A call during that write does nothing: the next page of its session writes the time.
    private async Task NoteSeenAsync(string id, DateTimeOffset now)
    {
        Task write;
        lock (_lock)
        {
            if (!_seenWrite.IsCompleted)
            {
                return;
            }

            write = _seenWrite = Task.Run(() => WriteSeenAsync(id, now));
        }

        await Task.WhenAny(write, Task.Delay(Timeout, TimeProvider.System));
        if (write.IsCompleted)
        {
            await write;
        }
        else
        {
            _ = write.ContinueWith(static ended => ended.Exception, TaskScheduler.Default);
        }
    }

    private async Task WriteSeenAsync(string id, DateTimeOffset now)
    {
        await using var database = await contexts.CreateDbContextAsync();
        await database.Sessions.Where(session => session.Id == id).ExecuteUpdateAsync(row => row.SetProperty(session => session.SeenAt, now));
    }

    private IQueryable<SessionRecord> Own(EdgeDbContext database, SignedIn user)
    {
        var (mark, now) = (token.Mark, time.GetUtcNow());
        var live = database.Sessions.Where(session => session.SeenAt > now - Idle && session.CreatedAt > now - Longest);
        return user.UserId is null ? live.Where(session => session.UserId == null && session.TokenMark == mark) : live.Where(session => session.UserId == user.UserId);
    }

    // The cookie's name. Over TLS it has the prefix __Host-, so that other hosts of the same domain cannot set this cookie.
    private static string CookieOf(HttpRequest request) => request.IsHttps ? "__Host-edge" : "edge";

    private static CookieOptions Options(HttpRequest request, TimeSpan? age) =>
        new() { HttpOnly = true, Secure = request.IsHttps, SameSite = SameSiteMode.Lax, Path = "/", MaxAge = age, IsEssential = true };

    private static string HashOf(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
}
