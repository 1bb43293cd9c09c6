using System.Net.Sockets;
using System.Text;

namespace Cencori.Edge.Tests.Infrastructure.Providers;

public sealed class ScriptedProviderFaultTests : ScriptedProviderTestBase
{
    [Theory]
    [InlineData("throws")]
    [InlineData("sends nothing")]
    [InlineData("stops early")]
    [InlineData("leaves chunks open")]
    [InlineData("is missing")]
    public async Task A_faulty_script_resets_the_client_and_fails_the_disposal(string fault)
    {
        if (fault != "is missing")
        {
            Provider.Enqueue(async (_, response) =>
            {
                switch (fault)
                {
                    case "throws":
                        throw new InvalidOperationException(fault);
                    case "stops early":
                        await response.SendHeadAsync(200, ("Content-Length", "1"));
                        break;
                    case "leaves chunks open":
                        await response.SendHeadAsync(200, ("Transfer-Encoding", "chunked"));
                        await response.SendChunkAsync("1");
                        break;
                }
            });
        }

        await Assert.ThrowsAsync<HttpRequestException>(() => Client.GetStringAsync(""));
        var failure = await Assert.ThrowsAsync<AggregateException>(() => Provider.DisposeAsync().AsTask());

        Assert.IsType<InvalidOperationException>(Assert.Single(failure.InnerExceptions));
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost : a\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\nInjected: b\r\n\r\n")]
    [InlineData("GET / HTTP/1.0\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nContent-Length: 67108865\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n")]
    public async Task Malformed_HTTP_fails_the_disposal_and_is_not_recorded(string wire)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(Provider.Address.Host, Provider.Address.Port);
        await client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(wire));
        await Assert.ThrowsAnyAsync<IOException>(() => client.GetStream().ReadExactlyAsync(new byte[1]).AsTask());

        var failure = await Assert.ThrowsAsync<AggregateException>(() => Provider.DisposeAsync().AsTask());

        Assert.IsType<InvalidDataException>(Assert.Single(failure.InnerExceptions));
        Assert.Empty(Provider.Requests);
    }
}
