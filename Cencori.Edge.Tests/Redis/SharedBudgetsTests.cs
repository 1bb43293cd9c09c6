using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Redis;

namespace Cencori.Edge.Tests.Redis;

/// <summary>Whole requests on two edges that share a budget.</summary>
public sealed class SharedBudgetsTests(TwoEdges edges) : IClassFixture<TwoEdges>
{
    private const string OneDollar = """{"model":"gpt-4o","max_tokens":1,"messages":[{"role":"user","content":"Hello!"}]}""";

    [RedisFact]
    public async Task A_hundred_concurrent_requests_pass_a_budget_for_ten_exactly_ten_times()
    {
        var (project, key) = await edges.CreateAsync(new { });
        await edges.A.SendAdminAsync(HttpMethod.Put, $"/api/projects/{project}/prices", new { prices = new[] { new { provider = "openai", model = "gpt-4o", input = 0, output = 1_000_000 } } });
        await edges.A.SendAdminAsync(HttpMethod.Put, $"/api/projects/{project}/budget", new { monthly_budget_usd = 10 });

        var statuses = await Task.WhenAll(Enumerable.Range(0, 100).Select(async i =>
        {
            using var response = await (i % 2 == 0 ? edges.A : edges.B).PostAsync(key, "/v1/chat/completions", OneDollar);
            return (int)response.StatusCode;
        }));

        Assert.Equal((10, 90), (statuses.Count(status => status == 200), statuses.Count(status => status == 402)));
        await Eventually.IsTrueAsync(async () => (decimal?)(await edges.B.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/budget"))["current_spend_usd"] == 10);
        foreach (var edge in new[] { edges.A, edges.B })
        {
            var sheet = await edge.AssertLedgerClosesAsync(project);
            Assert.Equal(("10", "10"), (sheet.Number("project", "counter"), sheet.Number("project", "redis")));
        }
    }

    [RedisFact]
    public async Task A_project_without_a_budget_leaves_nothing_in_Redis()
    {
        var (project, key) = await edges.CreateAsync(new { });
        Assert.Equal(200, await TwoEdges.ChatAsync(edges.A, key));

        Assert.Empty((string[])(await edges.Redis.ExecuteAsync("KEYS", $"cencori:{{{project}}}:budget:*"))!);
    }
}
