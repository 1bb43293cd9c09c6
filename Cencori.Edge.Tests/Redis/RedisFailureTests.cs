using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Redis;

namespace Cencori.Edge.Tests.Redis;

/// <summary>Whole requests while Redis fails: each is decided by the failure mode, and none gets a 500.</summary>
public sealed class RedisFailureTests
{
    [RedisTheory]
    [InlineData("Local")]
    [InlineData("Allow")]
    [Trait(SlowestTests.Trait, "The test sends load for seconds while Redis is unavailable.")]
    public async Task Load_during_an_outage_and_an_empty_restart_meets_no_failure(string mode)
    {
        await using var edges = new WithMode(mode);
        await edges.InitializeAsync();
        var (project, key) = await edges.CreateAsync(new { requests_per_minute = 1_000_000, tokens_per_minute = 100_000_000, concurrent_requests = 100 });
        await edges.A.SetBudgetAsync(project);
        using var stop = new CancellationTokenSource();
        var load = Enumerable.Range(0, 8).Select(i => Task.Run(async () =>
        {
            var statuses = new List<int>();
            while (!stop.IsCancellationRequested)
            {
                statuses.Add(await TwoEdges.ChatAsync(i % 2 == 0 ? edges.A : edges.B, key));
            }

            return statuses;
        })).ToList();

        await RealTime.PassesAsync(TimeSpan.FromMilliseconds(500), "The load must be running.");
        await edges.Redis.KillAsync();
        await RealTime.PassesAsync(TimeSpan.FromSeconds(2), "The load continues while Redis is unavailable.");
        await edges.Redis.RestartAsync();
        await Eventually.IsTrueAsync(() => edges.A.Logs.Lines.Any(line => line.EventName == "RedisRestored"));
        await stop.CancelAsync();

        var all = (await Task.WhenAll(load)).SelectMany(statuses => statuses).ToList();
        Assert.NotEmpty(all);
        Assert.All(all, status => Assert.Equal(200, status));

        // Redis has lost its data: one edge may read a request of the other from the records before that edge has reported it, so both count it.
        await edges.A.AssertLedgerClosesAsync(project, mayCountMore: true);
        await edges.B.AssertLedgerClosesAsync(project, mayCountMore: true);
    }

    [RedisFact]
    [Trait(SlowestTests.Trait, "Two edges start, and Redis restarts.")]
    public async Task Deny_mode_answers_503_with_its_code_and_a_wait_until_Redis_is_back()
    {
        await using var edges = new WithMode("Deny");
        await edges.InitializeAsync();
        var (_, key) = await edges.CreateAsync(new { requests_per_minute = 1_000 });

        // On a busy machine a reply of Redis may take longer than the timeout.
        await Eventually.IsTrueAsync(async () => await TwoEdges.ChatAsync(edges.A, key) == 200);
        await edges.Redis.KillAsync();

        using var refused = await edges.A.PostAsync(key, "/v1/chat/completions", ScriptedEdge.Chat);
        await refused.ErrorAsync(System.Net.HttpStatusCode.ServiceUnavailable, "RATE_LIMIT_UNAVAILABLE");
        Assert.Equal("1", refused.Headers.GetValues("Retry-After").Single());
        await edges.Redis.RestartAsync();
        await Eventually.IsTrueAsync(async () => await TwoEdges.ChatAsync(edges.A, key) == 200);
    }

    [RedisFact]
    [Trait(SlowestTests.Trait, "Redis is paused for longer than the client's spare time.")]
    public async Task A_reply_within_the_timeout_counts_however_long_the_timeout_is()
    {
        await using var edges = new WithMode("Deny", "00:01:00");
        await edges.InitializeAsync();
        var (_, key) = await edges.CreateAsync(new { requests_per_minute = 1_000 });
        edges.Redis.Pause();
        var chat = TwoEdges.ChatAsync(edges.A, key);
        await RealTime.PassesAsync(TimeSpan.FromSeconds(3), "Redis does not reply, for longer than the second that the client waited before it knew the timeout.");
        Assert.False(chat.IsCompleted);

        edges.Redis.Resume();

        Assert.Equal(200, await chat);
        Assert.DoesNotContain(edges.A.Logs.Lines, line => line.EventName == "RedisLost");
    }

    private sealed class WithMode(string mode, string timeout = "00:00:00.050") : TwoEdges
    {
        protected override IEnumerable<string> Settings => [$"RateLimiting:OnRedisFailure={mode}", $"RateLimiting:RedisTimeout={timeout}"];
    }
}
