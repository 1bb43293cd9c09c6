using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Endpoints;

namespace Cencori.Edge.Admin;

public static class AdminServices
{
    private const string Policy = "administration";

    public static IServiceCollection AddAdministration(this IServiceCollection services)
    {
        services.AddSingleton<AdminToken>();
        services.AddSingleton<WrongTokens>();
        services.AddSingleton<AuditTrail>();
        services.AddSingleton<RefusedSignIns>();
        services.AddSingleton<Changes>();
        services.AddSingleton<AgentMaker>();
        services.AddSingleton<AgentEditor>();
        services.AddSingleton<StorageTrouble>();
        services.AddSingleton<FirstStart>();
        services.AddOptions<AuditOptions>().BindConfiguration(AuditOptions.Section)
            .Validate(options => options.RetentionDays is > 0 and <= 36_500, $"{AuditOptions.Section}:{nameof(AuditOptions.RetentionDays)} must be 1 to 36500.").ValidateOnStart();
        services.AddHostedService<AuditRetention>();
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
        PromptsApi.Map(projects);
        OpenWorkApi.Map(projects);
        AgentsApi.Map(projects);
        AgentActionsApi.Map(projects);
        LogsApi.Map(projects);
        VerifyApi.Map(projects);
        AuditApi.Map(endpoints.MapGroup(EndpointTable.Audit).RequireAuthorization(Policy));
    }
}
