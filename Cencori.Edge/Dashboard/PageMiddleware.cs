using System.Security.Claims;
using Cencori.Edge.Admin;
using Cencori.Edge.Admin.Projects;
using Cencori.Edge.Admin.SignIn;
using Cencori.Edge.Dashboard.Errors;
using Cencori.Edge.Dashboard.Sessions;
using Cencori.Edge.Errors;
using Cencori.Edge.Storage;
using Microsoft.AspNetCore.Antiforgery;

namespace Cencori.Edge.Dashboard;

/// <summary>
/// Everything that holds for every page: its headers, who may ask for it, that a form is one of ours, the project that its path names, and that
/// whatever goes wrong becomes a page too.
/// </summary>
internal sealed class PageMiddleware(
    RequestDelegate next, SessionStore sessions, FormCheck forms, PageAddress address, ProjectEditor projects, StorageFailureHandler failures, ErrorHandler errors, DatabaseStartup database, PageTurns turns)
{
    // One browser has pages and no frames of others, scripts of ours, and nothing from elsewhere.
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    private static readonly EdgeError Busy = EdgeError.Unavailable("Too many pages are being made at this edge at the moment. Try again.");

    public async Task InvokeAsync(HttpContext context)
    {
        WriteHeaders(context.Response.Headers);
        EdgeError? error;
        try
        {
            error = database.IsPrepared ? await RunAsync(context) ?? context.GetRefusal() : StorageFailureHandler.DatabaseAway;
        }
        catch (Exception exception) when (!context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested && !ClientDisconnected.Is(exception))
        {
            error = Explain(context, exception);
        }

        if (!context.Response.HasStarted && (error ?? FromStatus(context)) is { } told)
        {
            await ErrorPages.ShowAsync(context, told);
        }
    }

    private static void WriteHeaders(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XFrameOptions = "DENY";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()";
        headers.CacheControl = "no-store";
    }

    /// <returns>Null: it has been answered, or its status says what is wrong.</returns>
    private async Task<EdgeError?> RunAsync(HttpContext context)
    {
        address.Apply(context.Request).ThrowIfAny();
        // No database takes a text with a null character: here it stands for one that nobody can read.
        if (context.Request.QueryString.Value is { } query && query.Contains("%00", StringComparison.Ordinal))
        {
            context.Request.QueryString = new(query.Replace("%00", "%EF%BF%BD", StringComparison.Ordinal));
        }

        var access = PageAccess.Of(context);
        var route = context.GetEndpoint()?.Metadata;
        var isAsset = route?.GetMetadata<AssetFiles>() is not null;
        SignedIn? user = null;
        if (!isAsset)
        {
            using var look = await turns.TakeLookAsync(context.RequestAborted);
            if (look is null)
            {
                return Busy;
            }

            user = await sessions.FindAsync(context);
        }

        if (user is not null)
        {
            // What forms are bound to.
            context.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim("sub", user.SessionId)], authenticationType: "session"));
        }

        if (user is null && access.Role is not null)
        {
            return ErrorPages.AskToSignIn(context);
        }

        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method) && await CheckFormAsync(context, user) is { } refusal)
        {
            return refusal;
        }

        if (isAsset || route?.GetMetadata<LongResponseMetadata>() is not null)
        {
            return await RespondAsync(context, access, user);
        }

        using var turn = await turns.TakeAsync(WhoIs(user) ?? TokenSignIn.NetworkOf(context.Connection.RemoteIpAddress).ToString(), context.RequestAborted);
        context.Features.Set(turn);
        return turn is null ? Busy : await RespondAsync(context, access, user);
    }

    // A form comes as slowly as whoever sends it likes, and takes no turn of the others meanwhile. What one person sends at once is bounded, because it is
    // held in memory; strangers cannot be told apart behind a balancer, and what they send is small.
    private async Task<EdgeError?> CheckFormAsync(HttpContext context, SignedIn? user)
    {
        if (WhoIs(user) is not { } who)
        {
            await forms.CheckAsync(context, isOfStranger: true);
            return null;
        }

        using var turn = await turns.TakeOwnAsync(who, context.RequestAborted);
        if (turn is null)
        {
            return Busy;
        }

        await forms.CheckAsync(context, isOfStranger: false);
        return null;
    }

    // Somebody can have many sessions. Those of the admin token may be of several people.
    private static string? WhoIs(SignedIn? user) => user?.UserId ?? user?.SessionId;

    private async Task<EdgeError?> RespondAsync(HttpContext context, PageAccess access, SignedIn? user)
    {
        PageProject? project = null;
        if (context.GetRouteValue("slug") is string slug)
        {
            project = await FindProjectAsync(slug, user);
        }

        if (access.Role is { } role && user?.May(role) == false)
        {
            return EdgeError.Forbidden($"Your role ({user.Role}) may not do this. Ask an owner.", "role");
        }

        context.Features.Set(new PageRequest(context, user, project));
        await next(context);
        return null;
    }

    // What is there and belongs to others looks like what is not there.
    private async Task<PageProject> FindProjectAsync(string slug, SignedIn? user)
    {
        var found = await projects.GetBySlugAsync(slug);
        return user?.Sees(found.Id) == true ? new(found.Id, found.Slug, found.Name) : throw new RefusedException(new EdgeError(ErrorKind.NotFound, "There is no such project."));
    }

    private EdgeError Explain(HttpContext context, Exception exception)
    {
        if (failures.Explain(exception) is { } error)
        {
            return error;
        }

        switch (exception)
        {
            case BadHttpRequestException bad:
                return ErrorHandler.FromBadRequest(bad);
            case AntiforgeryValidationException:
                return FormCheck.Stale;
            default:
                errors.Tell(context, exception);
                return new EdgeError(ErrorKind.InternalError, $"The edge failed. Request id: {context.TraceIdentifier}");
        }
    }

    private static EdgeError? FromStatus(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => new(ErrorKind.NotFound, "There is no page at this address."),
        StatusCodes.Status405MethodNotAllowed => new(ErrorKind.MethodNotAllowed, $"{context.Request.Method} is not allowed here."),
        >= 400 and < 500 => EdgeError.Invalid("The request could not be read."),
        _ => null,
    };
}
