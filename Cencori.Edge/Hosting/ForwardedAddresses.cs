using System.Net;
using System.Net.Sockets;
using Cencori.Edge.Settings;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Hosting;

/// <summary>The caller's own address behind proxies: from <c>X-Forwarded-For</c>, as far as known proxies have written it, and from nobody else.</summary>
/// <remarks>
/// Read here and not by the framework's middleware: that takes a quotation mark of the caller's for the beginning of one long entry, with what the
/// proxy has written behind it, and an address with anything behind a <c>%</c> for that address. So a caller could choose its own.
/// </remarks>
public static class ForwardedAddresses
{
    /// <summary>Addresses and networks (<c>10.0.0.0/8</c>), separated by commas or spaces. Default none, not even this machine.</summary>
    public const string Setting = "ForwardedHeaders:KnownProxies";

    private const string Header = "X-Forwarded-For";

    /// <exception cref="StartupException">A part is neither an address nor a network.</exception>
    public static IServiceCollection AddForwardedAddresses(this IServiceCollection services, IConfiguration configuration) =>
        services.AddSingleton(new KnownProxies([.. NetworkList.Parse(Setting, configuration[Setting])]));

    /// <summary>Costs a request nothing where no proxy is known.</summary>
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

    // Whoever comes by a Unix socket has no address, and so is no proxy that anybody knows.
    private static void Apply(HttpContext context, IPNetwork[] known)
    {
        if (context.Connection.RemoteIpAddress is not { } peer || !IsKnown(peer, known))
        {
            return;
        }

        // What was written last stands last.
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

                // A proxy that does not say where it is from has nobody known behind it, and is not the caller itself.
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

    // An address, with a port or not, in quotation marks or not. Null: it is none.
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

    // The framework takes a name of an interface behind '%', '10.1' for an address, and '010.0.0.1' for another one than it looks.
    private static IPAddress? ReadPlain(ReadOnlySpan<char> text, AddressFamily family) =>
        !text.Contains('%') && IPAddress.TryParse(text, out var address) && address.AddressFamily == family && (family == AddressFamily.InterNetworkV6 || text.SequenceEqual(address.ToString()))
            ? address
            : null;

    private sealed record KnownProxies(IPNetwork[] Networks);
}
