using Cencori.Edge.Admin;
using Cencori.Edge.Admin.Agents;
using Cencori.Edge.Admin.SignIn;
using Cencori.Edge.Agents;
using Cencori.Edge.Budgets;
using Cencori.Edge.Commands;
using Cencori.Edge.Dashboard;
using Cencori.Edge.Egress;
using Cencori.Edge.Endpoints;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Exchanges.InProcess;
using Cencori.Edge.Hosting;
using Cencori.Edge.Hosting.Status;
using Cencori.Edge.Keys;
using Cencori.Edge.Memory;
using Cencori.Edge.Memory.Api;
using Cencori.Edge.Memory.Recall;
using Cencori.Edge.Metrics;
using Cencori.Edge.Owners;
using Cencori.Edge.Policies;
using Cencori.Edge.Pricing;
using Cencori.Edge.Projects;
using Cencori.Edge.Providers;
using Cencori.Edge.RateLimiting;
using Cencori.Edge.Records;
using Cencori.Edge.Redis;
using Cencori.Edge.Routing;
using Cencori.Edge.Screening;
using Cencori.Edge.Storage;
using Cencori.Edge.Telemetry;
using Cencori.Edge.Verification;
using Cencori.Edge.WebSockets;

try
{
    if (await CommandLine.RespondAsync(args) is { } completed)
    {
        return completed;
    }

    StartOutput.Install();
    await using var app = Build(args);
    var welcome = await Welcome.PrepareAsync(app.Services);
    var listens = false;
    try
    {
        await app.StartAsync();
        listens = true;
        Console.WriteLine($"Cencori.Edge listens on {Address(app)}\n{StartupLocations.Of(app)}");
        await StartOutput.AfterLogAsync(app.Services);
    }
    catch
    {
        // Stops background services that already run before the container is disposed. Otherwise they fail, and the host logs
        // many lines beside the one error that matters.
        app.Lifetime.StopApplication();
        await Task.WhenAll(app.Services.GetServices<IHostedService>().OfType<BackgroundService>().Select(service => service.StopAsync(CancellationToken.None)));
        throw;
    }
    finally
    {
        // Prints the new admin token and test key even when the port is in use: they are stored already, and will not be shown again.
        welcome?.Print(Address(app), listens, listens ? StartupLocations.DashboardOf(app) : null);
    }

    if (welcome is null)
    {
        welcome = await Welcome.PrepareLateAsync(app.Services, app.Lifetime.ApplicationStopping);
        welcome?.Print(Address(app), listens, listens ? StartupLocations.DashboardOf(app) : null);
    }

    await app.WaitForShutdownAsync();
    return 0;
}
catch (Exception exception) when (StartupFailure.Explain(exception) is { } line)
{
    await Console.Error.WriteLineAsync(line);
    return 1;
}

static string Address(WebApplication app) => app.Urls.FirstOrDefault() is { } url ? HealthProbe.Reachable(url) : HealthProbe.AddressText(app.Configuration).TrimEnd('/');

/// <summary>Composes the edge: its services and its request pipeline.</summary>
public partial class Program
{
    /// <param name="args">Settings as <c>--Section:Key=value</c>.</param>
    /// <param name="configure">Runs after all services were added, so that tests can replace some of them.</param>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = EdgeHost.CreateBuilder(args);
        builder.UseEdgeDefaults(out var providers);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddEdgeTelemetry(builder.Configuration);
        builder.Services.AddStorage(builder.Configuration);
        builder.Services.AddRedis(builder.Configuration);
        builder.Services.AddEgress(builder.Configuration);
        builder.Services.AddPolicies();
        builder.Services.AddProjects();
        builder.Services.AddKeys();
        builder.Services.AddRateLimiting(builder.Configuration);
        builder.Services.AddProviders(builder.Configuration, providers);
        builder.Services.AddModelRouting(builder.Configuration);
        builder.Services.AddPrices();
        builder.Services.AddBudgets(builder.Configuration);
        builder.Services.AddOwners();
        builder.Services.AddUsage(builder.Configuration);
        builder.Services.AddMetricsApi();
        builder.Services.AddVerification();
        builder.Services.AddWebSocketForwarding();
        builder.Services.AddExchanges();
        builder.Services.AddScreening();
        builder.Services.AddAgents();
        builder.Services.AddMemory(builder.Configuration);
        builder.Services.AddMemoryRecall();
        builder.Services.AddAdministration();
        builder.Services.AddDashboard(builder.Configuration);
        builder.Services.AddHealth(builder.Configuration);
        builder.Services.AddForwardedAddresses(builder.Configuration);
        configure?.Invoke(builder);

        var app = builder.Build();

        // The order in which a request passes the middleware.
        app.Use(app.Services.GetRequiredService<InProcessClient>().Open);
        app.UseMiddleware<ExchangeMiddleware>();
        app.UseMiddleware<DrainMiddleware>();
        app.UseMiddleware<CorsMiddleware>();
        app.UseMiddleware<KnownMethodsMiddleware>();
        app.UsePrometheus();
        app.UseForwardedAddresses();
        app.UseMiddleware<LoopMiddleware>();
        app.UseAdminListener();
        app.UseMiddleware<AdminAuthenticationMiddleware>();
        app.UseEdgeRouting();
        app.UseDashboard();
        app.UseMiddleware<KeyAuthenticationMiddleware>();
        app.UsePermissions();
        app.UseMiddleware<UnimplementedPathsMiddleware>();
        app.UseMiddleware<AgentMiddleware>();
        app.MapHealth();
        app.MapReadiness();
        app.MapModels();
        app.MapMetrics();
        app.MapActions();
        app.MapAgents();
        app.MapMemory();
        app.MapAdministration();
        app.MapDashboard();
        app.MapStatus();
        app.MapReverseProxy(proxy =>
        {
            proxy.UseMiddleware<AdmissionMiddleware>();
            proxy.UseLoadBalancing();
        });
        return app;
    }
}
