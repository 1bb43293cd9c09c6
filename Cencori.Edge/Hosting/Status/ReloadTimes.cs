using Cencori.Edge.Providers.Catalog;
using Yarp.ReverseProxy.Configuration;

namespace Cencori.Edge.Hosting.Status;

/// <summary>When yarp.json was last read, and when a change of it was last refused.</summary>
internal sealed class ReloadTimes : IConfigChangeListener
{
    private readonly TimeProvider _time;

    public ReloadTimes(ProviderFile file, TimeProvider time)
    {
        _time = time;
        file.Refused += _ => Refuse();
    }

    public DateTimeOffset? AppliedAt { get; private set; }

    public DateTimeOffset? RefusedAt { get; private set; }

    public void ConfigurationApplied(IReadOnlyList<IProxyConfig> proxyConfigs) => AppliedAt = _time.GetUtcNow();

    public void ConfigurationApplyingFailed(IReadOnlyList<IProxyConfig> proxyConfigs, Exception exception) => Refuse();

    public void ConfigurationLoadingFailed(IProxyConfigProvider configProvider, Exception exception) => Refuse();

    public void ConfigurationLoaded(IReadOnlyList<IProxyConfig> proxyConfigs)
    {
    }

    private void Refuse() => RefusedAt = _time.GetUtcNow();
}
