using Cencori.Edge.Redis;
using Cencori.Edge.Tests.Infrastructure.Network;

namespace Cencori.Edge.Tests.Infrastructure.Redis;

/// <summary>A connection to a Redis that accepts every call and never responds.</summary>
public sealed class StalledRedis : IAsyncLifetime, IAsyncDisposable
{
    private RedisServer? _server;
    private FaultyLink? _link;

    public RedisConnection Connection { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        if (RedisServer.Missing is null)
        {
            _server = await RedisServer.StartAsync();
            _link = new FaultyLink(_server.Port);
            var options = RedisConnection.Parse(_link.Configuration);
            options.AsyncTimeout = (int)TimeSpan.FromMinutes(10).TotalMilliseconds;
            options.HeartbeatConsistencyChecks = false;
            Connection = new RedisConnection(options);
            await Connection.StartAsync(CancellationToken.None);
            _link.Stall();
        }
    }

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        // The link is disposed first: if it were intact, closing the connection would wait for the outstanding responses.
        await (_link?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (Connection?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_server?.DisposeAsync() ?? ValueTask.CompletedTask);
    }
}
