using Cencori.Edge.Endpoints;
using Cencori.Edge.Errors;

namespace Cencori.Edge.Keys;

/// <summary>Refuses what the endpoint's policy, if it is one of <see cref="AccessPolicy"/>, does not let the caller do, and callers of networks from which they may not come.</summary>
public sealed class PermissionsMiddleware(RequestDelegate next, NetworkRules networks)
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

        // From elsewhere nobody is told anything of the key.
        var caller = context.GetCaller();
        var refusal = (caller is null ? null : networks.Refusal(context, caller)) ?? Permissions.Refusal(policy, caller, context.Request.Headers);
        return refusal is null ? next(context) : context.Refuse(refusal);
    }
}
