using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Numerics;

namespace Cencori.Edge.Projects;

/// <summary>A list of networks from which requests are allowed. The list is parsed once; a lookup allocates no memory.</summary>
public sealed class AllowedNetworks
{
    /// <summary>Maximum number of networks in a list.</summary>
    public const int MaxCount = 100;

    private const int IPv4Length = 4;
    private const int IPv6Length = 16;

    // Mapped IPv4 addresses (::ffff:…) are compared as IPv4: a dual-stack socket reports IPv4 callers in that form.
    private readonly Range<uint>[] _v4;
    private readonly Range<UInt128>[] _v6;

    /// <param name="cidrs">The networks. An entry that cannot be parsed allows no address; a newer edge version may have stored it.</param>
    public AllowedNetworks(IEnumerable<string> cidrs)
    {
        var networks = cidrs.Select(cidr => Cidr.TryParse(cidr, out var network, out var address) && network.BaseAddress.Equals(address) ? network : (IPNetwork?)null).OfType<IPNetwork>()
            .ToLookup(network => network.BaseAddress.AddressFamily);
        _v4 = [.. networks[AddressFamily.InterNetwork].Select(network => Range<uint>.Of(ReadIPv4(network.BaseAddress.GetAddressBytes()), 32 - network.PrefixLength))];
        _v6 = [.. networks[AddressFamily.InterNetworkV6].Select(network => Range<UInt128>.Of(ReadIPv6(network.BaseAddress.GetAddressBytes()), 128 - network.PrefixLength))];
    }

    /// <param name="address">The caller's address. Null: the caller has no address, so the result is false.</param>
    public bool Has(IPAddress? address)
    {
        Span<byte> bytes = stackalloc byte[IPv6Length];
        return address is not null && address.TryWriteBytes(bytes, out var length)
            && (length == IPv4Length ? IsIn(_v4, ReadIPv4(bytes))
                : address.IsIPv4MappedToIPv6 ? IsIn(_v4, ReadIPv4(bytes[^IPv4Length..]))
                : IsIn(_v6, ReadIPv6(bytes)));
    }

    /// <summary>True if one network of <paramref name="others"/> contains the whole network <paramref name="cidr"/>.
    /// False if only several of them together contain it.</summary>
    public static bool IsCovered(string cidr, IEnumerable<string> others) =>
        Cidr.TryParse(cidr, out var network, out _) && others.Any(other =>
            Cidr.TryParse(other, out var wider, out _) && wider.PrefixLength <= network.PrefixLength && wider.Contains(network.BaseAddress));

    private static uint ReadIPv4(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt32BigEndian(bytes);

    private static UInt128 ReadIPv6(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt128BigEndian(bytes);

    private static bool IsIn<T>(Range<T>[] ranges, T value)
        where T : struct, IBinaryInteger<T>
    {
        foreach (var range in ranges)
        {
            if (value >= range.First && value <= range.Last)
            {
                return true;
            }
        }

        return false;
    }

    private readonly record struct Range<T>(T First, T Last)
        where T : struct, IBinaryInteger<T>
    {
        // A shift by the full width of a number shifts by 0, so that case is separate.
        public static Range<T> Of(T first, int free) => new(first, free == T.Zero.GetByteCount() * 8 ? T.AllBitsSet : first | ((T.One << free) - T.One));
    }
}
