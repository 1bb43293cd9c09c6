using System.Net;
using System.Net.Sockets;
using Cencori.Edge.Storage;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;
using IPNetwork = System.Net.IPNetwork;

namespace Cencori.Edge.Hosting;

/// <summary>The caller's own address behind proxies: from <c>X-Forwarded-For</c>, as far as known proxies have written it, and from nobody else.</summary>
public static class ForwardedAddresses
{
    /// <summary>Addresses and networks (<c>10.0.0.0/8</c>), separated by commas or spaces. Default none, not even this machine.</summary>
    public const string Setting = "ForwardedHeaders:KnownProxies";

    private static readonly char[] Separators = [',', ' ', ';', '\t', '\n', '\r'];

    /// <exception cref="StartupException">A part is neither an address nor a network.</exception>
    public static IServiceCollection AddForwardedAddresses(this IServiceCollection services, IConfiguration configuration)
    {
        var known = (configuration[Setting] ?? "").Split(Separators, StringSplitOptions.RemoveEmptyEntries).Select(Parse).ToList();
        return services.Configure<ForwardedHeadersOptions>(options =>
        {
            // The framework trusts everybody where it is given nobody to trust.
            options.ForwardedHeaders = known.Count == 0 ? ForwardedHeaders.None : ForwardedHeaders.XForwardedFor;
            options.ForwardLimit = null;
            options.KnownProxies.Clear();
            options.KnownIPNetworks.Clear();
            foreach (var network in known)
            {
                options.KnownIPNetworks.Add(network);
            }
        });
    }

    /// <summary>Costs a request nothing where no proxy is known.</summary>
    public static void UseForwardedAddresses(this WebApplication app)
    {
        if (app.Services.GetRequiredService<IOptions<ForwardedHeadersOptions>>().Value.ForwardedHeaders != ForwardedHeaders.None)
        {
            app.UseForwardedHeaders();
        }
    }

    private static IPNetwork Parse(string text)
    {
        if (text.Contains('/') && IPNetwork.TryParse(text, out var network))
        {
            return network;
        }

        // "10.1" is an address to the framework, and to nobody who writes settings.
        if (IPAddress.TryParse(text, out var address) && (address.AddressFamily == AddressFamily.InterNetworkV6 || address.ToString() == text))
        {
            address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
            return new IPNetwork(address, address.AddressFamily == AddressFamily.InterNetworkV6 ? 128 : 32);
        }

        throw new StartupException($"{Setting}: '{text}' is neither an address nor a network such as 10.0.0.0/8.");
    }
}
