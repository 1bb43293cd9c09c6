using Cencori.Edge.Admin;
using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Dashboard.Layout;
using Cencori.Edge.Dashboard.Sessions;
using Cencori.Edge.Errors;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Dashboard.Account;

/// <summary>The page of the user's own sessions and preferences.</summary>
internal static class AccountPages
{
    private const string Path = DashboardOptions.Path + "/account";

    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/account", ShowAsync).WithMetadata(PageAccess.Viewers);
        pages.MapPost("/account/sessions/end-one", EndAsync).WithMetadata(PageAccess.Viewers);
        pages.MapPost("/account/sessions/end-others", EndOthersAsync).WithMetadata(PageAccess.Viewers);
        pages.MapPost("/account/preferences", PreferAsync).WithMetadata(PageAccess.Viewers);
    }

    private static async Task<IResult> ShowAsync(PageRequest page, SessionStore sessions) =>
        Page.Show<AccountPage, AccountModel>(page.Frame("Sessions and preferences", Section.None), new(page.User, await sessions.ListAsync(page.User, page.Aborted)));

    private static async Task<IResult> EndAsync(PageRequest page, SessionStore sessions, Changes changes)
    {
        var id = (await page.FormAsync())["session"].ToString();
        if (id == page.User.SessionId)
        {
            await NoteAsync(page, changes, id);
            await sessions.EndAsync(page.Context, id);
            return PageRequest.RedirectTo($"{DashboardOptions.Path}/sign-in", "signed-out");
        }

        if (!await sessions.EndOwnAsync(page.User, id))
        {
            throw new RefusedException(new EdgeError(ErrorKind.NotFound, "This session has ended already."));
        }

        await NoteAsync(page, changes, id);
        return PageRequest.RedirectTo(Path, "session-ended");
    }

    private static async Task<IResult> EndOthersAsync(PageRequest page, SessionStore sessions, Changes changes)
    {
        await sessions.EndOthersAsync(page.User);
        await NoteAsync(page, changes, "others");
        return PageRequest.RedirectTo(Path, "others-ended");
    }

    private static async Task<IResult> PreferAsync(PageRequest page)
    {
        var form = await page.FormAsync();
        Remember(Viewer.ShortcutsCookie, form["shortcuts"] == "on" ? "on" : "off");
        Remember(Viewer.ThemeCookie, form["theme"].ToString() is "light" or "dark" ? form["theme"].ToString() : "system");
        return PageRequest.RedirectTo(Path, "saved");

        // Stores a preference in a cookie, with the same attributes as the page's script sets.
        void Remember(string name, string value) => page.Context.Response.Cookies.Append(
            name, value, new CookieOptions { Path = DashboardOptions.Path, MaxAge = TimeSpan.FromDays(365), SameSite = SameSiteMode.Lax, IsEssential = true });
    }

    private static Task NoteAsync(PageRequest page, Changes changes, string session) =>
        changes.NoteAsync(page.Actor, new AuditEntry("session.ended", ProjectId: null, session.Length > 12 ? session[..12] : session));
}

/// <param name="User">The signed-in user.</param>
/// <param name="Sessions">The user's sessions.</param>
public sealed record AccountModel(SignedIn User, IReadOnlyList<SessionRecord> Sessions);
