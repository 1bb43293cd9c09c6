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

    private sealed record KeyRequirement(bool IsInference) : IAuthorizationRequirement
    {
        /// <summary>One of <see cref="Reasons"/>; null where the caller may.</summary>
        public string? WhyNot(HttpContext context, Caller caller)
        {
            if (caller.Key.Type != KeyType.Secret && !IsInference)
            {
                return Reasons.KeyType;
            }

            return caller.Key.Type == KeyType.Publishable && !AllowedOrigin.Matches(context.Request.Headers, caller.Key.AllowedDomains)
                ? Reasons.OriginNotAllowed
                : null;
        }
    }

    private sealed class KeyPermissionHandler : AuthorizationHandler<KeyRequirement>
    {
        protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, KeyRequirement requirement)
        {
            if (context.Resource is HttpContext http && http.Features.Get<Caller>() is { } caller && requirement.WhyNot(http, caller) is null)
            {
                context.Succeed(requirement);
            }
            else
            {
                context.Fail();
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

            if (context.Features.Get<Caller>() is not { } caller)
            {
                return context.Refuse(PresentedKey.Refusal(context.Request.Headers));
            }

            // Asked again, because the result keeps no reasons: without a signed-in user it is a challenge, which has none.
            var reason = policy.Requirements.OfType<KeyRequirement>().Select(requirement => requirement.WhyNot(context, caller)).FirstOrDefault() ?? Reasons.KeyType;
            return context.Refuse(EdgeError.Forbidden(Reasons.Explain(reason), reason));
        }
    }
}
