using System.Net;

namespace Cencori.Edge.Exchanges;

/// <summary>Reads what a record stores about the caller of a request: address and application name.</summary>
internal static class CallerText
{
    private const string AppHeader = "X-Cencori-App";
    private const int MaxAppLength = 64;

    /// <summary>The caller's address; behind a trusted proxy, the address that the proxy reports.</summary>
    public static string? Address(HttpContext context) => Of(context.Connection.RemoteIpAddress);

    /// <summary>Formats an address; an IPv4 address mapped to IPv6 as IPv4.</summary>
    public static string? Of(IPAddress? address) => address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4().ToString() : address?.ToString();

    /// <summary>The name of the caller's application, cut to 64 characters; null if there is none, or it has characters other than printable ASCII.</summary>
    public static string? App(HttpContext context)
    {
        if (!context.Request.Headers.TryGetValue(AppHeader, out var given) || given.Count != 1 || string.IsNullOrWhiteSpace(given[0]))
        {
            return null;
        }

        // Before the text is cut, because a part of a key would not be recognised.
        var app = RefusalText.WithoutKey(given[0]!.Trim())!;
        return app.AsSpan().ContainsAnyExceptInRange(' ', '~') ? null : app.Length > MaxAppLength ? app[..MaxAppLength] : app;
    }
}
