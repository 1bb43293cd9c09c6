using Microsoft.AspNetCore.Http.Features;

namespace Cencori.Edge.WebSockets;

/// <summary>Replaces the server's upgrade features that the forwarder uses: opens the WebSocket as the server does, and then starts a watcher of the caller's stream.</summary>
internal sealed class WatchedUpgrade : IHttpUpgradeFeature, IHttpExtendedConnectFeature
{
    private readonly IHttpUpgradeFeature? _upgrade;
    private readonly IHttpExtendedConnectFeature? _connect;
    private readonly Func<ClientStream, Task> _watch;

    private WatchedUpgrade(IHttpUpgradeFeature? upgrade, IHttpExtendedConnectFeature? connect, Func<ClientStream, Task> watch) =>
        (_upgrade, _connect, _watch) = (upgrade, connect, watch);

    /// <summary>The caller's stream. Null: the WebSocket has not been opened.</summary>
    public ClientStream? Caller { get; private set; }

    /// <summary>Completes when the watcher has ended.</summary>
    public Task Watching { get; private set; } = Task.CompletedTask;

    bool IHttpUpgradeFeature.IsUpgradableRequest => _upgrade?.IsUpgradableRequest == true;

    bool IHttpExtendedConnectFeature.IsExtendedConnect => _connect?.IsExtendedConnect == true;

    string? IHttpExtendedConnectFeature.Protocol => _connect?.Protocol;

    /// <param name="features">The features of the request.</param>
    /// <param name="watch">The watcher, started when the WebSocket opens.</param>
    public static WatchedUpgrade Prepare(IFeatureCollection features, Func<ClientStream, Task> watch)
    {
        var session = new WatchedUpgrade(features.Get<IHttpUpgradeFeature>(), features.Get<IHttpExtendedConnectFeature>(), watch);
        if (session._upgrade is not null)
        {
            features.Set<IHttpUpgradeFeature>(session);
        }

        if (session._connect is not null)
        {
            features.Set<IHttpExtendedConnectFeature>(session);
        }

        return session;
    }

    async Task<Stream> IHttpUpgradeFeature.UpgradeAsync() => Open(await _upgrade!.UpgradeAsync());

    async ValueTask<Stream> IHttpExtendedConnectFeature.AcceptAsync() => Open(await _connect!.AcceptAsync());

    private ClientStream Open(Stream stream)
    {
        Caller = new ClientStream(stream);
        Watching = _watch(Caller);
        return Caller;
    }
}
