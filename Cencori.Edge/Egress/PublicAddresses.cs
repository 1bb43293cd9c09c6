using System.Net;
using System.Net.Sockets;

namespace Cencori.Edge.Egress;

/// <summary>Which addresses belong to the public internet. What stands in none of the registries' public ranges does not.</summary>
public static class PublicAddresses
{
    // Of IPv4 everything is public but these.
    private static readonly IPNetwork[] NotPublic =
    [
        IPNetwork.Parse("0.0.0.0/8"), // this network
        IPNetwork.Parse("10.0.0.0/8"), // private
        IPNetwork.Parse("100.64.0.0/10"), // shared by carriers
        IPNetwork.Parse("127.0.0.0/8"), // loopback
        IPNetwork.Parse("168.63.129.16/32"), // Azure's own services, on every machine there
        IPNetwork.Parse("169.254.0.0/16"), // link-local, where clouds keep the credentials of a machine
        IPNetwork.Parse("172.16.0.0/12"), // private
        IPNetwork.Parse("192.0.0.0/24"), // protocols
        IPNetwork.Parse("192.0.2.0/24"), // documentation
        IPNetwork.Parse("192.88.99.0/24"), // relays of 6to4
        IPNetwork.Parse("192.168.0.0/16"), // private
        IPNetwork.Parse("198.18.0.0/15"), // benchmarks
        IPNetwork.Parse("198.51.100.0/24"), // documentation
        IPNetwork.Parse("203.0.113.0/24"), // documentation
        IPNetwork.Parse("224.0.0.0/4"), // multicast
        IPNetwork.Parse("240.0.0.0/4"), // reserved, and broadcast
    ];

    // Of IPv6 nothing is public but this, without those.
    private static readonly IPNetwork GlobalUnicast = IPNetwork.Parse("2000::/3");

    private static readonly IPNetwork[] NotPublicOfIPv6 =
    [
        IPNetwork.Parse("2001::/23"), // protocols, Teredo among them
        IPNetwork.Parse("2001:db8::/32"), // documentation
        IPNetwork.Parse("3fff::/20"), // documentation
    ];

    private static readonly IPNetwork Compatible = IPNetwork.Parse("::/96");
    private static readonly IPNetwork Translated = IPNetwork.Parse("::ffff:0:0:0/96");
    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");
    private static readonly IPNetwork SixToFour = IPNetwork.Parse("2002::/16");

    public static bool Has(IPAddress address)
    {
        address = Meant(address);
        return address.AddressFamily == AddressFamily.InterNetwork
            ? !Array.Exists(NotPublic, network => network.Contains(address))
            : GlobalUnicast.Contains(address) && !IsOfTunnel(address) && !Array.Exists(NotPublicOfIPv6, network => network.Contains(address));
    }

    /// <summary>The IPv4 address that an IPv6 address stands for, where it stands for one; else the address itself.</summary>
    public static IPAddress Meant(IPAddress address)
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

    // ISATAP: behind any prefix may stand the address of a machine in a private network.
    private static bool IsOfTunnel(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        return (bytes[8] & ~2) == 0 && bytes[9..12].SequenceEqual((ReadOnlySpan<byte>)[0, 0x5e, 0xfe]);
    }
}
