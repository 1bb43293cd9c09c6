using System.Net;
using System.Net.Sockets;
using StackExchange.Redis;

namespace Cencori.Edge.Tests.Infrastructure.Redis;

public sealed class RedisServerTests
{
    [RedisFact]
    public async Task A_restarted_server_is_empty()
    {
        await using var server = await RedisServer.StartAsync();
        await server.ExecuteAsync("SET", "a", "1");
        Assert.Equal("1", (string?)await server.ExecuteAsync("GET", "a"));
        var port = server.Port;

        await server.RestartAsync();

        Assert.Equal(port, server.Port);
        Assert.True((await server.ExecuteAsync("GET", "a")).IsNull);
    }

    [RedisFact]
    public async Task A_paused_server_hangs_and_continues_after_a_resume()
    {
        await using var server = await RedisServer.StartAsync();
        await using var connection = await ConnectionMultiplexer.ConnectAsync(server.Configuration + ",asyncTimeout=60000");
        var redis = connection.GetDatabase();
        await redis.StringSetAsync("a", 1);

        server.Pause();
        var read = redis.StringGetAsync("a");
        await Assert.ThrowsAsync<TimeoutException>(() => read.WaitAsync(TimeSpan.FromMilliseconds(200), TimeProvider.System));
        server.Resume();

        Assert.Equal(1, await read.WaitAsync(Eventually.Timeout, TimeProvider.System));
    }

    [RedisFact]
    public async Task A_killed_server_refuses_connections()
    {
        await using var server = await RedisServer.StartAsync();

        await server.KillAsync();

        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        var failure = await Assert.ThrowsAsync<SocketException>(() => socket.ConnectAsync(IPAddress.Loopback, server.Port));
        Assert.Equal(SocketError.ConnectionRefused, failure.SocketErrorCode);
    }

    [RedisFact]
    public async Task Arguments_are_passed_on_and_the_configuration_has_the_password()
    {
        await using var server = await RedisServer.StartAsync("--requirepass", "secret", "--maxmemory", "3mb");

        Assert.Contains("secret", server.Configuration, StringComparison.Ordinal);
        Assert.Equal("3145728", ((string?[])(await server.ExecuteAsync("CONFIG", "GET", "maxmemory"))!)[1]);
    }

    [RedisFact]
    public async Task A_server_that_cannot_start_reports_why()
    {
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => RedisServer.StartAsync("--no-such-option", "1"));

        Assert.Contains("no-such-option", failure.Message, StringComparison.Ordinal);
    }
}
