using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Numerics;

namespace Cencori.Edge.Projects;

/// <summary>From which networks requests may come. It is read once; a look at it costs no memory.</summary>
public sealed class AllowedNetworks
{
    /// <summary>Networks that a list has at most.</summary>
    public const int MaxCount = 100;

    private const int IPv4Length = 4;
    private const int IPv6Length = 16;

    // One of the two has IPv4 in IPv6's clothes as well: who listens on both at once is told of every caller in those.
    private readonly Range<uint>[] _v4;
    private readonly Range<UInt128>[] _v6;

    /// <param name="cidrs">What cannot be read allows nobody: a later version may have stored it.</param>
    public AllowedNetworks(IEnumerable<string> cidrs)
    {
        var networks = cidrs.Select(cidr => Cidr.TryParse(cidr, out var network, out var address) && network.BaseAddress.Equals(address) ? network : (IPNetwork?)null).OfType<IPNetwork>()
            .ToLookup(network => network.BaseAddress.AddressFamily);
        _v4 = [.. networks[AddressFamily.InterNetwork].Select(network => Range<uint>.Of(ReadIPv4(network.BaseAddress.GetAddressBytes()), 32 - network.PrefixLength))];
        _v6 = [.. networks[AddressFamily.InterNetworkV6].Select(network => Range<UInt128>.Of(ReadIPv6(network.BaseAddress.GetAddressBytes()), 128 - network.PrefixLength))];
    }

    /// <param name="address">Null: whoever asks has none, and is in no network.</param>
    public bool Has(IPAddress? address)
    {
        Span<byte> bytes = stackalloc byte[IPv6Length];
        return address is not null && address.TryWriteBytes(bytes, out var length)
            && (length == IPv4Length ? IsIn(_v4, ReadIPv4(bytes))
                : address.IsIPv4MappedToIPv6 ? IsIn(_v4, ReadIPv4(bytes[^IPv4Length..]))
                : IsIn(_v6, ReadIPv6(bytes)));
    }

    /// <summary>True where whoever is in the one network is in one of the others. It may be false where only their sum says so.</summary>
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
        // A shift by all bits of a number is one by none.
        public static Range<T> Of(T first, int free) => new(first, free == T.Zero.GetByteCount() * 8 ? T.AllBitsSet : first | ((T.One << free) - T.One));
    }
}
