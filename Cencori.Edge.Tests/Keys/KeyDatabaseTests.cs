using Cencori.Edge.Keys;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Databases;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Cencori.Edge.Tests.Keys;

/// <summary>The database commands that requests cause, and requests while the database is unavailable.</summary>
public class KeyDatabaseTests
{
    [Fact]
    public async Task A_request_with_warm_caches_needs_no_database()
    {
        // The clock stands still, so that nothing that runs at intervals uses the database.
        var database = new CommandCounter();
        await using var edge = await RunningEdge.StartAsync(configure: builder =>
        {
            database.Watch(builder);
            builder.Services.AddSingleton<TimeProvider>(new FakeTimeProvider(TimeProvider.System.GetUtcNow()));
        });
        var key = await edge.CreateKeyAsync(await edge.CreateProjectAsync(), environment: "test");
        Assert.Equal(200, await StatusAsync(edge, key));
        var before = database.Commands;

        for (var request = 0; request < 100; request++)
        {
            Assert.Equal(200, await StatusAsync(edge, key));
        }

        Assert.Equal(before, database.Commands);
    }

    [Fact]
    public async Task A_restarted_edge_has_looked_up_a_key_before_it_listens()
    {
        await using var other = await RunningEdge.StartAsync(configure: RunningEdge.Join);
        var database = new CommandCounter();
        await using var edge = await RunningEdge.StartAsync(
            configure: builder =>
            {
                RunningEdge.Join(builder);
                database.Watch(builder);
                builder.Services.AddSingleton<TimeProvider>(new FakeTimeProvider(TimeProvider.System.GetUtcNow()));
            },
            dataDirectory: other.DataDirectory);
        var atStart = database.Commands;
        Assert.Contains(database.Texts, text => text.Contains("provider_keys", StringComparison.Ordinal));

        Assert.Equal(200, await StatusAsync(edge, other.Welcome.TestKey!));
        Assert.Equal(atStart, database.Commands);
    }

    /// <summary>Field trap 22.</summary>
    [Fact]
    public async Task A_hundred_requests_with_one_cold_key_cause_one_look_up()
    {
        var database = new CommandCounter();
        await using var edge = await RunningEdge.StartAsync(configure: database.Watch);
        var key = await edge.CreateKeyAsync(await edge.CreateProjectAsync(), environment: "test");
        var before = database.Commands;

        Assert.All(await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => StatusAsync(edge, key))), status => Assert.Equal(200, status));

        // The key, its project, the project's parts (credentials, budgets, agents, prompts), and at most one read of new keys.
        Assert.InRange(database.Commands - before, 1, 7);
    }

    [Fact]
    public async Task A_key_created_by_another_edge_works_within_a_second()
    {
        await using var other = await RunningEdge.StartAsync(configure: RunningEdge.Join);
        await using var edge = await RunningEdge.StartAsync(configure: RunningEdge.Join, dataDirectory: other.DataDirectory);
        var project = await other.CreateProjectAsync();
        Assert.Equal(401, await StatusAsync(edge, ProjectKey.Generate("csk_")));

        // The first reads after the creation happen within two intervals; a busy machine may delay them.
        Assert.InRange(KnownKeyFilter.RefreshInterval, TimeSpan.Zero, TimeSpan.FromMilliseconds(500));
        var key = await other.CreateKeyAsync(project, environment: "test");
        await Eventually.IsTrueAsync(async () => await StatusAsync(edge, key) == 200);
    }

    /// <summary>Field trap 22.</summary>
    [Fact]
    public async Task Without_the_database_known_keys_work_and_unknown_ones_get_503_until_it_is_back()
    {
        var database = new CommandCounter();
        await using var edge = await RunningEdge.StartAsync(configure: database.Watch);
        var project = await edge.CreateProjectAsync();
        var (known, cold) = (await edge.CreateKeyAsync(project, environment: "test"), await edge.CreateKeyAsync(project, environment: "test"));
        Assert.Equal(200, await StatusAsync(edge, known));

        await RealTime.PassesAsync(KnownKeyFilter.RefreshInterval, "The filter reads new keys once per interval; an earlier read must not hide the outage.");
        database.IsAway = true;
        Assert.Equal(200, await StatusAsync(edge, known));
        foreach (var key in (string[])[cold, ProjectKey.Generate("csk_"), ProjectKey.Generate("cpk_")])
        {
            using var response = await edge.SendAsync(key, HttpMethod.Get, "/v1/models");
            Assert.Equal(503, (int)response.StatusCode);
            Assert.True(response.Headers.RetryAfter?.Delta >= TimeSpan.FromSeconds(1));
            Assert.False(response.Headers.Contains("x-should-retry"));
            Assert.Equal("INTERNAL_ERROR", (await response.ErrorAsync()).Code);
        }

        // Health checks need no key, so a key that comes with them does not matter.
        foreach (var path in (string[])["/v1/health", "/api/v1/health", "/health/live"])
        {
            using var health = await edge.SendAsync(cold, HttpMethod.Get, path);
            Assert.Equal(200, (int)health.StatusCode);
        }

        // Logged once, however many requests fail.
        Assert.Single(edge.Logs.Lines, line => line.EventName == "CannotLookUpKey");
        Assert.Equal(401, await StatusAsync(edge, "csk_malformed"));
        database.IsAway = false;
        Assert.Equal(200, await StatusAsync(edge, cold));
    }

    private static async Task<int> StatusAsync(RunningEdge edge, string key)
    {
        using var response = await edge.SendAsync(key, HttpMethod.Get, "/v1/models/gpt-4o");
        return (int)response.StatusCode;
    }
}
