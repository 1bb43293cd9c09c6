using Cencori.Edge.Hosting;
using Cencori.Edge.Storage.Startup;
using CsCheck;

namespace Cencori.Edge.Tests.Hosting;

public class ListenAddressTests
{
    [Theory]
    [InlineData("http://localhost:8080")]
    [InlineData("HTTPS://*:8443/")]
    [InlineData("http://+")]
    [InlineData("http://[::1]:65535")]
    [InlineData("http://[::]")]
    [InlineData("http://127.0.0.1:0")]
    [InlineData("http://unix:/tmp/edge.socket")]
    public void A_valid_address_is_accepted(string address) => ListenAddress.RefuseWrong("Urls", [address]);

    [Theory]
    [InlineData("nonsense")]
    [InlineData("ftp://localhost:8080")]
    [InlineData("http://localhost:99999")]
    [InlineData("http://localhost:-1")]
    [InlineData("http://localhost:8o80")]
    [InlineData("http://[::1]:x")]
    [InlineData("http://localhost:8080/edge")]
    [InlineData("http://localhost:0")]
    public void An_address_that_the_server_would_refuse_later_is_refused(string address)
    {
        var fault = Assert.Throws<StartupException>(() => ListenAddress.RefuseWrong("Urls", ["http://localhost:8080", address]));
        Assert.StartsWith($"Urls: '{address}' ", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_port_is_valid_when_a_socket_can_have_it() =>
        Gen.Int[-70_000, 70_000].Sample(port => Assert.Equal(port is >= 0 and <= 65_535, ListenAddress.IsPort($"{port}")));
}
