using System.Globalization;
using System.Net;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Hosting;

/// <summary>
/// Addresses to listen on, looked at before anything is stored: the server would refuse them after the first start has made its secrets, or take what
/// it cannot read for something else.
/// </summary>
internal static class ListenAddress
{
    /// <exception cref="StartupException">One is none.</exception>
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

    /// <summary>0 is whichever is free.</summary>
    public static bool IsPort(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= IPEndPoint.MaxPort;

    /// <returns>Null: it is one.</returns>
    private static string? Fault(string address)
    {
        BindingAddress parsed;
        try
        {
            parsed = BindingAddress.Parse(address);
        }
        catch (FormatException)
        {
            return $"is not an address such as {EdgeHost.DefaultUrl}.";
        }

        // Where it can read no port after a host, it takes both together for the host, and listens on port 80.
        var afterHost = parsed.Host.LastIndexOf(':') is >= 0 and var colon && colon > parsed.Host.LastIndexOf(']') ? parsed.Host[(colon + 1)..] : null;
        return parsed switch
        {
            _ when parsed.Scheme.ToLowerInvariant() is not ("http" or "https") => $"is not an address such as {EdgeHost.DefaultUrl}.",
            { IsUnixPipe: true } or { IsNamedPipe: true } => null,
            { Port: < 0 or > IPEndPoint.MaxPort } => "is not an address: its port must be a number from 0 to 65535.",
            _ when afterHost is not null => "is not an address: its port must be a number from 0 to 65535.",
            { PathBase.Length: > 0 } => "must be without a path.",
            { Port: 0, Host: "localhost" } => "is two addresses, and a free port is looked for at one: http://127.0.0.1:0.",
            _ => null,
        };
    }
}
