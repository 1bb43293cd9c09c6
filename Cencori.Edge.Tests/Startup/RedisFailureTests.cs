using System.Net.Sockets;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Network;
using Cencori.Edge.Tests.Infrastructure.Redis;

namespace Cencori.Edge.Tests.Startup;

/// <summary>Wrong Redis settings stop the start with one line. A Redis that is only unavailable does not.</summary>
public sealed class RedisFailureTests : IDisposable
{
    private const string Named = "Redis:Configuration";

    private readonly string _directory = Directory.CreateTempSubdirectory("edge-process-").FullName;

    [Theory]
    [InlineData("127.0.0.1:1,no-such-option=recognisable")]
    [InlineData("127.0.0.1:1,connectTimeout=recognisable")]
    [InlineData(",password=recognisable")]
    [InlineData("127.0.0.1:1,serviceName=recognisable")]
    public Task An_invalid_configuration(string configuration) => RefusedStart.AssertAsync(_directory, Named, $"--Redis:Configuration={configuration}");

    [Theory]
    [InlineData("RateLimiting:OnRedisFailure", "recognisable")]
    [InlineData("RateLimiting:OnRedisFailure", "17")]
    [InlineData("RateLimiting:RedisTimeout", "00:00:00")]
    [InlineData("RateLimiting:RedisTimeout", "recognisable")]
    public Task A_wrong_option(string named, string value) => RefusedStart.AssertAsync(_directory, named, $"--{named}={value}", "--Redis:Configuration=127.0.0.1:1");

    [Fact]
    public Task An_unreachable_Redis_with_Deny_mode() =>
        RefusedStart.AssertAsync(_directory, Named, "--Redis:Configuration=127.0.0.1:1,password=recognisable", "--RateLimiting:OnRedisFailure=Deny");

    [RedisTheory]
    [InlineData(",password=recognisable", "password")]
    [InlineData(",user=recognisable,password=recognisable", "password")]
    [InlineData("", "password")]
    public async Task A_wrong_password(string credentials, string says)
    {
        await using var redis = await RedisServer.StartAsync("--requirepass", "the-right-one");

        var line = await RefusedStart.AssertAsync(_directory, Named, $"--Redis:Configuration=127.0.0.1:{redis.Port}{credentials}");

        Assert.Contains(says, line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_without_TLS()
    {
        var port = LoopbackPort.Next();
        await using var listener = new LinkListener(port, client => _ = AnswerAsync(client, "-ERR unknown command\r\n"u8.ToArray()));

        var line = await RefusedStart.AssertAsync(_directory, Named, $"--Redis:Configuration=127.0.0.1:{port},ssl=true,password=recognisable");

        Assert.Contains("the TLS handshake fails", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_lost_in_the_TLS_handshake_does_not_stop_the_start()
    {
        var port = LoopbackPort.Next();
        await using var listener = new LinkListener(port, client => _ = AnswerAsync(client, []));

        await using var edge = await RunningEdge.StartAsync([$"Redis:Configuration=127.0.0.1:{port},ssl=true"]);

        Assert.Contains(edge.Logs.Lines, line => line.EventName == "RedisLost");
    }

    [RedisFact]
    public async Task Two_masters_without_a_cluster()
    {
        await using var one = await RedisServer.StartAsync();
        await using var other = await RedisServer.StartAsync();

        await RefusedStart.AssertAsync(_directory, Named, $"--Redis:Configuration={one.Configuration},{other.Configuration}");
    }

    [RedisFact]
    public async Task A_node_of_an_incomplete_cluster_with_Deny_mode()
    {
        await using var node = await RedisServer.StartAsync("--cluster-enabled", "yes");

        var line = await RefusedStart.AssertAsync(_directory, Named, $"--Redis:Configuration={node.Configuration}", "--RateLimiting:OnRedisFailure=Deny");

        Assert.Contains("CLUSTERDOWN", line, StringComparison.Ordinal);
    }

    [RedisFact]
    public async Task A_Redis_unavailable_at_the_start_is_used_when_it_comes_up()
    {
        await using var redis = await RedisServer.StartAsync();
        await redis.KillAsync();
        await using var edge = await RunningEdge.StartAsync([$"Redis:Configuration={redis.Configuration}"]);
        Assert.Contains(edge.Logs.Lines, line => line.EventName == "RedisLost");

        await redis.RestartAsync();

        await Eventually.IsTrueAsync(() => edge.Logs.Lines.Any(line => line.EventName == "RedisRestored"));
    }

    public void Dispose() => RunDirectory.Delete(_directory);

    // Answers all bytes until the client leaves. Without an answer, ends the connection.
    private static async Task AnswerAsync(Socket client, byte[] answer)
    {
        var buffer = new byte[16 * 1024];
        using (client)
        {
            try
            {
                while (await client.ReceiveAsync(buffer, CancellationToken.None) > 0 && answer.Length > 0)
                {
                    await client.SendAsync(answer, CancellationToken.None);
                }
            }
            catch (SocketException)
            {
                // The client has left.
            }
        }
    }
}
