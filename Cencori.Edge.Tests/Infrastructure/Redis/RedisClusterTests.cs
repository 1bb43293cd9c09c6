using StackExchange.Redis;

namespace Cencori.Edge.Tests.Infrastructure.Redis;

public sealed class RedisClusterTests
{
    [RedisFact]
    public async Task Three_masters_share_the_slots_and_the_keys()
    {
        await using var cluster = await RedisCluster.StartAsync();
        await using var connection = await ConnectionMultiplexer.ConnectAsync(cluster.Configuration);
        var redis = connection.GetDatabase();

        await Task.WhenAll(Enumerable.Range(0, 100).Select(i => redis.StringSetAsync($"key:{i}", i)));

        Assert.Empty(cluster.Replicas);
        Assert.Equal(3, cluster.Masters.Count);
        foreach (var master in cluster.Masters)
        {
            Assert.Contains("cluster_state:ok", (string?)await master.ExecuteAsync("CLUSTER", "INFO"), StringComparison.Ordinal);
            Assert.InRange((int)await master.ExecuteAsync("DBSIZE"), 1, 99);
        }
    }

    [RedisFact]
    [Trait(SlowestTests.Trait, "A cluster takes seconds to agree that a master is gone.")]
    public async Task A_replica_replaces_a_killed_master()
    {
        await using var cluster = await RedisCluster.StartAsync(withReplicas: true);
        Assert.Equal(3, cluster.Replicas.Count);

        await cluster.Masters[1].KillAsync();

        using var limit = new CancellationTokenSource(Eventually.Timeout, TimeProvider.System);
        while (!((string?)await cluster.Replicas[1].ExecuteAsync("INFO", "replication"))!.Contains("role:master", StringComparison.Ordinal))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, limit.Token);
        }
    }
}
