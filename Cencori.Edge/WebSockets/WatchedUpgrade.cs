using Microsoft.AspNetCore.Http.Features;

namespace Cencori.Edge.WebSockets;

/// <summary>What the forwarder finds in place of the server's own way to open a WebSocket: the same, and somebody watches over it then.</summary>
internal sealed class WatchedUpgrade : IHttpUpgradeFeature, IHttpExtendedConnectFeature
{
    private readonly IHttpUpgradeFeature? _upgrade;
    private readonly IHttpExtendedConnectFeature? _connect;
    private readonly Func<ClientStream, Task> _watch;

    private WatchedUpgrade(IHttpUpgradeFeature? upgrade, IHttpExtendedConnectFeature? connect, Func<ClientStream, Task> watch) =>
        (_upgrade, _connect, _watch) = (upgrade, connect, watch);

    /// <summary>Null: it has not been opened.</summary>
    public ClientStream? Caller { get; private set; }

    /// <summary>Ends when nobody watches any more.</summary>
    public Task Watching { get; private set; } = Task.CompletedTask;

    bool IHttpUpgradeFeature.IsUpgradableRequest => _upgrade?.IsUpgradableRequest == true;

    bool IHttpExtendedConnectFeature.IsExtendedConnect => _connect?.IsExtendedConnect == true;

    string? IHttpExtendedConnectFeature.Protocol => _connect?.Protocol;

    /// <param name="features">Of the request.</param>
    /// <param name="watch">Begins when it is open.</param>
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
