using Cencori.Edge.Pricing;
using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Settings;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Cencori.Edge.Hosting;

/// <summary>Health findings about yarp.json and prices.json: a refused change, or warnings about the values in force.</summary>
public sealed partial class SettingsFiles(ReloadMonitor reloads, ProviderCatalog catalog, Prices prices, ILogger<SettingsFiles> logger) : IHostedService
{
    private const string Refused = "refused";
    private const string Doubtful = "doubtful";

    /// <summary>The finding about yarp.json.</summary>
    public HealthCheckResult Providers => reloads.Fault is { } fault ? HealthResults.Degraded(Refused, fault)
        : catalog.Warnings is [_, ..] warnings ? HealthResults.Degraded(Doubtful, string.Join(' ', warnings))
        : HealthResults.Ok;

    /// <summary>The finding about prices.json.</summary>
    public HealthCheckResult Prices => prices.Fault is { } fault ? HealthResults.Degraded(Refused, fault)
        : Misspelt() is { Length: > 0 } warning ? HealthResults.Degraded(Doubtful, warning)
        : HealthResults.Ok;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (Misspelt() is { Length: > 0 } warning)
        {
            Log.Doubtful(logger, warning);
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // prices.json may name providers that are not configured yet. But a misspelt provider name makes its prices useless, so it gets a warning.
    private string Misspelt()
    {
        var known = catalog.All.Select(provider => provider.Id).ToHashSet(StringComparer.Ordinal);
        return string.Join(' ', prices.Providers.Where(id => !known.Contains(id))
            .Select(id => (Id: id, Near: NearestName.Find(id, known)))
            .Where(found => found.Near is not null)
            .Select(found => $"There is no provider '{found.Id}'. Did you mean '{found.Near}'?"));
    }

    private static partial class Log
    {
        [LoggerMessage(82, LogLevel.Warning, "prices.json: {Warning}", EventName = "PricesDoubtful")]
        public static partial void Doubtful(ILogger logger, string warning);
    }
}
