namespace Cencori.Edge.Tests.Infrastructure.Redis;

/// <summary>A Redis server for the tests of one class. Null without redis-server; the tests are then skipped.</summary>
public sealed class OneRedis : IAsyncLifetime
{
    public RedisServer Server { get; private set; } = null!;

    public async Task InitializeAsync() => Server = RedisServer.Missing is null ? await RedisServer.StartAsync() : null!;

    public async Task DisposeAsync() => await (Server?.DisposeAsync() ?? ValueTask.CompletedTask);
}
