using Cencori.Edge.Admin.Agents;
using Cencori.Edge.Admin.AsCode;
using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Admin.Description;
using Cencori.Edge.Admin.Keys;
using Cencori.Edge.Admin.Limits;
using Cencori.Edge.Admin.Logs;
using Cencori.Edge.Admin.Memory;
using Cencori.Edge.Admin.People;
using Cencori.Edge.Admin.Policies;
using Cencori.Edge.Admin.Projects;
using Cencori.Edge.Admin.Prompts;
using Cencori.Edge.Admin.Providers;
using Cencori.Edge.Admin.Routes;
using Cencori.Edge.Admin.SignIn;
using Cencori.Edge.Endpoints;

namespace Cencori.Edge.Admin;

public static class AdminServiceCollectionExtensions
{
    private const string Policy = "administration";

    public static IServiceCollection AddAdministration(this IServiceCollection services)
    {
        services.AddSingleton<AdminToken>();
        services.AddSingleton<AdminTokenLockout>();
        services.AddSingleton<FailedSignInLog>();
        services.AddSingleton<TokenSignIn>();
        services.AddSingleton<AuditTrail>();
        services.AddSingleton<Changes>();
        services.AddSingleton<StorageFailureHandler>();
        services.AddSingleton<ProjectEditor>();
        services.AddSingleton<NetworkEditor>();
        services.AddSingleton<PolicyEditor>();
        services.AddSingleton<PolicyTester>();
        services.AddSingleton<PolicyReports>();
        services.AddSingleton<PolicyWebhookTester>();
        services.AddSingleton<ApiKeyEditor>();
        services.AddSingleton<ProviderKeyEditor>();
        services.AddSingleton<ProviderTester>();
        services.AddSingleton<TargetStatusService>();
        services.AddSingleton<ProviderTraffic>();
        services.AddSingleton<RateLimitEditor>();
        services.AddSingleton<BudgetEditor>();
        services.AddSingleton<BudgetWebhook>();
        services.AddSingleton<PriceEditor>();
        services.AddSingleton<PendingWork>();
        services.AddSingleton<MonthCheck>();
        services.AddSingleton<PromptEditor>();
        services.AddSingleton<RouteEditor>();
        services.AddSingleton<RouteExplainService>();
        services.AddSingleton<RouteReports>();
        services.AddSingleton<AgentPrivilegeCheck>();
        services.AddSingleton<AgentEditor>();
        services.AddSingleton<AgentActions>();
        services.AddSingleton<MemoryAdminService>();
        services.AddSingleton<MemoryGrowth>();
        services.AddSingleton<LogSearches>();
        services.AddSingleton<LogReader>();
        services.AddSingleton<AuditRows>();
        services.AddSingleton<AuditLog>();
        services.AddSingleton<MemberEditor>();
        services.AddSingleton<InvitationEditor>();
        services.AddSingleton<MemberSignIn>();
        services.AddOptions<SignInOptions>().BindConfiguration(SignInOptions.Section);
        services.AddSingleton<Editors>();
        services.AddSingleton<CurrentState>();
        services.AddSingleton<ConfigurationApply>();
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
        NetworkingApi.Map(projects);
        PoliciesApi.Map(projects);
        ApiKeysApi.Map(projects);
        ProviderKeysApi.Map(projects);
        TargetsApi.Map(projects);
        RoutesApi.Map(projects);
        RateLimitsApi.Map(projects);
        PricesApi.Map(projects);
        BudgetsApi.Map(projects);
        BudgetAlertsApi.Map(projects);
        PromptsApi.Map(projects);
        PendingWorkApi.Map(projects);
        AgentsApi.Map(projects);
        AgentActionsApi.Map(projects);
        LogsApi.Map(projects);
        VerifyApi.Map(projects);
        AuditApi.Map(endpoints.MapGroup(EndpointTable.Audit).RequireAuthorization(Policy));
        MembersApi.Map(endpoints.MapGroup(EndpointTable.Members).RequireAuthorization(Policy));
        InvitationsApi.Map(endpoints.MapGroup(EndpointTable.Invitations).RequireAuthorization(Policy));
        ConfigurationApi.MapExport(endpoints.MapGroup(EndpointTable.Export).RequireAuthorization(Policy));
        ConfigurationApi.MapApply(endpoints.MapGroup(EndpointTable.Apply).RequireAuthorization(Policy));
        endpoints.MapGet(EndpointTable.Description, (HttpContext context) =>
        {
            context.Response.ContentType = "application/json; charset=utf-8";
            return context.Response.Body.WriteAsync(OpenApiDocument.Utf8, context.RequestAborted).AsTask();
        }).RequireAuthorization(Policy);
    }
}
