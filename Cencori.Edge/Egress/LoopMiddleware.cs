using Cencori.Edge.Errors;

namespace Cencori.Edge.Egress;

/// <summary>
/// Rejects a request that has already passed this edge, or too many edges. This runs before authentication, because another key would not end the
/// loop.
/// </summary>
public sealed class LoopMiddleware(RequestDelegate next, LoopMark mark)
{
    public Task InvokeAsync(HttpContext context) => mark.IsLoop(context.Request.Headers)
        ? context.Refuse(new EdgeError(ErrorKind.LoopDetected, "The address of a provider leads back to an edge that already forwarded the request, or through too many edges. Correct the address of the provider."))
        : next(context);
}
