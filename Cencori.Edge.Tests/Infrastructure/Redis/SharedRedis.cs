using DotNet.Testcontainers.Builders;
using Testcontainers.Redis;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace Cencori.Edge.Tests.Infrastructure.Redis;

/// <summary>
/// One Redis for all tests of a run that need no own server, started on first use. Tests share its data: each uses its own key prefix, and none flushes,
/// kills or reconfigures it.
/// </summary>
public sealed class SharedRedis(IMessageSink diagnostics) : IAsyncLifetime
{
    private static readonly Lazy<Task<(string Configuration, string Kind)>> Started = new(StartAsync);
    private static int _told;

    /// <summary>For StackExchange.Redis.</summary>
    public string Configuration { get; private set; } = "";

    public async Task InitializeAsync()
    {
        (Configuration, var kind) = await Started.Value;
        if (Interlocked.Exchange(ref _told, 1) == 0)
        {
            diagnostics.OnMessage(new DiagnosticMessage($"The Redis of this run is {kind}."));
        }
    }

    public Task DisposeAsync() => Task.CompletedTask;

    private static async Task<(string Configuration, string Kind)> StartAsync()
    {
        if (Environment.GetEnvironmentVariable("CENCORI_TEST_REDIS") is { Length: > 0 } configuration)
        {
            return (configuration, "the one that CENCORI_TEST_REDIS names");
        }

        // Preferred over a container, which takes seconds to start.
        if (RedisServer.Missing is null)
        {
            var server = await RedisServer.StartAsync();
            AppDomain.CurrentDomain.ProcessExit += (_, _) => server.DisposeAsync().AsTask().Wait();
            return (server.Configuration, "redis-server from the PATH");
        }

        try
        {
            var container = new RedisBuilder("redis:7-alpine").Build();
            await container.StartAsync();
            return (container.GetConnectionString(), "redis:7-alpine in a container");
        }
        catch (DockerUnavailableException)
        {
            return (GarnetRedis.Start().Configuration, "Garnet, as there are neither redis-server nor Docker");
        }
    }
}
