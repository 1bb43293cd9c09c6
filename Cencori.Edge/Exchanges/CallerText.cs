using System.Net;

namespace Cencori.Edge.Exchanges;

/// <summary>What a caller tells of itself.</summary>
internal static class CallerText
{
    private const string AppHeader = "X-Cencori-App";
    private const int MaxAppLength = 64;

    /// <summary>Its address; behind a known proxy what that says.</summary>
    public static string? Address(HttpContext context) => Of(context.Connection.RemoteIpAddress);

    /// <summary>An address as it is told.</summary>
    public static string? Of(IPAddress? address) => address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4().ToString() : address?.ToString();

    /// <summary>The name of its application, at most 64 characters; null where it gives none, or none that can be read.</summary>
    public static string? App(HttpContext context)
    {
        if (!context.Request.Headers.TryGetValue(AppHeader, out var given) || given.Count != 1 || string.IsNullOrWhiteSpace(given[0]))
        {
            return null;
        }

        var app = given[0]!.Trim();
        return app.AsSpan().ContainsAnyExceptInRange(' ', '~') ? null : app.Length > MaxAppLength ? app[..MaxAppLength] : app;
    }
}
