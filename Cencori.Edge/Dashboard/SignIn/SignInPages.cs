using Cencori.Edge.Admin;
using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Admin.SignIn;
using Cencori.Edge.Dashboard.Layout;
using Cencori.Edge.Dashboard.Parts;
using Cencori.Edge.Dashboard.Sessions;
using Cencori.Edge.Errors;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Keys;
using Microsoft.Extensions.Options;

namespace Cencori.Edge.Dashboard.SignIn;

/// <summary>The pages for sign-in and sign-out.</summary>
internal static class SignInPages
{
    public const string ReturnTo = "return_to";

    private static readonly EdgeError TokenClosed = EdgeError.Forbidden("Sign-in with the admin token is disabled on this edge. Sign in with the provider.", "token_sign_in");

    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/sign-in", ShowOrRedirect).WithMetadata(PageAccess.Anonymous);
        pages.MapPost("/sign-in", SignInAsync).WithMetadata(PageAccess.Anonymous);
        pages.MapPost("/sign-out", SignOutAsync).WithMetadata(PageAccess.Viewers);
        OpenIdPages.Map(pages);
    }

    /// <summary>The URL of the sign-in page, which redirects to <paramref name="returnTo"/> after the sign-in.</summary>
    public static string Address(string returnTo) => $"{DashboardOptions.Path}/sign-in?{ReturnTo}={Uri.EscapeDataString(returnTo)}";

    private static IResult ShowOrRedirect(PageRequest page, OpenIdSignIn openId) => page.SignedIn is not null
        ? PageRequest.RedirectTo(ReturnAddress.Of(page.Context.Request.Query[ReturnTo]))
        : Show(page, openId, FormState.Empty, StatusCodes.Status200OK);

    private static async Task<IResult> SignInAsync(PageRequest page, TokenSignIn tokens, OpenIdSignIn openId, IOptions<SignInOptions> options, Changes changes, SessionStore sessions)
    {
        var form = await page.FormAsync();
        if (!options.Value.TokenSignIn)
        {
            return Show(page, openId, FormState.Refused(form, TokenClosed, "token"), TokenClosed.Status);
        }

        // A token that was copied from a terminal may have white space around it.
        var token = form["token"].ToString().Trim();
        if (NotAdminToken(token) is { } mistaken)
        {
            return Show(page, openId, FormState.Refused(form, mistaken, "token"), mistaken.Status);
        }

        if (await tokens.TryAsync(token, page.Context.Connection.RemoteIpAddress) is { } error)
        {
            return ShowRefused(page, openId, FormState.Refused(form, error with { Param = "token" }, "token"), error);
        }

        await changes.NoteAsync(new(AuditActor.Token, CallerText.Address(page.Context)), new("sign_in", null, "dashboard"));

        // Ends an existing session and starts a new one: somebody else may know the old cookie (session fixation).
        if (page.SignedIn is { } before)
        {
            await sessions.EndAsync(page.Context, before.SessionId);
        }

        await sessions.BeginAsync(page.Context, userId: null);
        return PageRequest.RedirectTo(ReturnAddress.Of(form[ReturnTo]));
    }

    /// <summary>Detects texts that are obviously not an admin token. They do not count as failed attempts.</summary>
    /// <returns>The error. Null: the text may be the token.</returns>
    private static EdgeError? NotAdminToken(string text) =>
        text.Length == 0 ? EdgeError.Invalid("Enter the admin token.", "token")
        : ProjectKey.IsWellFormed(text) ? EdgeError.Invalid("This is a project key, which cannot sign in. Enter the admin token; a generated one begins with cadm_.", "token")
        : null;

    private static async Task<IResult> SignOutAsync(PageRequest page, SessionStore sessions, Changes changes)
    {
        await sessions.EndAsync(page.Context, page.User.SessionId);
        await changes.NoteAsync(page.Actor, new("sign_out", null, "dashboard"));
        return page.User.UserId is null ? PageRequest.RedirectTo($"{DashboardOptions.Path}/sign-in", "signed-out") : PageRequest.RedirectTo(OpenIdPages.SignedOutPath);
    }

    /// <summary>Shows the sign-in page with the error and the time to wait before the next attempt.</summary>
    public static IResult ShowRefused(PageRequest page, OpenIdSignIn openId, FormState state, EdgeError error)
    {
        if (error.RetryAfter is { } wait)
        {
            page.Context.Response.Headers.RetryAfter = ErrorWriter.Seconds(wait).ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        return Show(page, openId, state, error.Status);
    }

    /// <summary>Shows the sign-in page, with an error if <paramref name="state"/> has one.</summary>
    public static IResult Show(PageRequest page, OpenIdSignIn openId, FormState state, int status) => Page.Show<SignInPage, SignInModel>(
        page.Frame("Sign in", Section.None),
        new(
            state,
            ReturnAddress.Of(state[ReturnTo] ?? page.Context.Request.Query[ReturnTo]),
            IsPlain: !page.Context.Request.IsHttps && !IsThisMachine(page.Context.Request.Host.Host),
            openId.Settings.IsOn ? openId.Settings.DisplayName : null,
            page.Context.RequestServices.GetRequiredService<IOptions<SignInOptions>>().Value.TokenSignIn),
        status);

    private static bool IsThisMachine(string host) => host == "localhost" || (System.Net.IPAddress.TryParse(host, out var address) && System.Net.IPAddress.IsLoopback(address));
}

/// <param name="State">The form's state.</param>
/// <param name="ReturnTo">The page to open after sign-in.</param>
/// <param name="IsPlain">True: the connection is not encrypted, so others may read the input.</param>
/// <param name="Provider">The sign-in provider; null: none.</param>
/// <param name="IsTokenOpen">True: the admin token can sign in.</param>
public sealed record SignInModel(FormState State, string ReturnTo, bool IsPlain, string? Provider, bool IsTokenOpen);
