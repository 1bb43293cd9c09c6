using System.Net;
using System.Net.Sockets;
using Cencori.Edge.Projects;
using CsCheck;

namespace Cencori.Edge.Tests.Projects;

/// <summary>Allowed networks, checked with a reference that compares bits.</summary>
public sealed class AllowedNetworksTests
{
    // IPv4, mapped IPv4 as a dual-stack listener reports it, and IPv6.
    private static readonly Gen<IPAddress> Address = Gen.OneOf(
        Gen.Byte.Array[4].Select(bytes => new IPAddress(bytes)),
        Gen.Byte.Array[4].Select(bytes => new IPAddress(bytes).MapToIPv6()),
        Gen.Byte.Array[16].Select(bytes => new IPAddress(bytes)));

    private static readonly Gen<(IPAddress First, int Length)> Network = Gen.Select(Address, Gen.Int[0, 128]).Select((address, number) =>
    {
        var length = address.AddressFamily == AddressFamily.InterNetwork ? number % 33 : address.IsIPv4MappedToIPv6 ? 96 + (number % 33) : number;
        var bytes = address.GetAddressBytes();
        for (var bit = length; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        }

        return (new IPAddress(bytes), length);
    });

    [Fact]
    public void An_address_is_in_the_list_if_it_begins_with_the_bits_of_a_network() => Gen.Select(Network.Array[1, 5], Address, Gen.Int[0, 127], Gen.Int[0, 4], Gen.Int[0, 3]).Sample((networks, other, bit, which, kind) =>
    {
        var list = new AllowedNetworks(networks.Select(TextOf));

        // Often one bit away from the first address of a network, where mistakes are likely.
        var near = networks[which % networks.Length].First;
        var requested = kind == 0 ? other : kind == 1 ? near : WithBitTurned(near, bit);
        var isIn = networks.Any(network => IsIn(requested, network));
        Assert.Equal(isIn, list.Has(requested));
        Assert.Equal(isIn, list.Has(requested.AddressFamily == AddressFamily.InterNetwork ? requested.MapToIPv6() : requested.IsIPv4MappedToIPv6 ? requested.MapToIPv4() : requested));
    }, iter: 20_000);

    [Fact]
    public void Every_network_has_one_spelling_that_reads_as_the_same_network() => Gen.Select(Network, Address).Sample((network, other) =>
    {
        Assert.True(Cidr.TryNormalize(TextOf(network), out var normal));
        Assert.True(Cidr.TryNormalize(normal, out var again));
        Assert.Equal(normal, again);
        Assert.Equal(IsIn(other, network), new AllowedNetworks([normal]).Has(other));
        Assert.True(new AllowedNetworks([normal]).Has(network.First));
    }, iter: 5_000);

    [Fact]
    public void A_network_is_covered_only_by_a_network_that_contains_it() => Gen.Select(Network, Network, Gen.Int[0, 128]).Sample((one, another, cut) =>
    {
        var max = one.First.IsIPv4MappedToIPv6 ? one.Length - 96 : one.Length;
        var around = new IPNetwork(one.First, one.Length - (cut % (max + 1)));
        Assert.True(AllowedNetworks.IsCovered(TextOf(one), ["192.0.2.0/24", around.ToString()]));

        var isWithin = another.Length - (another.First.IsIPv4MappedToIPv6 ? 96 : 0) <= max && IsIn(one.First, another);
        Assert.Equal(isWithin, AllowedNetworks.IsCovered(TextOf(one), [TextOf(another)]));
    }, iter: 5_000);

    [Theory]
    [InlineData("10.0.0.0/8", "10.0.0.0/8")]
    [InlineData("203.0.113.7", "203.0.113.7/32")]
    [InlineData("0.0.0.0/0", "0.0.0.0/0")]
    [InlineData("::/0", "::/0")]
    [InlineData("::1", "::1/128")]
    [InlineData("2001:DB8:0:0::/32", "2001:db8::/32")]
    [InlineData("::ffff:10.0.0.0/104", "10.0.0.0/8")]
    [InlineData("::FFFF:a00:1", "10.0.0.1/32")]
    [InlineData("::ffff:0:0/96", "0.0.0.0/0")]
    public void A_network_is_stored_in_one_spelling(string text, string stored)
    {
        Assert.True(Cidr.TryNormalize(text, out var normal));
        Assert.Equal(stored, normal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" 10.0.0.0/8")]
    [InlineData("10.0.0.0/8 ")]
    [InlineData("10.0.0.0/8\n")]
    [InlineData("10.0.0.0 /8")]
    [InlineData("10.0.0.0/")]
    [InlineData("/8")]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.0.0.0/-1")]
    [InlineData("10.0.0.0/+8")]
    [InlineData("10.0.0.0/08")]
    [InlineData("10.0.0.0/010")]
    [InlineData("10.0.0.0/8/8")]
    [InlineData("10.0.0.0/8\0")]
    [InlineData("10.0.0.1\0")]
    [InlineData("::1\0")]
    [InlineData("10.0.0.0/255.0.0.0")]
    [InlineData("10.0.0.0/99999999999")]
    [InlineData("10/8")]
    [InlineData("10.1")]
    [InlineData("167772161")]
    [InlineData("010.0.0.1")]
    [InlineData("0x0a.0.0.1")]
    [InlineData("10.0.0.1:80")]
    [InlineData("[::1]")]
    [InlineData("[::1]:80")]
    [InlineData("::1%eth0")]
    [InlineData("fe80::1%1/64")]
    [InlineData("::/129")]
    [InlineData("::ffff:010.0.0.1")]
    [InlineData("::ffff:10.0.0.0/95")]
    [InlineData("10.0.0.5/8")]
    [InlineData("2001:db8::1/32")]
    [InlineData("::ffff:10.0.0.5/104")]
    [InlineData("*")]
    [InlineData("localhost")]
    public void Other_texts_are_not_networks(string? text)
    {
        Assert.False(Cidr.TryNormalize(text, out _));

        // A stored invalid text allows nobody.
        var list = new AllowedNetworks([text!]);
        Assert.All((string[])["10.0.0.1", "10.0.0.5", "::1", "2001:db8::1", "0.0.0.0"], address => Assert.False(list.Has(IPAddress.Parse(address))));
    }

    [Fact]
    public void An_ambiguous_text_yields_both_meanings()
    {
        Assert.True(Cidr.TryParse("10.0.0.5/8", out var network, out var address));
        Assert.Equal(("10.0.0.0/8", "10.0.0.5"), (network.ToString(), address.ToString()));
    }

    [Fact]
    public void All_of_IPv6_contains_no_IPv4_and_a_missing_address_is_in_no_network()
    {
        var (all6, all4) = (new AllowedNetworks(["::/0"]), new AllowedNetworks(["0.0.0.0/0"]));
        Assert.Equal((false, false, true), (all6.Has(IPAddress.Parse("10.0.0.1")), all6.Has(IPAddress.Parse("::ffff:10.0.0.1")), all6.Has(IPAddress.Parse("::10.0.0.1"))));
        Assert.Equal((true, true, false), (all4.Has(IPAddress.Parse("10.0.0.1")), all4.Has(IPAddress.Parse("::ffff:10.0.0.1")), all4.Has(IPAddress.Parse("::10.0.0.1"))));
        Assert.False(new AllowedNetworks(["::/0", "0.0.0.0/0"]).Has(null));
        Assert.False(new AllowedNetworks([]).Has(IPAddress.Loopback));
        Assert.True(new AllowedNetworks(["fe80::/10"]).Has(IPAddress.Parse("fe80::1%3")));
    }

    [Fact]
    public void A_lookup_allocates_no_memory()
    {
        var list = new AllowedNetworks(Enumerable.Range(0, AllowedNetworks.MaxCount).Select(number => number % 2 == 0 ? $"10.0.{number}.0/24" : $"2001:db8:{number:x}::/48"));
        IPAddress[] addresses = [IPAddress.Parse("10.0.98.1"), IPAddress.Parse("::ffff:10.0.98.1"), IPAddress.Parse("2001:db8:63::1"), IPAddress.Parse("192.0.2.1")];
        Look();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var found = Look();
        Assert.Equal((0, 3_000), (GC.GetAllocatedBytesForCurrentThread() - before, found));

        int Look()
        {
            var found = 0;
            for (var turn = 0; turn < 1_000; turn++)
            {
                foreach (var address in addresses)
                {
                    found += list.Has(address) ? 1 : 0;
                }
            }

            return found;
        }
    }

    private static string TextOf((IPAddress First, int Length) network) => $"{network.First}/{network.Length}";

    private static bool IsIn(IPAddress address, (IPAddress First, int Length) network)
    {
        var (bits, prefix) = (BitsOf(address), BitsOf(network.First));
        var length = network.First.IsIPv4MappedToIPv6 ? network.Length - 96 : network.Length;
        return bits.Length == prefix.Length && bits.StartsWith(prefix[..length], StringComparison.Ordinal);
    }

    private static string BitsOf(IPAddress address)
    {
        const string Mapped = "00000000000000000000000000000000000000000000000000000000000000000000000000000000" + "1111111111111111";
        var bits = string.Concat(address.GetAddressBytes().Select(part => Convert.ToString(part, 2).PadLeft(8, '0')));
        return bits.Length == 128 && bits.StartsWith(Mapped, StringComparison.Ordinal) ? bits[96..] : bits;
    }

    private static IPAddress WithBitTurned(IPAddress address, int bit)
    {
        var bytes = address.GetAddressBytes();
        bit %= bytes.Length * 8;
        bytes[bit / 8] ^= (byte)(0x80 >> (bit % 8));
        return new IPAddress(bytes);
    }
}
