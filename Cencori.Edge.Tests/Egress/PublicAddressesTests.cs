using System.Net;
using Cencori.Edge.Egress;
using CsCheck;

namespace Cencori.Edge.Tests.Egress;

/// <summary>Which addresses are public, and which only look public.</summary>
public class PublicAddressesTests
{
    private static readonly IPNetwork[] Private =
    [
        .. new[] { "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4" }.Select(IPNetwork.Parse),
    ];

    // The forms in which IPv6 embeds an IPv4 address.
    private static readonly Func<string, string>[] Forms =
    [
        hex => $"::ffff:{hex}", hex => $"::{hex}", hex => $"::ffff:0:{hex}", hex => $"64:ff9b::{hex}", hex => $"2002:{hex}::1", hex => $"2002:{hex}:ffff:1:2:3:4",
    ];

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("0.1.2.3")]
    [InlineData("10.255.255.255")]
    [InlineData("100.64.0.1")]
    [InlineData("100.100.100.200")]
    [InlineData("127.0.0.1")]
    [InlineData("168.63.129.16")]
    [InlineData("169.254.169.254")]
    [InlineData("172.31.0.1")]
    [InlineData("192.0.0.192")]
    [InlineData("192.168.1.1")]
    [InlineData("239.255.255.250")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("fe80::1")]
    [InlineData("fe80::1%1")]
    [InlineData("fec0::1")]
    [InlineData("fd00:ec2::254")]
    [InlineData("fc00::1")]
    [InlineData("ff02::1")]
    [InlineData("100::1")]
    [InlineData("64:ff9b:1::8.8.8.8")]
    [InlineData("2001::1")] // Teredo
    [InlineData("2001:db8::1")]
    [InlineData("3fff::1")]
    [InlineData("5f00::1")]
    [InlineData("2a00:1450::5efe:10.0.0.1")] // ISATAP
    [InlineData("2a00:1450::200:5efe:8.8.8.8")]
    public void The_address_is_not_public(string address) => Assert.False(PublicAddresses.Has(IPAddress.Parse(address)));

    [Theory]
    [InlineData("1.1.1.1")]
    [InlineData("9.255.255.255")]
    [InlineData("11.0.0.0")]
    [InlineData("100.63.255.255")]
    [InlineData("100.128.0.0")]
    [InlineData("126.255.255.255")]
    [InlineData("128.0.0.0")]
    [InlineData("168.63.129.17")]
    [InlineData("172.15.255.255")]
    [InlineData("172.32.0.0")]
    [InlineData("192.169.0.0")]
    [InlineData("223.255.255.255")]
    [InlineData("::ffff:8.8.8.8")]
    [InlineData("64:ff9b::8.8.8.8")]
    [InlineData("2002:0808:0808::1")]
    [InlineData("2600::1")]
    [InlineData("2a00:1450:4001:80b::200e")]
    public void The_address_is_public(string address) => Assert.True(PublicAddresses.Has(IPAddress.Parse(address)));

    [Fact]
    public void A_private_address_is_not_public_in_any_form() =>
        Gen.Select(Gen.Int[0, Private.Length - 1], Gen.UInt, Gen.Int[0, Forms.Length - 1]).Sample((index, random, form) =>
        {
            var address = Within(Private[index], random);
            Assert.False(PublicAddresses.Has(address), $"{address}");
            Assert.False(PublicAddresses.Has(address.MapToIPv6()), $"{address}");
            var written = IPAddress.Parse(Forms[form](Hex(address)));
            Assert.False(PublicAddresses.Has(written), $"{written}");
            Assert.Equal(address, PublicAddresses.EmbeddedOrSelf(written));
        });

    [Fact]
    public void An_embedded_form_is_public_if_its_IPv4_address_is() =>
        Gen.Select(Gen.UInt, Gen.Int[0, Forms.Length - 1]).Sample((random, form) =>
        {
            var address = new IPAddress(Bytes(random));
            Assert.Equal(PublicAddresses.Has(address), PublicAddresses.Has(IPAddress.Parse(Forms[form](Hex(address)))));
        });

    private static IPAddress Within(IPNetwork network, uint random)
    {
        var mask = network.PrefixLength == 0 ? 0 : uint.MaxValue << (32 - network.PrefixLength);
        var start = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(network.BaseAddress.GetAddressBytes());
        return new IPAddress(Bytes(start | (random & ~mask)));
    }

    private static byte[] Bytes(uint address) => [(byte)(address >> 24), (byte)(address >> 16), (byte)(address >> 8), (byte)address];

    private static string Hex(IPAddress address)
    {
        var hex = Convert.ToHexStringLower(address.GetAddressBytes());
        return $"{hex[..4]}:{hex[4..]}";
    }
}
