using Cencori.Edge.Dashboard.Layout;
using Cencori.Edge.Dashboard.SignIn;
using Cencori.Edge.Errors;

namespace Cencori.Edge.Dashboard.Errors;

/// <summary>Writes errors as a page for people, and as JSON for the dashboard's scripts.</summary>
internal static class ErrorPages
{
    /// <summary>
    /// Redirects a browser to the sign-in page, which returns to this URL afterwards. A script gets an error instead, because it would read the sign-in
    /// page as data.
    /// </summary>
    public static EdgeError? AskToSignIn(HttpContext context)
    {
        if (IsForScript(context.Request) || !HttpMethods.IsGet(context.Request.Method))
        {
            return new(ErrorKind.InvalidApiKey, "You are signed out. Sign in again.");
        }

        context.Response.StatusCode = StatusCodes.Status302Found;
        context.Response.Headers.Location = SignInPages.Address(context.Request.Path + context.Request.QueryString);
        return null;
    }

    public static async Task ShowAsync(HttpContext context, EdgeError error)
    {
        // Drops headers that a failed page has set already.
        context.Response.Headers.Location = default;
        context.Response.Headers.SetCookie = default;
        context.Response.Headers.ContentDisposition = default;
        if (IsForScript(context.Request))
        {
            await ErrorWriter.WriteAsync(context, error);
            return;
        }

        if (error.RetryAfter is { } wait)
        {
            context.Response.Headers.RetryAfter = ErrorWriter.Seconds(wait).ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        var request = context.Features.Get<PageRequest>();
        var frame = new Frame
        {
            Title = Title(error),
            Section = Section.None,
            SignedIn = request?.SignedIn,
            Project = request?.KnownProject,
            FormField = "",
            FormToken = "",
            Viewer = Viewer.Of(context.Request, context.RequestServices.GetRequiredService<TimeProvider>()),
            Address = context.Request.Path + context.Request.QueryString,
            Assets = context.RequestServices.GetRequiredService<AssetFiles>().Base,
        };
        await Page.Show<ErrorPage, ErrorModel>(frame, new(error, context.TraceIdentifier, MayTryAgain(context.Request, error)), error.Status).ExecuteAsync(context);
    }

    // A GET can be repeated safely. Only the user can decide to send a form again.
    private static bool MayTryAgain(HttpRequest request, EdgeError error) => HttpMethods.IsGet(request.Method) && (error.RetryAfter is not null || error.Status >= 500);

    private static bool IsForScript(HttpRequest request) => request.Headers["Sec-Fetch-Dest"] == "empty" || request.Headers.ContainsKey("X-Form-Token") || request.Headers.XRequestedWith == "fetch";

    private static string Title(EdgeError error) => error.Status switch
    {
        StatusCodes.Status401Unauthorized => "Signed out",
        StatusCodes.Status403Forbidden => "Not allowed",
        StatusCodes.Status404NotFound => "Not found",
        StatusCodes.Status412PreconditionFailed => "Changed by somebody else",
        StatusCodes.Status429TooManyRequests => "Too many attempts",
        StatusCodes.Status503ServiceUnavailable => "Not available at the moment",
        >= 500 => "The edge failed",
        _ => "This did not work",
    };
}

/// <param name="Error">The error.</param>
/// <param name="RequestId">The id that users quote in reports.</param>
/// <param name="MayTryAgain">True: the same page may work in a moment.</param>
public sealed record ErrorModel(EdgeError Error, string RequestId, bool MayTryAgain);
