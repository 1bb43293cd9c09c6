using Cencori.Edge.Admin.SignIn;
using Cencori.Edge.Dashboard.Layout;
using Cencori.Edge.Dashboard.Parts;
using Cencori.Edge.Dashboard.Sessions;
using Cencori.Edge.Errors;

namespace Cencori.Edge.Dashboard.SignIn;

/// <summary>In and out.</summary>
internal static class SignInPages
{
    private const string ReturnTo = "return_to";

    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/sign-in", ShowAsAsked).WithMetadata(PageAccess.Everybody);
        pages.MapPost("/sign-in", SignInAsync).WithMetadata(PageAccess.Everybody);
        pages.MapPost("/sign-out", SignOutAsync).WithMetadata(PageAccess.Viewers);
    }

    /// <summary>The sign-in that leads back to a page.</summary>
    public static string Address(string returnTo) => $"{DashboardServices.Path}/sign-in?{ReturnTo}={Uri.EscapeDataString(returnTo)}";

    private static IResult ShowAsAsked(PageRequest page) => page.SignedIn is not null
        ? PageRequest.GoTo(ReturnAddress.Of(page.Context.Request.Query[ReturnTo]))
        : Show(page, FormState.Empty, StatusCodes.Status200OK);

    private static async Task<IResult> SignInAsync(PageRequest page, TokenSignIn tokens, SessionStore sessions)
    {
        var form = await page.FormAsync();
        if (await tokens.TryAsync(form["token"], page.Context.Connection.RemoteIpAddress) is { } error)
        {
            if (error.RetryAfter is { } wait)
            {
                page.Context.Response.Headers.RetryAfter = ErrorWriter.Seconds(wait).ToString(System.Globalization.CultureInfo.InvariantCulture);
            }

            return Show(page, FormState.Refused(form, error with { Param = "token" }, "token"), error.Status);
        }

        // Another session than the one before, whoever has seen that.
        if (page.SignedIn is { } before)
        {
            await sessions.EndAsync(page.Context, before.SessionId);
        }

        await sessions.BeginAsync(page.Context, userId: null);
        return PageRequest.GoTo(ReturnAddress.Of(form[ReturnTo]));
    }

    private static async Task<IResult> SignOutAsync(PageRequest page, SessionStore sessions)
    {
        await sessions.EndAsync(page.Context, page.User.SessionId);
        return PageRequest.GoTo($"{DashboardServices.Path}/sign-in", "signed-out");
    }

    private static IResult Show(PageRequest page, FormState state, int status) => Page.Show<SignInPage, SignInModel>(
        page.Frame("Sign in", Section.None),
        new(state, ReturnAddress.Of(state[ReturnTo] ?? page.Context.Request.Query[ReturnTo]), IsPlain: !page.Context.Request.IsHttps && !IsThisMachine(page.Context.Request.Host.Host)),
        status);

    private static bool IsThisMachine(string host) => host == "localhost" || (System.Net.IPAddress.TryParse(host, out var address) && System.Net.IPAddress.IsLoopback(address));
}

/// <param name="State">Of the form.</param>
/// <param name="ReturnTo">Where it leads.</param>
/// <param name="IsPlain">Whoever is in between can read what is typed.</param>
public sealed record SignInModel(FormState State, string ReturnTo, bool IsPlain);
