using Cencori.Edge.Endpoints;
using Cencori.Edge.Errors;

namespace Cencori.Edge.Keys;

/// <summary>Refuses what the endpoint's policy, if it is one of <see cref="AccessPolicy"/>, does not let the caller do.</summary>
public sealed class PermissionsMiddleware(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (!Permissions.IsDecidedHere(context.GetEndpoint(), out var policy))
        {
            return next(context);
        }

        if (policy == AccessPolicy.Nobody)
        {
            // Whoever names the path of a provider's route finds what is at any path that is no endpoint.
            context.SetEndpoint(null);
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        return Permissions.Refusal(policy, context.GetCaller(), context.Request.Headers) is { } refusal ? context.Refuse(refusal) : next(context);
    }
}
