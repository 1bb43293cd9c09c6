using System.Net.Sockets;
using System.Text;
using Cencori.Edge.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Cencori.Edge.Tests.Hosting;

public class ListenersTests
{
    [Fact]
    public async Task Of_many_that_connect_while_the_listener_closes_each_is_answered_or_refused()
    {
        // Elsewhere than on Linux a few are reset, as ever.
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        await using var edge = await RunningEdge.StartAsync(["Drain:GraceSeconds=1"]);
        var clients = Enumerable.Range(0, 8).Select(_ => Task.Run(() => ConnectUntilRefusedAsync(edge.Address))).ToList();

        await edge.Services.GetRequiredService<IHost>().StopAsync();

        Assert.All(await Task.WhenAll(clients), completed => Assert.True(completed > 0));
    }

    /// <returns>How many connections were answered, which were all that were established.</returns>
    private static async Task<int> ConnectUntilRefusedAsync(Uri edge)
    {
        using var limit = new CancellationTokenSource(Eventually.Timeout, TimeProvider.System);
        var buffer = new byte[1024];
        for (var completed = 0; ; completed++)
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(edge.Host, edge.Port, limit.Token);
            }
            catch (SocketException refused)
            {
                Assert.Equal(SocketError.ConnectionRefused, refused.SocketErrorCode);
                return completed;
            }

            await socket.SendAsync("GET /health/live HTTP/1.1\r\nHost: edge\r\n\r\n"u8.ToArray(), limit.Token);
            Assert.StartsWith("HTTP/1.1 200", Encoding.ASCII.GetString(buffer, 0, await socket.ReceiveAsync(buffer, limit.Token)), StringComparison.Ordinal);
        }
    }
}
