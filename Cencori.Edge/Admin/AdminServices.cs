using Cencori.Edge.Endpoints;

namespace Cencori.Edge.Admin;

public static class AdminServices
{
    private const string Policy = "administration";

    public static IServiceCollection AddAdministration(this IServiceCollection services)
    {
        services.AddSingleton<AdminToken>();
        services.AddSingleton<WrongTokens>();
        services.AddSingleton<Changes>();
        services.AddSingleton<AgentEditor>();
        services.AddSingleton<FirstStart>();
        services.AddAuthorizationBuilder().AddPolicy(Policy, policy => policy.RequireAssertion(
            context => context.Resource is HttpContext http && http.Features.Get<Administrator>() is not null));
        return services;
    }

    public static void MapAdministration(this IEndpointRouteBuilder endpoints)
    {
        var projects = endpoints.MapGroup(EndpointTable.Administration).RequireAuthorization(Policy);
        ProjectsApi.Map(projects);
        ApiKeysApi.Map(projects);
        ProviderKeysApi.Map(projects);
        RateLimitsApi.Map(projects);
        PricesApi.Map(projects);
        BudgetsApi.Map(projects);
        OpenWorkApi.Map(projects);
        AgentsApi.Map(projects);
        AgentActionsApi.Map(projects);
        LogsApi.Map(projects);
        VerifyApi.Map(projects);
    }
}
