using Cencori.Edge.Errors;

namespace Cencori.Edge.Egress;

/// <summary>Rejects a request that this edge itself has forwarded. This runs before authentication: such a request would come back again, whatever its key.</summary>
public sealed class LoopMiddleware(RequestDelegate next, LoopMark mark)
{
    public Task InvokeAsync(HttpContext context) => mark.IsLoop(context.Request.Headers)
        ? context.Refuse(new EdgeError(ErrorKind.LoopDetected, "The request has been through this edge already: the address of a provider leads back to it."))
        : next(context);
}
