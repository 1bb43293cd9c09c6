using System.Diagnostics.CodeAnalysis;
using Cencori.Edge.Endpoints;
using Cencori.Edge.Errors;
using Cencori.Edge.Storage;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;

namespace Cencori.Edge.Keys;

/// <summary>Holds requests to the <see cref="AccessPolicy"/> of their route.</summary>
public static class Permissions
{
    public static IServiceCollection AddPermissions(this IServiceCollection services)
    {
        // The framework knows the names, against which it checks yarp.json. It is never asked about them, and would refuse.
        var policies = services.AddAuthorizationBuilder();
        foreach (var policy in (string[])[AccessPolicy.Inference, AccessPolicy.Agents, AccessPolicy.DataPlane, AccessPolicy.Nobody])
        {
            policies.AddPolicy(policy, builder => builder.RequireAssertion(_ => false));
        }

        services.AddSingleton<IAuthorizationMiddlewareResultHandler, RefusalHandler>();

        // It checks that its own middleware has run for every endpoint with a policy.
        return services.Configure<RouteOptions>(options => options.SuppressCheckForUnhandledSecurityMetadata = true);
    }

    /// <summary>
    /// Lets each request pass that its endpoint's policy allows: those policies are decided here, without the scope, the
    /// principal and the tasks that the framework makes for each decision; the framework decides everything else.
    /// </summary>
    public static void UsePermissions(this WebApplication app)
    {
        app.UseMiddleware<PermissionsMiddleware>();
        app.UseWhen(context => !IsDecidedHere(context.GetEndpoint(), out _), others => others.UseAuthorization());
    }

    /// <summary>Whether the endpoint's policy is one of <see cref="AccessPolicy"/>.</summary>
    internal static bool IsDecidedHere(Endpoint? endpoint, [NotNullWhen(true)] out string? policy)
    {
        policy = endpoint?.Metadata.GetMetadata<IAuthorizeData>()?.Policy;
        return policy is AccessPolicy.Inference or AccessPolicy.Agents or AccessPolicy.DataPlane or AccessPolicy.Nobody;
    }

    /// <summary>Null where the policy allows the request.</summary>
    internal static EdgeError? Refusal(string policy, Caller? caller, IHeaderDictionary headers)
    {
        if (caller is null)
        {
            return PresentedKey.Refusal(headers);
        }

        var reason = policy switch
        {
            AccessPolicy.Nobody => Reasons.KeyType,
            AccessPolicy.DataPlane when caller.Key.Type != KeyType.Secret => Reasons.KeyType,
            AccessPolicy.Agents when caller.Key.Type == KeyType.Publishable => Reasons.KeyType,
            _ when caller.Key.Type == KeyType.Publishable && !AllowedOrigin.Matches(headers, caller.Key.AllowedDomains) => Reasons.OriginNotAllowed,
            _ => null,
        };
        return reason is null ? null : EdgeError.Forbidden(Reasons.Explain(reason), reason);
    }

    // The framework would challenge with a scheme of authentication, of which there is none: what it refuses, nobody may.
    private sealed class RefusalHandler : IAuthorizationMiddlewareResultHandler
    {
        public Task HandleAsync(RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult) =>
            authorizeResult.Succeeded ? next(context) : context.Refuse(Refusal(AccessPolicy.Nobody, context.GetCaller(), context.Request.Headers)!);
    }
}
