using System.Net;
using System.Net.NetworkInformation;
using Cencori.Edge.Egress;
using Cencori.Edge.Settings;
using Cencori.Edge.Storage.Startup;

namespace Cencori.Edge.Tests.Egress;

public class EgressGuardTests
{
    [Theory]
    [InlineData("", "10.1.2.3", true)]
    [InlineData("", "1.1.1.1", false)]
    [InlineData("10.0.0.0/8", "10.1.2.3", false)]
    [InlineData("10.0.0.0/8", "::ffff:10.1.2.3", false)]
    [InlineData("10.0.0.0/8", "2002:0a01:0203::1", false)]
    [InlineData("10.0.0.0/8", "192.168.0.1", true)]
    [InlineData("10.0.0.0/8, 192.168.0.1", "192.168.0.1", false)]
    [InlineData("10.0.0.0/8 192.168.0.1", "192.168.0.2", true)]
    [InlineData("::1", "::1", false)]
    [InlineData("::1", "127.0.0.1", true)]
    [InlineData("fd00::/8", "fd12::1", false)]
    [InlineData("fe80::/10", "fe80::1%3", false)]
    [InlineData("0.0.0.0/0", "169.254.169.254", false)]
    [InlineData("0.0.0.0/0", "fe80::1", true)]
    public void An_address_that_is_not_public_is_refused_unless_the_setting_allows_it(string setting, string address, bool refused) =>
        Assert.Equal(refused, Guard(setting).Refuses(IPAddress.Parse(address)));

    [Theory]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.1")]
    [InlineData("localhost")]
    public void An_invalid_network_is_a_fault_that_names_the_setting(string value) =>
        Assert.StartsWith(EgressGuard.Setting, Assert.Throws<StartupException>(() => Guard(value)).Message, StringComparison.Ordinal);

    [Fact]
    public void Every_address_of_this_machine_counts_as_its_own_and_others_do_not()
    {
        var here = NetworkInterface.GetAllNetworkInterfaces().Where(one => one.OperationalStatus == OperationalStatus.Up)
            .SelectMany(one => one.GetIPProperties().UnicastAddresses).Select(one => one.Address).Where(address => !address.IsIPv6LinkLocal).ToList();

        Assert.NotEmpty(here);
        Assert.All(here, address => Assert.True(OwnAddresses.Has(address), $"{address}"));
        Assert.False(OwnAddresses.Has(IPAddress.Parse("192.0.2.1")));
        Assert.False(OwnAddresses.Has(IPAddress.Parse("2001:db8::1")));
    }

    [Theory]
    [InlineData("10.1.2.3")]
    [InlineData("localhost")]
    [InlineData("0.0.0.0")]
    [InlineData("no-such-host.invalid")]
    public async Task A_host_is_checked_before_a_proxy_connects_to_it(string host)
    {
        await Assert.ThrowsAsync<HttpRequestException>(async () => await Guard("").CheckAsync(host, CancellationToken.None));
        await Guard("0.0.0.0/0, ::/0").CheckAsync(host, CancellationToken.None);
    }

    private static EgressGuard Guard(string setting) => new(NetworkList.Parse(EgressGuard.Setting, setting));
}
