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

/// <summary>Finds the <see cref="Upgrade"/> that a request asks for. Kestrel decides whether the connection can be upgraded.</summary>
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

    // Kestrel has already checked "Connection: Upgrade" and that there is no body.
    private static Upgrade OfHeaders(HttpRequest request)
    {
        var protocols = request.Headers.GetCommaSeparatedValues(HeaderNames.Upgrade);
        if (protocols.Length == 0)
        {
            // Load balancers are often configured to send "Connection: upgrade" with every request, without an Upgrade header.
            return Upgrade.None;
        }

        if (HttpProtocol.IsHttp11(request.Protocol) && HttpMethods.IsGet(request.Method) && protocols.Any(IsWebSocket))
        {
            return Upgrade.WebSocket;
        }

        // Java's HttpClient offers an upgrade to HTTP/2 (h2c) with every request, and continues with HTTP/1.1 if the server ignores the offer.
        return protocols.All(protocol => protocol.Equals(ClearTextHttp2, StringComparison.OrdinalIgnoreCase)) && request.Headers.ContainsKey(Http2Settings)
            ? Upgrade.None
            : Upgrade.Other;
    }

    private static bool IsWebSocket(string? protocol) => WebSocket.Equals(protocol, StringComparison.OrdinalIgnoreCase);
}
