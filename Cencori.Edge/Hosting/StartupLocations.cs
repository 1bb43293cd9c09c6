using Cencori.Edge.Dashboard;
using Cencori.Edge.Pricing;
using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Storage;
using Microsoft.Extensions.Options;

namespace Cencori.Edge.Hosting;

/// <summary>Where an edge keeps what is its own, and finds what it follows.</summary>
internal static class StartupLocations
{
    /// <summary>A line for each.</summary>
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

    /// <summary>Where people open the pages. They know it by the name that the operator has set, or from this machine.</summary>
    /// <returns>Null: there are none.</returns>
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
