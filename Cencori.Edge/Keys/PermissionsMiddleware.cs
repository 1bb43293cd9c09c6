using Cencori.Edge.Endpoints;
using Cencori.Edge.Errors;

namespace Cencori.Edge.Keys;

/// <summary>Enforces the endpoint's <see cref="AccessPolicy"/>, if it has one, and the allowed networks of the caller.</summary>
public sealed class PermissionsMiddleware(RequestDelegate next, NetworkRules networks)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (!Permissions.HasAccessPolicy(context.GetEndpoint(), out var policy))
        {
            return next(context);
        }

        if (policy == AccessPolicy.NoCaller)
        {
            // A request that names the path of a provider's internal route gets the same 404 as at an unknown path.
            context.SetEndpoint(null);
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        // The network is checked first, so that a caller from a network that is not allowed learns nothing about the key.
        var caller = context.GetCaller();
        var refusal = (caller is null ? null : networks.Refusal(context, caller)) ?? Permissions.Refusal(policy, caller, context.Request.Headers);
        return refusal is null ? next(context) : context.Refuse(refusal);
    }
}
