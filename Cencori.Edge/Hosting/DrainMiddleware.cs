namespace Cencori.Edge.Hosting;

/// <summary>Counts open requests. During a drain, responses tell HTTP/1.1 clients to close the connection: a later request on that connection would fail.</summary>
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

        // Delegates that are allocated once, not per request.
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

    // HTTP/2 needs no header, because the server sends GOAWAY when it stops. After a 101, the connection belongs to the upgraded protocol.
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
        _drain.Leave((HttpContext)state);
        return Task.CompletedTask;
    }
}
