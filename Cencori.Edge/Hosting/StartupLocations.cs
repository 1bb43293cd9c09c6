using Cencori.Edge.Dashboard;
using Cencori.Edge.Pricing;
using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Storage.Startup;
using Cencori.Edge.Storage.Systems;
using Microsoft.Extensions.Options;

namespace Cencori.Edge.Hosting;

/// <summary>The paths and addresses that an edge prints at the start.</summary>
internal static class StartupLocations
{
    /// <summary>One line per path or address.</summary>
    public static string Of(WebApplication app)
    {
        var directory = app.Services.GetRequiredService<DataDirectory>();
        var system = app.Services.GetRequiredService<IDatabaseSystem>();
        var providers = ((IConfigurationRoot)app.Configuration).Providers.OfType<ProviderFile>().First();
        return $"""
              data:      {directory.FullPath}{(system is SqliteSystem ? "" : $", and {system.Name}")}
              providers: {providers.FullPath}
              prices:    {app.Services.GetRequiredService<Prices>().FullPath}
            """ + (DashboardOf(app) is { } dashboard ? $"\n  dashboard: {dashboard}" : "");
    }

    /// <summary>The dashboard's URL: <c>Dashboard:PublicUrl</c> when set, otherwise an address that is reachable from this machine.</summary>
    /// <returns>Null: the dashboard is disabled.</returns>
    public static string? DashboardOf(WebApplication app)
    {
        if (!DashboardServiceCollectionExtensions.IsEnabled(app.Configuration))
        {
            return null;
        }

        var own = AdminListener.Addresses(app.Configuration).Count;
        var url = app.Services.GetRequiredService<IOptions<DashboardOptions>>().Value.PublicUrl is { Length: > 0 } set ? set
            : app.Urls.ElementAtOrDefault(own == 0 ? 0 : app.Urls.Count - own);
        return url is null ? null : HealthProbe.Reachable(url).TrimEnd('/') + DashboardOptions.Path;
    }
}
