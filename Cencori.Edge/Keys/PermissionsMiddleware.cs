using Cencori.Edge.Endpoints;
using Cencori.Edge.Errors;

namespace Cencori.Edge.Keys;

/// <summary>Refuses what the endpoint's policy, if it is one of <see cref="AccessPolicy"/>, does not let the caller do.</summary>
public sealed class PermissionsMiddleware(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context) =>
        Permissions.IsDecidedHere(context.GetEndpoint(), out var policy) && Permissions.Refusal(policy, context.GetCaller(), context.Request.Headers) is { } refusal
            ? context.Refuse(refusal)
            : next(context);
}
