using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Cencori.Edge.Endpoints;

/// <summary>The protocol upgrade that a request asks for.</summary>
public enum Upgrade
{
    /// <summary>None: an ordinary request.</summary>
    None,

    /// <summary>A WebSocket: <c>GET</c> with <c>Upgrade: websocket</c> over HTTP/1.1, or the extended <c>CONNECT</c> of HTTP/2.</summary>
    WebSocket,

    /// <summary>Another protocol, which the edge does not support.</summary>
    Other,
}

/// <summary>Detects requests that ask for an upgrade. The server decides which upgrades are possible.</summary>
public static class Upgrades
{
    public const string WebSocket = "websocket";

    private const string ClearTextHttp2 = "h2c";
    private const string Http2Settings = "HTTP2-Settings";

    public static Upgrade Of(HttpContext context)
    {
        if (HttpMethods.IsConnect(context.Request.Method))
        {
            return context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true } connect && IsWebSocket(connect.Protocol) ? Upgrade.WebSocket : Upgrade.Other;
        }

        return context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } ? OfHeaders(context.Request) : Upgrade.None;
    }

    // The server has already checked "Connection: Upgrade" and that there is no body.
    private static Upgrade OfHeaders(HttpRequest request)
    {
        var protocols = request.Headers.GetCommaSeparatedValues(HeaderNames.Upgrade);
        if (protocols.Length == 0)
        {
            // Load balancers are often configured to send "Connection: upgrade" with every request.
            return Upgrade.None;
        }

        if (HttpProtocol.IsHttp11(request.Protocol) && HttpMethods.IsGet(request.Method) && protocols.Any(IsWebSocket))
        {
            return Upgrade.WebSocket;
        }

        // Java's own client offers HTTP/2 with every request, and continues without it.
        return protocols.All(protocol => protocol.Equals(ClearTextHttp2, StringComparison.OrdinalIgnoreCase)) && request.Headers.ContainsKey(Http2Settings)
            ? Upgrade.None
            : Upgrade.Other;
    }

    private static bool IsWebSocket(string? protocol) => WebSocket.Equals(protocol, StringComparison.OrdinalIgnoreCase);
}
