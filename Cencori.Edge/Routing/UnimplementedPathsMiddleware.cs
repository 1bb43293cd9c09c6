using Cencori.Edge.Endpoints;
using Cencori.Edge.Errors;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Keys;
using Yarp.ReverseProxy.Model;

namespace Cencori.Edge.Routing;

/// <summary>
/// Answers 404 at the paths of the hosted product that are not here yet, whatever the method, and 405 where only the method is not: no
/// provider has them, and one that had something of that name would answer for the edge. What is here below the same names is the edge's own.
/// </summary>
public sealed class UnimplementedPathsMiddleware(RequestDelegate next)
{
    private static readonly EdgeError NotHere = new(ErrorKind.NotFound, "This edge has no agents, sessions or memory at this path, and asks no provider for them.");

    private static readonly EdgeError NotNative = new(ErrorKind.NotFound, $"There is nothing at this path. The native door has {string.Join(", ", EndpointTable.NativePaths)}; OpenAI's endpoints are below /v1.");

    public Task InvokeAsync(HttpContext context)
    {
        var endpoint = Exchange.Of(context).Endpoint;
        if ((!endpoint.IsUnimplemented && endpoint.AllowedMethods is null) || context.GetRefusal() is not null || IsHere(context))
        {
            return next(context);
        }

        var isNative = endpoint.Errors == ErrorDialect.Flat;
        if (context.GetCaller() is null)
        {
            // Of the native endpoint they hear no more than of any path that is nowhere.
            return isNative && endpoint.IsUnimplemented ? next(context) : context.Refuse(PresentedKey.Refusal(context.Request.Headers));
        }

        if (endpoint.AllowedMethods is { } allowed)
        {
            context.Response.Headers.Allow = allowed;
            return context.Refuse(new EdgeError(ErrorKind.MethodNotAllowed, $"{context.Request.Method} is not allowed here, but {allowed}."));
        }

        return context.Refuse(isNative ? NotNative : NotHere);
    }

    private static bool IsHere(HttpContext context) => context.GetEndpoint() is RouteEndpoint endpoint && endpoint.Metadata.GetMetadata<RouteModel>() is null;
}
