using System.Reflection;
using Cencori.Edge.Projects;
using Cencori.Edge.RateLimiting;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Redis;

namespace Cencori.Edge.Tests.RateLimiting.Redis;

/// <summary>Redis Cluster: the same contract as on one server, for a project on any master, and after the failure of a master.</summary>
public sealed class ClusterTests(ClusterTests.Cluster cluster) : IClassFixture<ClusterTests.Cluster>
{
    /// <summary>Every fact and every theory row of the contract.</summary>
    public static TheoryData<string, object?[]> Contract
    {
        get
        {
            var data = new TheoryData<string, object?[]>();
            foreach (var method in typeof(RateLimiterContract).GetMethods().Where(method => method.GetCustomAttribute<FactAttribute>() is not null))
            {
                var rows = method.GetCustomAttributes<InlineDataAttribute>().SelectMany(row => row.GetData(method)).DefaultIfEmpty([]);
                foreach (var row in rows)
                {
                    data.Add(method.Name, row!);
                }
            }

            return data;
        }
    }

    [RedisTheory]
    [Trait(SlowestTests.Trait, "The test waits by the clock of Redis.")]
    [MemberData(nameof(Contract))]
    public async Task The_contract_holds_on_three_masters(string fact, object?[] arguments)
    {
        var contract = new OnCluster(cluster.Redis.Configuration);
        await contract.InitializeAsync();
        try
        {
            await (Task)typeof(RateLimiterContract).GetMethod(fact)!.Invoke(contract, arguments)!;
        }
        finally
        {
            await contract.DisposeAsync();
        }
    }

    [RedisFact]
    public async Task Projects_spread_over_the_masters_and_each_stays_in_one_slot()
    {
        await using var edge = await LimiterOfOneEdge.StartAsync(cluster.Redis.Configuration);

        var all = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => edge.AcquireAsync($"prj_{i}", new RateLimits(1, 1, 100, 1), 10)));

        Assert.All(all, reservation => Assert.True(reservation.IsAcquired));
        foreach (var master in cluster.Redis.Masters)
        {
            Assert.NotEqual(0, (int)await master.ExecuteAsync("DBSIZE"));
        }
    }

    [RedisFact]
    [Trait(SlowestTests.Trait, "A cluster needs seconds to agree that a master has failed.")]
    public async Task The_failure_of_a_master_fails_no_request_and_its_replica_takes_over()
    {
        var limits = new RateLimits(1, 100, null, null);
        await using var redis = await RedisCluster.StartAsync(withReplicas: true);
        await using var edge = await LimiterOfOneEdge.StartAsync(redis.Configuration, timeout: new RateLimitingOptions().RedisTimeout);

        // At least one project on each master.
        var projects = Enumerable.Range(0, 30).Select(i => $"prj_{i}").ToList();
        await Task.WhenAll(projects.Select(project => edge.AcquireAsync(project, limits)));

        await redis.Masters[0].KillAsync();

        var all = await Task.WhenAll(projects.Select(project => edge.AcquireAsync(project, limits)));
        Assert.All(all, reservation => Assert.True(reservation.IsAcquired));
        await Eventually.IsTrueAsync(async () =>
        {
            await Task.WhenAll(projects.Select(project => edge.AcquireAsync(project, limits)));
            return edge.Availability.IsAvailable;
        });
    }

    public sealed class Cluster : IAsyncLifetime
    {
        public RedisCluster Redis { get; private set; } = null!;

        public async Task InitializeAsync() => Redis = RedisServer.Missing is null ? await RedisCluster.StartAsync() : null!;

        public async Task DisposeAsync() => await (Redis?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    private sealed class OnCluster(string configuration) : RedisRateLimiterContract(configuration);
}
