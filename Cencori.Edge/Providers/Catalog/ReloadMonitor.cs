using System.Diagnostics.Metrics;
using Cencori.Edge.Files;
using Yarp.ReverseProxy.Configuration;

namespace Cencori.Edge.Providers.Catalog;

/// <summary>
/// Reports in the log and in <c>cencori.edge.configuration.reloads</c> whether a change of yarp.json is active. YARP itself
/// keeps the old configuration after a failed change and reports that only in its log.
/// </summary>
public sealed partial class ReloadMonitor : IConfigChangeListener
{
    public const string CounterName = "cencori.edge.configuration.reloads";

    private readonly ILogger<ReloadMonitor> _logger;
    private readonly ReloadCounter _reloads;
    private readonly ProviderCatalog _catalog;
    private volatile string? _fault;

    public ReloadMonitor(IMeterFactory meters, ProviderFile file, ProviderCatalog catalog, ILogger<ReloadMonitor> logger)
    {
        _logger = logger;
        _catalog = catalog;
        _reloads = new ReloadCounter(meters, CounterName, "Changes of the provider configuration, by outcome.");
        file.Refused += Refuse;
    }

    /// <summary>Why the last change was rejected, in a message without secrets and hosts; null if the last change is active.</summary>
    public string? Fault => _fault;

    public void ConfigurationApplied(IReadOnlyList<IProxyConfig> proxyConfigs)
    {
        _fault = null;
        _reloads.Applied();
        Log.Applied(_logger, proxyConfigs.Sum(config => config.Clusters.Count));

        // YARP notifies the catalog before this monitor, so the catalog's warnings are current.
        foreach (var warning in _catalog.Warnings)
        {
            Log.Doubtful(_logger, warning);
        }
    }

    public void ConfigurationApplyingFailed(IReadOnlyList<IProxyConfig> proxyConfigs, Exception exception) => Refuse(exception);

    public void ConfigurationLoadingFailed(IProxyConfigProvider configProvider, Exception exception) => Refuse(exception);

    public void ConfigurationLoaded(IReadOnlyList<IProxyConfig> proxyConfigs)
    {
    }

    private void Refuse(Exception exception)
    {
        _fault = ProviderFaultException.Explain(exception, forAnybody: true);
        _reloads.Refused();
        Log.Refused(_logger, ProviderFaultException.Explain(exception));
    }

    private static partial class Log
    {
        [LoggerMessage(42, LogLevel.Information, "The provider configuration is active: {Providers} clusters.", EventName = "ConfigurationApplied")]
        public static partial void Applied(ILogger logger, int providers);

        [LoggerMessage(43, LogLevel.Error, "A change of yarp.json was rejected. The previous configuration stays active. {Reason}", EventName = "ConfigurationRefused")]
        public static partial void Refused(ILogger logger, string reason);

        [LoggerMessage(44, LogLevel.Warning, "yarp.json: {Warning}", EventName = "ConfigurationDoubtful")]
        public static partial void Doubtful(ILogger logger, string warning);
    }
}
