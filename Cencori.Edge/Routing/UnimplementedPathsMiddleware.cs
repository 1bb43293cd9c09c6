using Cencori.Edge.Endpoints;
using Cencori.Edge.Errors;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Keys;
using Yarp.ReverseProxy.Model;

namespace Cencori.Edge.Routing;

/// <summary>
/// Responds with 404 at paths of the hosted product that the edge does not offer yet, and with 405 at paths that exist with another method. Such
/// requests never reach a provider, which might have another endpoint at the same path. Requests to the edge's own endpoints below these paths are
/// let through.
/// </summary>
public sealed class UnimplementedPathsMiddleware(RequestDelegate next)
{
    private static readonly EdgeError UnknownPath = new(ErrorKind.NotFound, "This edge has no agents, sessions or memory at this path, and does not forward the request to a provider.");

    private static readonly EdgeError NotNative = new(ErrorKind.NotFound, $"There is nothing at this path. The native API has {string.Join(", ", EndpointTable.NativePaths)}; OpenAI's endpoints are below /v1.");

    public Task InvokeAsync(HttpContext context)
    {
        var endpoint = Exchange.Of(context).Endpoint;
        if ((!endpoint.IsUnimplemented && endpoint.AllowedMethods is null) || context.GetRefusal() is not null || IsEdgeEndpoint(context))
        {
            return next(context);
        }

        var isNative = endpoint.Errors == ErrorDialect.Flat;
        if (context.GetCaller() is null)
        {
            // A caller without a key gets the same response as at a path that does not exist.
            return isNative && endpoint.IsUnimplemented ? next(context) : context.Refuse(PresentedKey.Refusal(context.Request.Headers));
        }

        if (endpoint.AllowedMethods is { } allowed)
        {
            context.Response.Headers.Allow = allowed;
            return context.Refuse(new EdgeError(ErrorKind.MethodNotAllowed, $"{context.Request.Method} is not allowed at this path. Allowed: {allowed}."));
        }

        return context.Refuse(isNative ? NotNative : UnknownPath);
    }

    private static bool IsEdgeEndpoint(HttpContext context) => context.GetEndpoint() is RouteEndpoint endpoint && endpoint.Metadata.GetMetadata<RouteModel>() is null;
}
