using Cencori.Edge.Tests.Infrastructure;

namespace Cencori.Edge.Tests.RateLimiting;

/// <summary>One server for the tests of a class, which do no harm to it.</summary>
public sealed class OneRedis : IAsyncLifetime
{
    public RedisServer Server { get; private set; } = null!;

    public async Task InitializeAsync() => Server = await RedisServer.StartAsync();

    public async Task DisposeAsync() => await Server.DisposeAsync();
}
