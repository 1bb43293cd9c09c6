using Cencori.Edge.Dashboard.Account;
using Cencori.Edge.Dashboard.Agents;
using Cencori.Edge.Dashboard.Audit;
using Cencori.Edge.Dashboard.Budgets;
using Cencori.Edge.Dashboard.Keys;
using Cencori.Edge.Dashboard.Limits;
using Cencori.Edge.Dashboard.Logs;
using Cencori.Edge.Dashboard.Logs.Requests;
using Cencori.Edge.Dashboard.Members;
using Cencori.Edge.Dashboard.Memory;
using Cencori.Edge.Dashboard.Palette;
using Cencori.Edge.Dashboard.Playground;
using Cencori.Edge.Dashboard.ModelPrices;
using Cencori.Edge.Dashboard.Policies;
using Cencori.Edge.Dashboard.Projects;
using Cencori.Edge.Dashboard.Prompts;
using Cencori.Edge.Dashboard.Providers;
using Cencori.Edge.Dashboard.Reference;
using Cencori.Edge.Dashboard.Routes;
using Cencori.Edge.Dashboard.Sessions;
using Cencori.Edge.Dashboard.Settings;
using Cencori.Edge.Dashboard.SignIn;
using Cencori.Edge.Dashboard.Usage;
using Cencori.Edge.Endpoints;
using Cencori.Edge.Exchanges;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Cencori.Edge.Dashboard;

public static class DashboardServiceCollectionExtensions
{
    private const string Policy = "dashboard";

    public static IServiceCollection AddDashboard(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<DashboardOptions>().BindConfiguration(DashboardOptions.Section)
            .Validate(
                options => string.IsNullOrEmpty(options.PublicUrl) || Uri.TryCreate(options.PublicUrl, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https",
                $"{DashboardOptions.Section}:{nameof(DashboardOptions.PublicUrl)} must be an address such as https://edge.example.com.")
            .ValidateOnStart();
        services.AddOptions<OpenIdSettings>().BindConfiguration(OpenIdSettings.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<OpenIdSettings>, OpenIdSettingsCheck>();
        if (!IsEnabled(configuration))
        {
            return services;
        }

        services.AddSingleton<IConfigureOptions<OpenIdConnectOptions>, OpenIdHandling>();
        services.AddSingleton<IPostConfigureOptions<OpenIdConnectOptions>, OpenIdConnectPostConfigureOptions>();
        services.AddSingleton<OpenIdSignIn>();
        services.AddSingleton<OpenIdMetadata>();
        services.AddSingleton<OpenIdThrottle>();

        // Replaces the host's data protection, which keeps its keys in memory: other edges could not read tokens that it has protected.
        services.RemoveAll<IDataProtectionProvider>();
        PublicAddress.RefuseWrongSetting(configuration);
        services.AddSingleton<KeyRing>();
        services.AddSingleton<IConfigureOptions<KeyManagementOptions>>(provider => provider.GetRequiredService<KeyRing>());
        services.AddDataProtection().SetApplicationName("Cencori.Edge");

        services.AddAntiforgery(forms =>
        {
            forms.Cookie.Name = "edge-form";
            forms.Cookie.SameSite = SameSiteMode.Lax;
            forms.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            forms.FormFieldName = "form_token";
            forms.HeaderName = "X-Form-Token";
            forms.SuppressXFrameOptionsHeader = true;
        });

        // Removes a service that reads the key ring at the start, when the database may be down. The first page reads the key ring when it needs it.
        services.Remove(services.Single(service => service.ImplementationType?.Name == "DataProtectionHostedService"));
        services.AddAuthorizationBuilder().AddPolicy(Policy, policy => policy.RequireAssertion(
            context => context.Resource is HttpContext http && http.Features.Get<PageRequest>() is not null));
        services.AddSingleton<SessionStore>();
        services.AddSingleton<FormCheck>();
        services.AddSingleton<PageTurns>();
        services.AddSingleton<PageAddress>();
        services.AddSingleton<AssetFiles>();
        services.AddSingleton<PublicAddress>();
        services.AddSingleton<LogExport>();
        services.AddSingleton<RequestPayloads>();
        services.AddSingleton<RequestFinder>();
        services.AddSingleton<PlaygroundModels>();
        services.AddSingleton<PlaygroundRunner>();
        services.AddSingleton<ProviderCards>();
        services.AddSingleton<RouteStates>();
        services.AddSingleton<SnippetBuilder>();
        services.AddSingleton<KeyReader>();
        services.AddSingleton<ProjectContents>();
        services.AddSingleton<LimitsPages>();
        services.AddSingleton<BudgetReader>();
        services.AddSingleton<BudgetPages>();
        services.AddSingleton<OverviewReader>();
        return services;
    }

    /// <summary>Adds the dashboard's middleware. A request outside of the dashboard costs two comparisons.</summary>
    public static void UseDashboard(this WebApplication app)
    {
        if (IsEnabled(app.Configuration))
        {
            app.Use((context, next) => RootRedirect.AppliesTo(context.Request) ? RootRedirect.Redirect(context) : next(context));
            app.UseWhen(context => Exchange.Of(context).Endpoint.Operation == Operation.Dashboard, pages => pages.UseMiddleware<PageMiddleware>());
        }
    }

    public static void MapDashboard(this WebApplication app)
    {
        if (!IsEnabled(app.Configuration))
        {
            return;
        }

        var pages = Pages(app);
        var assets = app.Services.GetRequiredService<AssetFiles>();
        pages.MapGet("/assets/{hash}/{name}", (HttpContext context, string hash, string name) => assets.SendAsync(context, hash, name)).WithMetadata(PageAccess.Anonymous, assets);
        SignInPages.Map(pages);
        ProjectPages.Map(pages);
        MembersPages.Map(pages);
        AuditPages.Map(pages);
        LogPages.Map(pages);
        RequestPages.Map(pages);
        PlaygroundPages.Map(pages);
        ProviderPages.Map(pages);
        RoutePages.Map(pages);
        PolicyPages.Map(pages);
        AgentPages.Map(pages);
        PromptPages.Map(pages);
        MemoryPages.Map(pages);
        ProjectSettingsPages.Map(pages);
        NetworkingPages.Map(pages);
        KeyPages.Map(pages);
        NewKeyPages.Map(pages);
        KeyEndPages.Map(pages);
        AccountPages.Map(pages);
        PalettePages.Map(pages);
        UsagePages.Map(pages);
        LimitsPages.Map(pages);
        BudgetPages.Map(pages);
        PricesPages.Map(pages);
        ReferencePages.Map(pages);
    }

    /// <summary>The route group of all pages. Its authorization policy refuses every request that <see cref="PageMiddleware"/> has not admitted.</summary>
    internal static RouteGroupBuilder Pages(WebApplication app) => app.MapGroup(DashboardOptions.Path).RequireAuthorization(Policy);

    /// <summary>True: the dashboard is enabled.</summary>
    internal static bool IsEnabled(IConfiguration configuration) => configuration.GetValue($"{DashboardOptions.Section}:{nameof(DashboardOptions.Enabled)}", defaultValue: true);
}
