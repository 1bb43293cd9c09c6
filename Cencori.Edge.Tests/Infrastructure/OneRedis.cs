namespace Cencori.Edge.Tests.Infrastructure;

/// <summary>A server of their own for the tests of a class; none where there is no redis-server, and they are skipped.</summary>
public sealed class OneRedis : IAsyncLifetime
{
    public RedisServer Server { get; private set; } = null!;

    public async Task InitializeAsync() => Server = RedisServer.Missing is null ? await RedisServer.StartAsync() : null!;

    public async Task DisposeAsync() => await (Server?.DisposeAsync() ?? ValueTask.CompletedTask);
}
