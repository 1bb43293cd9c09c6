using System.Collections.Frozen;
using Cencori.Edge.Errors;

namespace Cencori.Edge.Endpoints;

/// <summary>Refuses requests with unknown HTTP methods, so that no later part of the pipeline stores, logs or counts invented method names.</summary>
public sealed class KnownMethodsMiddleware(RequestDelegate next)
{
    private const string Allowed = "GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS";

    private static readonly EdgeError NotAllowed = new(ErrorKind.MethodNotAllowed, $"The request method must be one of {Allowed}.");

    private static readonly FrozenSet<string> Known = new[] { "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "CONNECT", "TRACE" }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    public Task InvokeAsync(HttpContext context)
    {
        if (Known.Contains(context.Request.Method))
        {
            return next(context);
        }

        context.Response.Headers.Allow = Allowed;
        return context.Refuse(NotAllowed);
    }
}
