using System.Diagnostics.CodeAnalysis;
using Cencori.Edge.Endpoints;
using Cencori.Edge.Errors;
using Cencori.Edge.Storage;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;

namespace Cencori.Edge.Keys;

/// <summary>Enforces the <see cref="AccessPolicy"/> of a request's endpoint.</summary>
public static class Permissions
{
    public static IServiceCollection AddPermissions(this IServiceCollection services)
    {
        // YARP accepts only registered policy names in yarp.json. The framework never evaluates these policies; if it did, they would refuse.
        var policies = services.AddAuthorizationBuilder();
        foreach (var policy in (string[])[AccessPolicy.Inference, AccessPolicy.Agents, AccessPolicy.DataPlane, AccessPolicy.NoCaller])
        {
            policies.AddPolicy(policy, builder => builder.RequireAssertion(_ => false));
        }

        services.AddSingleton<IAuthorizationMiddlewareResultHandler, RefusalHandler>();

        // Otherwise the framework throws if an endpoint has a policy and the authorization middleware did not run for it.
        return services.Configure<RouteOptions>(options => options.SuppressCheckForUnhandledSecurityMetadata = true);
    }

    /// <summary>
    /// Adds the middleware for the edge's own policies. This middleware avoids the scope, principal and tasks that the framework
    /// allocates per decision. The framework enforces all other policies.
    /// </summary>
    public static void UsePermissions(this WebApplication app)
    {
        app.UseMiddleware<PermissionsMiddleware>();
        app.UseWhen(context => !HasAccessPolicy(context.GetEndpoint(), out _), others => others.UseAuthorization());
    }

    /// <summary>Whether the endpoint has a policy of <see cref="AccessPolicy"/>.</summary>
    internal static bool HasAccessPolicy(Endpoint? endpoint, [NotNullWhen(true)] out string? policy)
    {
        policy = endpoint?.Metadata.GetMetadata<IAuthorizeData>()?.Policy;
        return policy is AccessPolicy.Inference or AccessPolicy.Agents or AccessPolicy.DataPlane or AccessPolicy.NoCaller;
    }

    /// <summary>Applies a policy to a request. Returns the error. Null: the policy allows the request.</summary>
    internal static EdgeError? Refusal(string policy, Caller? caller, IHeaderDictionary headers)
    {
        if (caller is null)
        {
            return PresentedKey.Refusal(headers);
        }

        var reason = policy switch
        {
            AccessPolicy.NoCaller => Reasons.KeyType,
            AccessPolicy.DataPlane when caller.Key.Type != KeyType.Secret => Reasons.KeyType,
            AccessPolicy.Agents when caller.Key.Type == KeyType.Publishable => Reasons.KeyType,
            _ when caller.Key.Type == KeyType.Publishable && !AllowedOrigin.Matches(headers, caller.Key.AllowedDomains) => Reasons.OriginNotAllowed,
            _ => null,
        };
        return reason is null ? null : EdgeError.Forbidden(Reasons.Explain(reason), reason);
    }

    // The framework would challenge with an authentication scheme, and none exists. So its refusals become the edge's own error.
    private sealed class RefusalHandler : IAuthorizationMiddlewareResultHandler
    {
        public Task HandleAsync(RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult) =>
            authorizeResult.Succeeded ? next(context) : context.Refuse(Refusal(AccessPolicy.NoCaller, context.GetCaller(), context.Request.Headers)!);
    }
}
