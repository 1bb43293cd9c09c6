using System.Net.Sockets;
using System.Text;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Cencori.Edge.Tests.Hosting;

public class ListenersTests
{
    [Fact]
    public async Task Connections_during_the_closing_of_a_listener_are_served_or_refused_but_never_reset()
    {
        // On other systems than Linux, some connections are reset.
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        await using var edge = await RunningEdge.StartAsync(["Drain:GraceSeconds=1"]);
        var clients = Enumerable.Range(0, 8).Select(_ => Task.Run(() => ConnectUntilRefusedAsync(edge.Address))).ToList();

        await edge.Services.GetRequiredService<IHost>().StopAsync();

        Assert.All(await Task.WhenAll(clients), completed => Assert.True(completed > 0));
    }

    /// <returns>The number of served connections; all established connections were served.</returns>
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
