using System.Net;
using System.Net.Sockets;
using Cencori.Edge.Settings;
using Cencori.Edge.Storage.Startup;

namespace Cencori.Edge.Hosting;

/// <summary>Finds the caller's address behind proxies. Trusts only the entries of <c>X-Forwarded-For</c> that known proxies have written.</summary>
/// <remarks>
/// Does not use the framework's middleware, which lets a caller choose its own address. That middleware reads a caller's quotation mark as the
/// start of one long entry that includes the entries of the proxies. It also accepts an address with any text after <c>%</c>.
/// </remarks>
public static class ForwardedAddresses
{
    /// <summary>Name of the setting with the proxies' addresses and networks (<c>10.0.0.0/8</c>), separated by commas or spaces. Default: none, not even loopback.</summary>
    public const string Setting = "ForwardedHeaders:KnownProxies";

    private const string Header = "X-Forwarded-For";

    /// <exception cref="StartupException">A part is neither an address nor a network.</exception>
    public static IServiceCollection AddForwardedAddresses(this IServiceCollection services, IConfiguration configuration) =>
        services.AddSingleton(new KnownProxies([.. NetworkList.Parse(Setting, configuration[Setting])]));

    /// <summary>Adds no middleware, and so no cost, when no proxy is configured.</summary>
    public static void UseForwardedAddresses(this WebApplication app)
    {
        var known = app.Services.GetRequiredService<KnownProxies>();
        if (known.Networks.Length > 0)
        {
            app.Use((context, next) =>
            {
                Apply(context, known.Networks);
                return next(context);
            });
        }
    }

    // A caller on a Unix socket has no address and so never counts as a known proxy.
    private static void Apply(HttpContext context, IPNetwork[] known)
    {
        if (context.Connection.RemoteIpAddress is not { } peer || !IsKnown(peer, known))
        {
            return;
        }

        // Read from the end, because each proxy appends its entry.
        var lines = context.Request.Headers[Header];
        for (var i = lines.Count - 1; i >= 0; i--)
        {
            var line = lines[i].AsSpan();
            while (!line.IsEmpty)
            {
                var comma = line.LastIndexOf(',');
                var entry = line[(comma + 1)..].Trim(" \t");
                line = comma < 0 ? default : line[..comma];
                if (entry.IsEmpty)
                {
                    continue;
                }

                // When an entry is unreadable, the caller is unknown and the address becomes null. The proxy's own address would be wrong.
                context.Connection.RemoteIpAddress = Read(entry);
                context.Connection.RemotePort = 0;
                if (context.Connection.RemoteIpAddress is not { } address || !IsKnown(address, known))
                {
                    return;
                }
            }
        }
    }

    private static bool IsKnown(IPAddress address, IPNetwork[] known)
    {
        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        foreach (var network in known)
        {
            if (network.Contains(address))
            {
                return true;
            }
        }

        return false;
    }

    // Parses an entry: an address with or without a port, with or without quotation marks. Null: the entry is not an address.
    private static IPAddress? Read(ReadOnlySpan<char> entry)
    {
        entry = entry is ['"', .. var quoted, '"'] ? quoted : entry;
        if (entry is ['[', .. var bracketed] && bracketed.IndexOf(']') is >= 0 and var end)
        {
            return IsPort(bracketed[(end + 1)..]) ? ReadPlain(bracketed[..end], AddressFamily.InterNetworkV6) : null;
        }

        var colon = entry.IndexOf(':');
        return colon < 0 ? ReadPlain(entry, AddressFamily.InterNetwork)
            : entry.LastIndexOf(':') != colon ? ReadPlain(entry, AddressFamily.InterNetworkV6)
            : IsPort(entry[colon..]) ? ReadPlain(entry[..colon], AddressFamily.InterNetwork)
            : null;
    }

    private static bool IsPort(ReadOnlySpan<char> text) => text.IsEmpty || (text is [':', _, ..] && text.Length <= 6 && !text[1..].ContainsAnyExceptInRange('0', '9'));

    // Refuses what the framework alone would accept: an interface name after '%', '10.1', and '010.0.0.1', which it reads as octal.
    private static IPAddress? ReadPlain(ReadOnlySpan<char> text, AddressFamily family) =>
        !text.Contains('%') && IPAddress.TryParse(text, out var address) && address.AddressFamily == family && (family == AddressFamily.InterNetworkV6 || text.SequenceEqual(address.ToString()))
            ? address
            : null;

    private sealed record KnownProxies(IPNetwork[] Networks);
}
