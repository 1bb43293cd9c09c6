using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Cencori.Edge.Endpoints;

/// <summary>What a request wants to make of its connection.</summary>
public enum Upgrade
{
    /// <summary>Nothing: it is a request like any other.</summary>
    None,

    /// <summary>A WebSocket: <c>GET</c> with <c>Upgrade: websocket</c> over HTTP/1.1, or the extended <c>CONNECT</c> of HTTP/2.</summary>
    WebSocket,

    /// <summary>Something else, which no request of the edge's callers is.</summary>
    Other,
}

/// <summary>Tells which requests want to leave HTTP. The server decides which can.</summary>
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

    // The server has seen "Connection: Upgrade", and no body.
    private static Upgrade OfHeaders(HttpRequest request)
    {
        var protocols = request.Headers.GetCommaSeparatedValues(HeaderNames.Upgrade);
        if (protocols.Length == 0)
        {
            // Balancers are often told to write "Connection: upgrade" on everything.
            return Upgrade.None;
        }

        if (HttpProtocol.IsHttp11(request.Protocol) && HttpMethods.IsGet(request.Method) && protocols.Any(IsWebSocket))
        {
            return Upgrade.WebSocket;
        }

        // Java's own client offers HTTP/2 with every request, and goes on without it.
        return protocols.All(protocol => protocol.Equals(ClearTextHttp2, StringComparison.OrdinalIgnoreCase)) && request.Headers.ContainsKey(Http2Settings)
            ? Upgrade.None
            : Upgrade.Other;
    }

    private static bool IsWebSocket(string? protocol) => WebSocket.Equals(protocol, StringComparison.OrdinalIgnoreCase);
}
