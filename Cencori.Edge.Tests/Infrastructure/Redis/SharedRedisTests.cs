using StackExchange.Redis;

namespace Cencori.Edge.Tests.Infrastructure.Redis;

public sealed class SharedRedisTests(SharedRedis shared) : IClassFixture<SharedRedis>
{
    // Reads, then writes: a concurrent script in between would lose an increment.
    private const string Increment = "local n = tonumber(redis.call('HGET', KEYS[1], 'n') or '0') redis.call('HSET', KEYS[1], 'n', n + 1) return n";

    // All commands that a limiter needs.
    private const string Everything = """
        local time = redis.call('TIME')
        redis.call('HSET', KEYS[1], 'a', ARGV[1], 'b', time[1])
        local fields = redis.call('HMGET', KEYS[1], 'a', 'none')
        redis.call('ZADD', KEYS[2], 1, 'm1', 1700000000123, 'm2', 1700000000124, 'm3')
        local removed = { redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', 2), redis.call('ZREM', KEYS[2], 'm2', 'm9') }
        redis.call('PEXPIRE', KEYS[2], 60000)
        return { tonumber(fields[1]), fields[2] == false and 1 or 0, removed, { redis.call('ZCARD', KEYS[2]), { redis.call('EXISTS', KEYS[1]) } } }
        """;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Redis_and_Garnet_run_the_commands_of_a_limiter(bool onGarnet)
    {
        await using var connection = await ConnectAsync(onGarnet);
        var key = $"{Guid.NewGuid():N}";

        var result = await connection.Value.GetDatabase().ScriptEvaluateAsync(Everything, [$"{{{key}}}:h", $"{{{key}}}:z"], [-7]);

        Assert.Equal("[-7,1,[1,1],[1,[1]]]", Text(result));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Redis_and_Garnet_run_scripts_on_one_key_one_after_another(bool onGarnet)
    {
        await using var first = await ConnectAsync(onGarnet);
        await using var second = await first.AgainAsync();
        IDatabase[] databases = [first.Value.GetDatabase(), second.Value.GetDatabase()];
        RedisKey key = $"{Guid.NewGuid():N}";

        var results = await Task.WhenAll(Enumerable.Range(0, 2000).Select(i => Task.Run(() => databases[i % 2].ScriptEvaluateAsync(Increment, [key]))));

        Assert.Equal(Enumerable.Range(0, 2000), results.Select(result => (int)result).Order());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Redis_and_Garnet_deliver_published_messages(bool onGarnet)
    {
        await using var publisher = await ConnectAsync(onGarnet);
        await using var subscriber = await publisher.AgainAsync();
        var channel = RedisChannel.Literal($"{Guid.NewGuid():N}");
        var heard = await subscriber.Value.GetSubscriber().SubscribeAsync(channel);

        await publisher.Value.GetSubscriber().PublishAsync(channel, "news");

        Assert.Equal("news", (await heard.ReadAsync().AsTask().WaitAsync(Eventually.Timeout, TimeProvider.System)).Message);
    }

    private async Task<Connection> ConnectAsync(bool onGarnet)
    {
        var garnet = onGarnet ? GarnetRedis.Start() : null;
        return new Connection(await ConnectionMultiplexer.ConnectAsync(garnet?.Configuration ?? shared.Configuration), garnet);
    }

    private static string Text(RedisResult result) =>
        result.Resp2Type == ResultType.Array ? $"[{string.Join(',', ((RedisResult[])result!).Select(Text))}]" : $"{result}";

    private sealed record Connection(ConnectionMultiplexer Value, GarnetRedis? Owned) : IAsyncDisposable
    {
        public async Task<Connection> AgainAsync() => new(await ConnectionMultiplexer.ConnectAsync(Value.Configuration), null);

        public async ValueTask DisposeAsync()
        {
            await Value.DisposeAsync();
            Owned?.Dispose();
        }
    }
}
