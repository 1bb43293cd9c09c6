using System.Globalization;
using System.Net;
using Cencori.Edge.Storage.Startup;

namespace Cencori.Edge.Hosting;

/// <summary>
/// Validates listen addresses before the first start stores anything. The server would reject a wrong address only after the first start has created its secrets,
/// or would use another address than meant.
/// </summary>
internal static class ListenAddress
{
    /// <exception cref="StartupException">An address is invalid.</exception>
    public static void RefuseWrong(string setting, IEnumerable<string> addresses)
    {
        foreach (var address in addresses)
        {
            if (Fault(address) is { } fault)
            {
                throw new StartupException($"{setting}: '{address}' {fault}");
            }
        }
    }

    /// <summary>True: the text is a port number. 0, which means any free port, is allowed.</summary>
    public static bool IsPort(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= IPEndPoint.MaxPort;

    /// <returns>What must change, as the end of a sentence about the address. Null: the address is valid.</returns>
    private static string? Fault(string address)
    {
        BindingAddress parsed;
        try
        {
            parsed = BindingAddress.Parse(address);
        }
        catch (FormatException)
        {
            return $"must be an address such as {EdgeHost.DefaultUrl}.";
        }

        // When BindingAddress cannot parse the port, it treats host and port together as the host and uses port 80.
        var afterHost = parsed.Host.LastIndexOf(':') is >= 0 and var colon && colon > parsed.Host.LastIndexOf(']') ? parsed.Host[(colon + 1)..] : null;
        return parsed switch
        {
            _ when parsed.Scheme.ToLowerInvariant() is not ("http" or "https") => $"must be an address such as {EdgeHost.DefaultUrl}.",
            { IsUnixPipe: true } or { IsNamedPipe: true } => null,
            { Port: < 0 or > IPEndPoint.MaxPort } => "must have a port number from 0 to 65535.",
            _ when afterHost is not null => "must have a port number from 0 to 65535.",
            { PathBase.Length: > 0 } => "must not have a path.",
            { Port: 0, Host: "localhost" } => "means two addresses (IPv4 and IPv6), which cannot share a free port. Use http://127.0.0.1:0.",
            _ => null,
        };
    }
}
