using System.Diagnostics.Metrics;
using Cencori.Edge.Files;
using Yarp.ReverseProxy.Configuration;

namespace Cencori.Edge.Providers.Catalog;

/// <summary>
/// Says, in the log and in <c>cencori.edge.configuration.reloads</c>, whether a change of yarp.json is in force. YARP
/// itself goes on with the old configuration and is silent about it everywhere but in its log.
/// </summary>
public sealed partial class ReloadMonitor : IConfigChangeListener
{
    public const string CounterName = "cencori.edge.configuration.reloads";

    private readonly ILogger<ReloadMonitor> _logger;
    private readonly ReloadCounter _reloads;
    private volatile bool _isRefused;

    public ReloadMonitor(IMeterFactory meters, ProviderFile file, ILogger<ReloadMonitor> logger)
    {
        _logger = logger;
        _reloads = new ReloadCounter(meters, CounterName, "Changes of the provider configuration, by outcome.");
        file.Refused += Refuse;
    }

    /// <summary>True from a change that was refused to the next that is in force.</summary>
    public bool IsRefused => _isRefused;

    public void ConfigurationApplied(IReadOnlyList<IProxyConfig> proxyConfigs)
    {
        _isRefused = false;
        _reloads.Applied();
        Log.Applied(_logger, proxyConfigs.Sum(config => config.Clusters.Count));
    }

    public void ConfigurationApplyingFailed(IReadOnlyList<IProxyConfig> proxyConfigs, Exception exception) => Refuse(exception);

    public void ConfigurationLoadingFailed(IProxyConfigProvider configProvider, Exception exception) => Refuse(exception);

    public void ConfigurationLoaded(IReadOnlyList<IProxyConfig> proxyConfigs)
    {
    }

    private void Refuse(Exception exception)
    {
        _isRefused = true;
        _reloads.Refused();
        Log.Refused(_logger, exception);
    }

    private static partial class Log
    {
        [LoggerMessage(42, LogLevel.Information, "Provider configuration is in force: {Providers} clusters.", EventName = "ConfigurationApplied")]
        public static partial void Applied(ILogger logger, int providers);

        [LoggerMessage(43, LogLevel.Error, "A change of yarp.json was refused; the configuration before it stays in force.", EventName = "ConfigurationRefused")]
        public static partial void Refused(ILogger logger, Exception exception);
    }
}
