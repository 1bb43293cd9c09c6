using System.Net;
using System.Net.Sockets;

namespace Cencori.Edge.Egress;

/// <summary>Decides whether an IP address belongs to the public internet: it must be in a public range of the address registries.</summary>
public static class PublicAddresses
{
    // All IPv4 addresses are public except these networks.
    private static readonly IPNetwork[] NotPublic =
    [
        IPNetwork.Parse("0.0.0.0/8"), // this network
        IPNetwork.Parse("10.0.0.0/8"), // private
        IPNetwork.Parse("100.64.0.0/10"), // carrier-grade NAT
        IPNetwork.Parse("127.0.0.0/8"), // loopback
        IPNetwork.Parse("168.63.129.16/32"), // Azure's platform services, reachable from every virtual machine
        IPNetwork.Parse("169.254.0.0/16"), // link-local, with the cloud metadata services that give out credentials
        IPNetwork.Parse("172.16.0.0/12"), // private
        IPNetwork.Parse("192.0.0.0/24"), // protocol assignments
        IPNetwork.Parse("192.0.2.0/24"), // documentation
        IPNetwork.Parse("192.88.99.0/24"), // 6to4 relays
        IPNetwork.Parse("192.168.0.0/16"), // private
        IPNetwork.Parse("198.18.0.0/15"), // benchmarks
        IPNetwork.Parse("198.51.100.0/24"), // documentation
        IPNetwork.Parse("203.0.113.0/24"), // documentation
        IPNetwork.Parse("224.0.0.0/4"), // multicast
        IPNetwork.Parse("240.0.0.0/4"), // reserved, and broadcast
    ];

    // Only the IPv6 addresses in this range are public, except those in the networks below.
    private static readonly IPNetwork GlobalUnicast = IPNetwork.Parse("2000::/3");

    private static readonly IPNetwork[] NotPublicOfIPv6 =
    [
        IPNetwork.Parse("2001::/23"), // protocol assignments, including Teredo
        IPNetwork.Parse("2001:db8::/32"), // documentation
        IPNetwork.Parse("3fff::/20"), // documentation
    ];

    private static readonly IPNetwork Compatible = IPNetwork.Parse("::/96");
    private static readonly IPNetwork Translated = IPNetwork.Parse("::ffff:0:0:0/96");
    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");
    private static readonly IPNetwork SixToFour = IPNetwork.Parse("2002::/16");

    public static bool Has(IPAddress address)
    {
        address = EmbeddedOrSelf(address);
        return address.AddressFamily == AddressFamily.InterNetwork
            ? !Array.Exists(NotPublic, network => network.Contains(address))
            : GlobalUnicast.Contains(address) && !IsOfTunnel(address) && !Array.Exists(NotPublicOfIPv6, network => network.Contains(address));
    }

    /// <summary>The IPv4 address that is embedded in this IPv6 address; without one, the address itself.</summary>
    public static IPAddress EmbeddedOrSelf(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address;
        }

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        return address.IsIPv4MappedToIPv6 || Compatible.Contains(address) || Translated.Contains(address) || Nat64.Contains(address) ? new IPAddress(bytes[12..])
            : SixToFour.Contains(address) ? new IPAddress(bytes[2..6])
            : address;
    }

    // True for an ISATAP address. Its prefix may be any, and the rest may embed the IPv4 address of a machine in a private network.
    private static bool IsOfTunnel(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        return (bytes[8] & ~2) == 0 && bytes[9..12].SequenceEqual((ReadOnlySpan<byte>)[0, 0x5e, 0xfe]);
    }
}
