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
        /// <summary>Null, or one of <see cref="Reasons"/>.</summary>
        public string? WhyNot(Caller caller, IHeaderDictionary headers) => caller.Key.Type switch
        {
            not KeyType.Secret when !IsInference => Reasons.KeyType,
            KeyType.Publishable when !AllowedOrigin.Matches(headers, caller.Key.AllowedDomains) => Reasons.OriginNotAllowed,
            _ => null,
        };
    }

    private sealed class KeyPermissionHandler : AuthorizationHandler<KeyRequirement>
    {
        protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, KeyRequirement requirement)
        {
            if (context.Resource is HttpContext http
                && http.Features.Get<Caller>() is { } caller
                && requirement.WhyNot(caller, http.Request.Headers) is null)
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

            if (context.Features.Get<Caller>() is not { } caller)
            {
                return context.Refuse(PresentedKey.Refusal(context.Request.Headers));
            }

            // The framework keeps a handler's own reasons only for callers whom one of its schemes has authenticated.
            var reason = policy.Requirements.OfType<KeyRequirement>()
                .Select(requirement => requirement.WhyNot(caller, context.Request.Headers))
                .FirstOrDefault(reason => reason is not null) ?? Reasons.KeyType;
            return context.Refuse(EdgeError.Forbidden(Reasons.Explain(reason), reason));
        }
    }
}
