using Cencori.Edge.Pricing;
using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Hosting;

/// <summary>Where an edge keeps what is its own, and finds what it follows.</summary>
internal static class Places
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
            """;
    }
}
