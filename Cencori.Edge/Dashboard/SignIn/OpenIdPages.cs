using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Admin.People;
using Cencori.Edge.Admin.SignIn;
using Cencori.Edge.Dashboard.Layout;
using Cencori.Edge.Dashboard.Parts;
using Cencori.Edge.Dashboard.Sessions;
using Cencori.Edge.Errors;
using Cencori.Edge.Exchanges;

namespace Cencori.Edge.Dashboard.SignIn;

/// <summary>The endpoints for sign-in with an OpenID Connect provider, and the page after sign-out.</summary>
internal static class OpenIdPages
{
    public const string Path = DashboardOptions.Path + "/sign-in/openid";

    public const string SignedOutPath = DashboardOptions.Path + "/signed-out";

    private const string NoAccessPath = DashboardOptions.Path + "/no-access";

    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/signed-out", SignedOutAsync).WithMetadata(PageAccess.Anonymous, new LongResponseMetadata());
        pages.MapGet("/no-access", NoAccessAsync).WithMetadata(PageAccess.Anonymous, new LongResponseMetadata());

        // The sign-in begins with a link, not a form: after a form, browsers would block the redirect to the provider (CSP form-action).
        pages.MapGet("/sign-in/openid", BeginAsync).WithMetadata(PageAccess.Anonymous, new LongResponseMetadata());
        pages.MapGet("/sign-in/openid/callback", FinishAsync).WithMetadata(PageAccess.Anonymous, new LongResponseMetadata());
    }

    private static async Task<IResult> BeginAsync(PageRequest page, OpenIdSignIn openId)
    {
        if (!openId.Settings.IsOn)
        {
            return Results.NotFound();
        }

        var returnTo = ReturnAddress.Of(page.Context.Request.Query[SignInPages.ReturnTo]);
        return await openId.BeginAsync(page.Context, returnTo) is { } error ? ShowFailed(page, openId, returnTo, error) : Results.Empty;
    }

    private static async Task<IResult> FinishAsync(PageRequest page, OpenIdSignIn openId, MemberSignIn members, FailedSignInLog refusals, SessionStore sessions)
    {
        if (!openId.Settings.IsOn)
        {
            return Results.NotFound();
        }

        var (outcome, error) = await openId.FinishAsync(page.Context);
        var returnTo = ReturnAddress.Of(outcome.ReturnTo);
        if (error is not null)
        {
            await refusals.NoteAsync(AuditActor.Unknown(page.Context.Connection.RemoteIpAddress), FailedSignInLog.OpenId);
            return ShowFailed(page, openId, returnTo, error);
        }

        var userId = await members.AdmitAsync(outcome.Person!, CallerText.Address(page.Context));

        // Ends an existing session and starts a new one: somebody else may know the old cookie (session fixation).
        if (page.SignedIn is { } before)
        {
            await sessions.EndAsync(page.Context, before.SessionId);
        }

        if (userId is null)
        {
            return PageRequest.RedirectTo(NoAccessPath);
        }

        await sessions.BeginAsync(page.Context, userId);
        return PageRequest.RedirectTo(returnTo);
    }

    private static IResult ShowFailed(PageRequest page, OpenIdSignIn openId, string returnTo, EdgeError error) =>
        SignInPages.ShowRefused(page, openId, new FormState(new Dictionary<string, string?> { [SignInPages.ReturnTo] = returnTo }, error), error);

    private static async Task<IResult> SignedOutAsync(PageRequest page, OpenIdSignIn openId) => Page.Show<SignedOutPage, SignedOutModel>(
        page.Frame("Signed out", Section.None), new(openId.Settings.DisplayName, await EndOfSessionAsync(page, openId), HasAccess: true));

    private static async Task<IResult> NoAccessAsync(PageRequest page, OpenIdSignIn openId) => Page.Show<SignedOutPage, SignedOutModel>(
        page.Frame("No access yet", Section.None), new(openId.Settings.DisplayName, await EndOfSessionAsync(page, openId), HasAccess: false));

    private static async Task<string?> EndOfSessionAsync(PageRequest page, OpenIdSignIn openId) => openId.Settings.IsOn ? await openId.EndOfSessionAsync(page.Context) : null;
}

/// <param name="Provider">The provider's display name.</param>
/// <param name="EndOfSession">The provider's sign-out URL; null: none.</param>
/// <param name="HasAccess">False: the person has signed in but has no role.</param>
public sealed record SignedOutModel(string Provider, string? EndOfSession, bool HasAccess);
