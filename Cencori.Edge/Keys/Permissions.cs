using Cencori.Edge.Errors;
using Cencori.Edge.Storage;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;

namespace Cencori.Edge.Keys;

/// <summary>What a key's type lets it do. Routes in yarp.json name these policies as their <c>AuthorizationPolicy</c>.</summary>
public static class Permissions
{
    /// <summary>Chat, completions, responses, embeddings and the list of models: every type of key.</summary>
    public const string Inference = "inference";

    /// <summary>The rest of the data plane: secret keys.</summary>
    public const string DataPlane = "data-plane";

    /// <summary>Nobody. Provider routes are reached by reassignment only, never by a caller that names their path.</summary>
    public const string Nobody = "nobody";

    public static IServiceCollection AddPermissions(this IServiceCollection services)
    {
        services.AddAuthorizationBuilder()
            .AddPolicy(Inference, policy => policy.AddRequirements(new KeyRequirement(IsInference: true)))
            .AddPolicy(DataPlane, policy => policy.AddRequirements(new KeyRequirement(IsInference: false)))
            .AddPolicy(Nobody, policy => policy.RequireAssertion(_ => false));
        services.AddSingleton<IAuthorizationHandler, KeyPermissionHandler>();
        services.AddSingleton<IAuthorizationMiddlewareResultHandler, RefusalHandler>();
        return services;
    }

    private sealed record KeyRequirement(bool IsInference) : IAuthorizationRequirement;

    private sealed class KeyPermissionHandler : AuthorizationHandler<KeyRequirement>
    {
        protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, KeyRequirement requirement)
        {
            if (context.Resource is not HttpContext http || http.Features.Get<Caller>() is not { } caller)
            {
                context.Fail();
            }
            else if (caller.Key.Type != KeyType.Secret && !requirement.IsInference)
            {
                context.Fail(new AuthorizationFailureReason(this, Reasons.KeyType));
            }
            else if (caller.Key.Type == KeyType.Publishable && !AllowedOrigin.Matches(http.Request.Headers, caller.Key.AllowedDomains))
            {
                context.Fail(new AuthorizationFailureReason(this, Reasons.OriginNotAllowed));
            }
            else
            {
                context.Succeed(requirement);
            }

            return Task.CompletedTask;
        }
    }

    private sealed class RefusalHandler : IAuthorizationMiddlewareResultHandler
    {
        public Task HandleAsync(RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
        {
            if (authorizeResult.Succeeded)
            {
                return next(context);
            }

            if (context.Features.Get<Caller>() is null)
            {
                return context.Refuse(PresentedKey.Refusal(context.Request.Headers));
            }

            var reason = authorizeResult.AuthorizationFailure?.FailureReasons.FirstOrDefault()?.Message ?? Reasons.KeyType;
            return context.Refuse(EdgeError.Forbidden(Reasons.Explain(reason), reason));
        }
    }
}
