using System.Security.Claims;
using Cencori.Edge.Admin;
using Cencori.Edge.Admin.Projects;
using Cencori.Edge.Admin.SignIn;
using Cencori.Edge.Dashboard.Errors;
using Cencori.Edge.Dashboard.Sessions;
using Cencori.Edge.Errors;
using Cencori.Edge.Storage.Startup;
using Microsoft.AspNetCore.Antiforgery;

namespace Cencori.Edge.Dashboard;

/// <summary>
/// Applies the rules of every page: response headers, access, form checks, the project in the path, and error pages.
/// </summary>
internal sealed class PageMiddleware(
    RequestDelegate next, SessionStore sessions, FormCheck forms, PageAddress address, ProjectEditor projects, StorageFailureHandler failures, ErrorHandler errors, DatabaseStartup database, PageTurns turns)
{
    // Allows no framing, only this dashboard's scripts, and no content from other sites.
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    private static readonly EdgeError Busy = EdgeError.Unavailable("This edge is rendering too many pages at the moment. Try again.");

    public async Task InvokeAsync(HttpContext context)
    {
        WriteHeaders(context.Response.Headers);
        EdgeError? error;
        try
        {
            error = database.IsPrepared ? await RunAsync(context) ?? context.GetRefusal() : StorageFailureHandler.DatabaseUnavailable;
        }
        catch (Exception exception) when (!context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested && !ClientDisconnected.Is(exception))
        {
            error = Explain(context, exception);
        }

        if (!context.Response.HasStarted && (error ?? FromStatus(context)) is { } reported)
        {
            await ErrorPages.ShowAsync(context, reported);
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

    /// <returns>The error to write. Null: the response is written, or has an error status without a body.</returns>
    private async Task<EdgeError?> RunAsync(HttpContext context)
    {
        address.Apply(context.Request).ThrowIfAny();
        // PostgreSQL fails on a null character, so U+FFFD replaces each null character in the query. U+FFFD matches nothing.
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
            using var sessionRead = await turns.TakeSessionReadAsync(context.RequestAborted);
            if (sessionRead is null)
            {
                return Busy;
            }

            user = await sessions.FindAsync(context);
        }

        if (user is not null)
        {
            // Antiforgery tokens are bound to this identity.
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

        using var turn = await turns.TakeAsync(PersonOf(user) ?? TokenSignIn.NetworkOf(context.Connection.RemoteIpAddress).ToString(), context.RequestAborted);
        context.Features.Set(turn);
        return turn is null ? Busy : await RespondAsync(context, access, user);
    }

    // Receiving a form may take long, so this method takes no shared turn (see PageTurns). Only the concurrent forms per user are limited.
    // Callers who are not signed in cannot be told apart behind a load balancer, so they are not limited; their forms are small.
    private async Task<EdgeError?> CheckFormAsync(HttpContext context, SignedIn? user)
    {
        if (PersonOf(user) is not { } who)
        {
            await forms.CheckAsync(context, isAnonymous: true);
            return null;
        }

        using var turn = await turns.TakeOwnAsync(who, context.RequestAborted);
        if (turn is null)
        {
            return Busy;
        }

        await forms.CheckAsync(context, isAnonymous: false);
        return null;
    }

    // A member may have many sessions, so pages and forms are counted per user. Sessions of the admin token may belong to different people, so they are counted
    // per session.
    private static string? PersonOf(SignedIn? user) => user?.UserId ?? user?.SessionId;

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

    // A project that the user may not see gives the same error as a project that does not exist.
    private async Task<PageProject> FindProjectAsync(string slug, SignedIn? user)
    {
        var found = await projects.GetBySlugAsync(slug);
        return user?.CanSee(found.Id) == true ? new(found.Id, found.Slug, found.Name) : throw new RefusedException(new EdgeError(ErrorKind.NotFound, "There is no such project."));
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
                errors.LogUnhandled(context, exception);
                return new EdgeError(ErrorKind.InternalError, $"The edge failed. Request id: {context.TraceIdentifier}");
        }
    }

    private static EdgeError? FromStatus(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => new(ErrorKind.NotFound, "There is no page at this address."),
        StatusCodes.Status405MethodNotAllowed => new(ErrorKind.MethodNotAllowed, $"{context.Request.Method} is not allowed at this path."),
        >= 400 and < 500 => EdgeError.Invalid("The request could not be read."),
        _ => null,
    };
}
