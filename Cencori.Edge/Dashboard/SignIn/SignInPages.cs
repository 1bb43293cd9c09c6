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

/// <summary>In and out.</summary>
internal static class SignInPages
{
    public const string ReturnTo = "return_to";

    private static readonly EdgeError TokenClosed = EdgeError.Forbidden("The admin token does not open these pages here. Sign in with the provider.", "token_sign_in");

    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/sign-in", ShowAsAsked).WithMetadata(PageAccess.Everybody);
        pages.MapPost("/sign-in", SignInAsync).WithMetadata(PageAccess.Everybody);
        pages.MapPost("/sign-out", SignOutAsync).WithMetadata(PageAccess.Viewers);
        OpenIdPages.Map(pages);
    }

    /// <summary>The sign-in that leads back to a page.</summary>
    public static string Address(string returnTo) => $"{DashboardOptions.Path}/sign-in?{ReturnTo}={Uri.EscapeDataString(returnTo)}";

    private static IResult ShowAsAsked(PageRequest page, OpenIdSignIn openId) => page.SignedIn is not null
        ? PageRequest.RedirectTo(ReturnAddress.Of(page.Context.Request.Query[ReturnTo]))
        : Show(page, openId, FormState.Empty, StatusCodes.Status200OK);

    private static async Task<IResult> SignInAsync(PageRequest page, TokenSignIn tokens, OpenIdSignIn openId, IOptions<SignInOptions> options, Changes changes, SessionStore sessions)
    {
        var form = await page.FormAsync();
        if (!options.Value.TokenSignIn)
        {
            return Show(page, openId, FormState.Refused(form, TokenClosed, "token"), TokenClosed.Status);
        }

        // As a terminal copies it, with what stands around it, which nobody sees in the field.
        var token = form["token"].ToString().Trim();
        if (NotTheToken(token) is { } mistaken)
        {
            return Show(page, openId, FormState.Refused(form, mistaken, "token"), mistaken.Status);
        }

        if (await tokens.TryAsync(token, page.Context.Connection.RemoteIpAddress) is { } error)
        {
            return ShowRefused(page, openId, FormState.Refused(form, error with { Param = "token" }, "token"), error);
        }

        await changes.NoteAsync(new(AuditActor.Token, CallerText.Address(page.Context)), new("sign_in", null, "dashboard"));

        // Another session than the one before, whoever has seen that.
        if (page.SignedIn is { } before)
        {
            await sessions.EndAsync(page.Context, before.SessionId);
        }

        await sessions.BeginAsync(page.Context, userId: null);
        return PageRequest.RedirectTo(ReturnAddress.Of(form[ReturnTo]));
    }

    /// <summary>What is no guess is not counted as one.</summary>
    /// <returns>Null: it may be the token.</returns>
    private static EdgeError? NotTheToken(string text) =>
        text.Length == 0 ? EdgeError.Invalid("Write the admin token.", "token")
        : ProjectKey.IsWellFormed(text) ? EdgeError.Invalid("This is a project key, and opens no page. Write the admin token: it begins with cadm_ where the edge has made it.", "token")
        : null;

    private static async Task<IResult> SignOutAsync(PageRequest page, SessionStore sessions, Changes changes)
    {
        await sessions.EndAsync(page.Context, page.User.SessionId);
        await changes.NoteAsync(page.Actor, new("sign_out", null, "dashboard"));
        return page.User.UserId is null ? PageRequest.RedirectTo($"{DashboardOptions.Path}/sign-in", "signed-out") : PageRequest.RedirectTo(OpenIdPages.SignedOutPath);
    }

    /// <summary>The page, with why nobody came in, and when they can try again.</summary>
    public static IResult ShowRefused(PageRequest page, OpenIdSignIn openId, FormState state, EdgeError error)
    {
        if (error.RetryAfter is { } wait)
        {
            page.Context.Response.Headers.RetryAfter = ErrorWriter.Seconds(wait).ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        return Show(page, openId, state, error.Status);
    }

    /// <summary>The page, with what went wrong where something did.</summary>
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

/// <param name="State">Of the form.</param>
/// <param name="ReturnTo">Where it leads.</param>
/// <param name="IsPlain">Whoever is in between can read what is typed.</param>
/// <param name="Provider">The sign-in provider; null: there is none.</param>
/// <param name="IsTokenOpen">Whether the admin token opens pages.</param>
public sealed record SignInModel(FormState State, string ReturnTo, bool IsPlain, string? Provider, bool IsTokenOpen);
