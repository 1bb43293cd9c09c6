using Cencori.Edge.Errors;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Keys;
using Yarp.ReverseProxy.Model;

namespace Cencori.Edge.Routing;

/// <summary>
/// Answers 404 at the paths of the hosted product that are not here yet, whatever the method: no provider has them, and one that had
/// something of that name would answer for the edge. What is here below the same names is the edge's own.
/// </summary>
public sealed class PathsToComeMiddleware(RequestDelegate next)
{
    private static readonly EdgeError NotHere = new(ErrorKind.NotFound, "This edge has no agents, sessions or memory at this path, and asks no provider for them.");

    public Task InvokeAsync(HttpContext context) =>
        !Exchange.Of(context).Endpoint.IsToCome || context.GetRefusal() is not null || IsHere(context) ? next(context)
        : context.Refuse(context.GetCaller() is null ? PresentedKey.Refusal(context.Request.Headers) : NotHere);

    private static bool IsHere(HttpContext context) => context.GetEndpoint() is RouteEndpoint endpoint && endpoint.Metadata.GetMetadata<RouteModel>() is null;
}
