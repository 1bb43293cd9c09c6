using System.Net;
using System.Net.Sockets;
using Cencori.Edge.Tests.Infrastructure.Redis;

namespace Cencori.Edge.Tests.Infrastructure.Network;

public sealed class FaultyLinkTests
{
    [RedisFact]
    public async Task The_delays_of_both_directions_add_up()
    {
        await using var server = await RedisServer.StartAsync();
        await using var link = new FaultyLink(server.Port) { DelayToServer = TimeSpan.FromMilliseconds(60), DelayToClient = TimeSpan.FromMilliseconds(40) };
        using var client = await ConnectAsync(link);

        // Timers may be a little early.
        var start = TimeProvider.System.GetTimestamp();
        await PingAsync(client);

        Assert.InRange(TimeProvider.System.GetElapsedTime(start), TimeSpan.FromMilliseconds(80), Eventually.Timeout);
    }

    [RedisFact]
    public async Task Bytes_sent_during_a_stall_arrive_after_a_restore()
    {
        await using var server = await RedisServer.StartAsync();
        await using var link = new FaultyLink(server.Port);
        using var client = await ConnectAsync(link);
        await PingAsync(client);

        link.Stall();
        var ping = PingAsync(client);
        await Assert.ThrowsAsync<TimeoutException>(() => ping.WaitAsync(TimeSpan.FromMilliseconds(200), TimeProvider.System));
        link.Restore();

        await ping;
    }

    [RedisFact]
    public async Task A_cut_resets_only_existing_connections()
    {
        await using var server = await RedisServer.StartAsync();
        await using var link = new FaultyLink(server.Port);
        using var before = await ConnectAsync(link);
        await PingAsync(before);

        await link.CutAsync();

        await Assert.ThrowsAsync<SocketException>(() => PingAsync(before));
        using var after = await ConnectAsync(link);
        await PingAsync(after);
    }

    [RedisFact]
    public async Task Connections_are_refused_until_a_restore()
    {
        await using var server = await RedisServer.StartAsync();
        await using var link = new FaultyLink(server.Port);

        await link.RefuseAsync();
        var failure = await Assert.ThrowsAsync<SocketException>(() => ConnectAsync(link));
        Assert.Equal(SocketError.ConnectionRefused, failure.SocketErrorCode);

        link.Restore();
        using var client = await ConnectAsync(link);
        await PingAsync(client);
    }

    private static async Task<Socket> ConnectAsync(FaultyLink link)
    {
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(IPAddress.Loopback, link.Port);
        return client;
    }

    private static async Task PingAsync(Socket client)
    {
        await client.SendAsync("PING\r\n"u8.ToArray());
        var reply = new byte[64];
        var count = await client.ReceiveAsync(reply).WaitAsync(Eventually.Timeout, TimeProvider.System);
        Assert.Equal("+PONG\r\n"u8, reply.AsSpan(0, count));
    }
}
