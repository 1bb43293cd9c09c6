using Cencori.Edge.Errors;

namespace Cencori.Edge.Egress;

/// <summary>Refuses a request that the edge itself has forwarded, before it costs anything: whatever its key, it would come back again.</summary>
public sealed class LoopMiddleware(RequestDelegate next, LoopMark mark)
{
    public Task InvokeAsync(HttpContext context) => mark.IsLoop(context.Request.Headers)
        ? context.Refuse(new EdgeError(ErrorKind.LoopDetected, "The request has been through this edge already: the address of a provider leads back to it."))
        : next(context);
}
