using System.Security.Claims;
using Cencori.Edge.Admin;
using Cencori.Edge.Admin.Projects;
using Cencori.Edge.Dashboard.Errors;
using Cencori.Edge.Dashboard.Sessions;
using Cencori.Edge.Errors;
using Cencori.Edge.Storage;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.Features;

namespace Cencori.Edge.Dashboard;

/// <summary>
/// Everything that holds for every page: its headers, who may ask for it, that a form is one of ours, the project that its path names, and that
/// whatever goes wrong becomes a page too.
/// </summary>
internal sealed class PageMiddleware(
    RequestDelegate next, SessionStore sessions, FormCheck forms, PageAddress address, ProjectEditor projects, StorageTrouble trouble, ErrorHandler errors, DatabaseStartup database, PageTurns turns)
{
    // Texts of prompts and agents are the largest thing that a page sends.
    private const long MostBytes = 4 << 20;

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
            error = database.IsPrepared ? await TakeTurnAsync(context) ?? context.GetRefusal() : StorageTrouble.DatabaseAway;
        }
        catch (Exception exception) when (!context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
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

    private async Task<EdgeError?> TakeTurnAsync(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata is { } route && (route.GetMetadata<LongAnswer>() is not null || route.GetMetadata<AssetFiles>() is not null))
        {
            return await RunAsync(context);
        }

        if (!await turns.TakeAsync(context.RequestAborted))
        {
            return Busy;
        }

        try
        {
            return await RunAsync(context);
        }
        finally
        {
            turns.Release();
        }
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
        var endpoint = context.GetEndpoint();
        var user = endpoint?.Metadata.GetMetadata<AssetFiles>() is null ? await sessions.FindAsync(context) : null;
        if (user is not null)
        {
            // What forms are bound to.
            context.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim("sub", user.SessionId)], authenticationType: "session"));
        }

        if (user is null && access.Role is not null)
        {
            return ErrorPages.AskToSignIn(context);
        }

        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            context.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize = MostBytes;
            await forms.CheckAsync(context);
        }

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
        var found = (await projects.GetBySlugAsync(slug)).Value;
        return user?.Sees(found.Id) == true ? new(found.Id, found.Slug, found.Name) : throw new RefusedException(new EdgeError(ErrorKind.NotFound, "There is no such project."));
    }

    private EdgeError Explain(HttpContext context, Exception exception)
    {
        if (trouble.Explain(exception) is { } error)
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
