using Cencori.Edge.Errors;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Keys;

namespace Cencori.Edge.Routing;

/// <summary>
/// Answers 404 at the paths of the hosted product that are not here yet, whatever the method: no provider has them, and one that had
/// something of that name would answer for the edge.
/// </summary>
public sealed class PathsToComeMiddleware(RequestDelegate next)
{
    private static readonly EdgeError NotHere = new(ErrorKind.NotFound, "This edge has no agents, sessions or memory at this path, and asks no provider for them.");

    public Task InvokeAsync(HttpContext context) =>
        !Exchange.Of(context).Endpoint.IsToCome || context.GetRefusal() is not null ? next(context)
        : context.Refuse(context.GetCaller() is null ? PresentedKey.Refusal(context.Request.Headers) : NotHere);
}
