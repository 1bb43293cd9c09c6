namespace Cencori.Edge.Hosting;

/// <summary>Counts open requests, and lets clients know of a drain: a connection they let go of now will not break under them later.</summary>
public sealed class DrainMiddleware
{
    private readonly RequestDelegate _next;
    private readonly Drain _drain;
    private readonly Func<object, Task> _announce;
    private readonly Func<object, Task> _leave;

    public DrainMiddleware(RequestDelegate next, Drain drain)
    {
        _next = next;
        _drain = drain;

        // Made once, so that a request pays for neither.
        _announce = Announce;
        _leave = Leave;
    }

    public Task InvokeAsync(HttpContext context)
    {
        _drain.Enter();
        context.Response.OnStarting(_announce, context);
        context.Response.OnCompleted(_leave, context);
        return _next(context);
    }

    // HTTP/2 has its own way to say so, which the server takes when it stops. 101 has handed the connection over.
    private Task Announce(object state)
    {
        var context = (HttpContext)state;
        if (_drain.IsDraining && HttpProtocol.IsHttp11(context.Request.Protocol) && context.Response.StatusCode != StatusCodes.Status101SwitchingProtocols)
        {
            context.Response.Headers.Connection = "close";
        }

        return Task.CompletedTask;
    }

    private Task Leave(object state)
    {
        _drain.Leave();
        return Task.CompletedTask;
    }
}
