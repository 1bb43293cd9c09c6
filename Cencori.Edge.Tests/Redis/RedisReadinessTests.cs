using System.Text.Json.Nodes;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Redis;

namespace Cencori.Edge.Tests.Redis;

/// <summary>What the readiness endpoint returns to load balancers while Redis is unavailable.</summary>
public sealed class RedisReadinessTests
{
    [RedisTheory]
    [InlineData("Local", 200, "degraded")]
    [InlineData("Allow", 200, "degraded")]
    [InlineData("Deny", 503, "not_ready")]
    public async Task An_unavailable_Redis_is_reported_before_any_request_meets_it(string mode, int status, string says)
    {
        await using var redis = await RedisServer.StartAsync();
        await using var edge = await RunningEdge.StartAsync([$"Redis:Configuration={redis.Configuration}", $"RateLimiting:OnRedisFailure={mode}"]);
        await Eventually.IsTrueAsync(async () => await AskAsync(edge) == (200, "ready", "ok"));

        await redis.KillAsync();
        await Eventually.IsTrueAsync(async () => await AskAsync(edge) == (status, says, "unavailable"));

        await redis.RestartAsync();
        await Eventually.IsTrueAsync(async () => await AskAsync(edge) == (200, "ready", "ok"));
    }

    [RedisFact]
    public async Task A_Redis_that_refuses_the_channel_of_changes_is_logged()
    {
        await using var redis = await RedisServer.StartAsync();
        await redis.ExecuteAsync("ACL", "SETUSER", "default", "resetchannels");
        await using var edge = await RunningEdge.StartAsync([$"Redis:Configuration={redis.Configuration}"]);

        await Eventually.IsTrueAsync(() => edge.Logs.Lines.Any(line => line.EventName == "ChangesRefused"));
        Assert.Contains("cencori:changes (NOPERM)", edge.Logs.Lines.First(line => line.EventName == "ChangesRefused").Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_edge_without_Redis_reports_nothing_about_it()
    {
        await using var edge = await RunningEdge.StartAsync();

        Assert.Null(JsonNode.Parse(await edge.Http.GetStringAsync("/health/ready"))!["checks"]!["redis"]);
    }

    private static async Task<(int Status, string Overall, string Redis)> AskAsync(RunningEdge edge)
    {
        using var response = await edge.Http.GetAsync("/health/ready");
        var body = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        return ((int)response.StatusCode, (string)body["status"]!, (string)body["checks"]!["redis"]!["status"]!);
    }
}
