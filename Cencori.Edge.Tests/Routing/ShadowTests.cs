using System.Net;
using System.Text.Json.Nodes;
using Cencori.Edge.Routing;
using Cencori.Edge.Routing.Health;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;
using Cencori.Edge.Tests.Records;
using static Cencori.Edge.Tests.Routing.FleetEdge;
using static Cencori.Edge.Tests.Routing.RouteFleet;

namespace Cencori.Edge.Tests.Routing;

/// <summary>Copies of a route's requests for another model: sent after the response, limited in number, and limited by a budget.</summary>
public sealed class ShadowTests(RouteFleet fleet) : IClassFixture<RouteFleet>
{
    private static readonly string Fast = """{"model":"fast","max_tokens":1,"messages":[{"role":"user","content":"Hello!"}]}""";

    [Fact]
    public async Task A_copy_is_sent_after_the_callers_response_and_recorded_separately()
    {
        var released = new TaskCompletionSource();
        var (project, key, accounts) = await CreateAsync(1, 10, RespondOk(3, 1), RespondOk(5, 2));
        accounts[0].Script = async (request, response) =>
        {
            await released.Task;
            await RespondOk(3, 1)(request, response);
        };

        // With a limit of three requests per minute, the third would be refused if shadows counted. The fourth would pass if shadows gave permits back.
        await fleet.Edge.SetLimitsAsync(project, new { requests_per_minute = 3 });
        var asking = fleet.ChatAsync(key, Fast);
        await Eventually.IsTrueAsync(() => accounts[0].Count == 1);
        Assert.Equal(0, accounts[1].Count);
        released.SetResult();
        using (var edgeResponse = await asking)
        {
            Assert.Equal((HttpStatusCode.OK, "openai", "1", null), (edgeResponse.StatusCode, Header(edgeResponse, "x-cencori-provider"), Header(edgeResponse, "x-cencori-attempts"), Header(edgeResponse, "x-cencori-fallback")));
        }

        await Eventually.IsTrueAsync(() => accounts[1].Count == 1);
        var sent = JsonNode.Parse(accounts[1].Requests.Single().Body.Span)!;
        Assert.Equal(("model-of-groq", 1, "Hello!"), ((string?)sent["model"], (int)sent["max_tokens"]!, (string?)sent["messages"]![0]!["content"]));
        var records = await fleet.Edge.RowsOfAsync(project, 2);
        var (own, copy) = (records.Single(record => record.Outcome == RequestOutcome.Success), records.Single(record => record.Outcome == RequestOutcome.Shadow));
        Assert.Equal((own.RequestId + "-shadow", "groq", "model-of-groq", "fast", 5, 2), (copy.RequestId, copy.Provider, copy.ModelServed, copy.Route, copy.PromptTokens, copy.CompletionTokens));
        Assert.Equal(own.RequestId, ShadowIds.OriginalOf(copy));
        Assert.True(copy.StartedAt >= own.StartedAt && copy.CostUsd == (5 * 0.001m / 1e6m) + (2 * 0.001m), $"{copy.CostUsd}");

        using (var second = await fleet.ChatAsync(key, Fast))
        {
            Assert.Equal(200, (int)second.StatusCode);
        }

        Assert.Equal(4, (await fleet.Edge.RowsOfAsync(project, 4)).Count);
        using var completed = await fleet.Edge.SendAsync(key, HttpMethod.Get, "/v1/metrics?period=1h");
        using (var fourth = await fleet.ChatAsync(key, Fast))
        {
            Assert.Equal(HttpStatusCode.TooManyRequests, fourth.StatusCode);
        }

        var metrics = JsonNode.Parse(await completed.Content.ReadAsStringAsync())!;
        Assert.Equal((2, 2, 14), ((int)metrics["requests"]!["total"]!, (int)metrics["requests"]!["success"]!, (int)metrics["tokens"]!["total"]! - 8));
        var logs = await fleet.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/logs?status=shadow&route=fast");
        Assert.Equal(["groq", "groq"], logs["requests"]!.AsArray().Select(log => (string?)log!["provider"]));
        Assert.Equal(2, (int)(await fleet.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/routes/fast/report"))["requests"]!);
        await AssertPagesLeadToEachOtherAsync(project, own.RequestId);
    }

    [Fact]
    public async Task Tool_calls_embeddings_long_requests_failures_and_test_keys_have_no_shadow()
    {
        var (project, key, accounts) = await CreateAsync(1, 10, RespondOk(), RespondOk());
        (await fleet.ChatAsync(key, """{"model":"fast","tools":[{"type":"function","function":{"name":"f"}}],"messages":[{"role":"user","content":"tool"}]}""")).Dispose();
        (await fleet.Edge.PostAsync(key, "/v1/embeddings", """{"model":"fast","input":"vector"}""")).Dispose();
        (await fleet.ChatAsync(key, $$"""{"model":"fast","messages":[{"role":"user","content":"{{new string('x', ShadowTraffic.MaxBytes)}}"}]}""")).Dispose();
        (await fleet.ChatAsync(await fleet.Edge.CreateKeyAsync(project, environment: "test"), Fast)).Dispose();
        accounts[0].Script = Refuse(400);
        (await fleet.ChatAsync(key, Fast)).Dispose();
        accounts[0].Script = RespondOk();
        (await fleet.ChatAsync(key, Fast)).Dispose();

        await Eventually.IsTrueAsync(() => accounts[1].Count > 0);
        await fleet.Edge.RowsOfAsync(project, 7);
        Assert.Contains("Hello!", System.Text.Encoding.UTF8.GetString(Assert.Single(accounts[1].Requests).Body.Span), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Failures_of_shadows_start_no_cool_down_and_a_target_in_cool_down_gets_no_shadow()
    {
        var (project, key, accounts) = await CreateAsync(1, 10, RespondOk(), Refuse(500));
        for (var sent = 1; sent <= 2 * Cooling.FailuresToOpen; sent++)
        {
            (await fleet.ChatAsync(key, Fast)).Dispose();
            await Eventually.IsTrueAsync(() => accounts[1].Count == sent);
        }

        accounts[1].Script = Refuse(429, ("Retry-After", "60"));
        (await fleet.ChatAsync(key, Fast)).Dispose();
        await fleet.Edge.RowsOfAsync(project, 2 * ((2 * Cooling.FailuresToOpen) + 1));
        Assert.Empty(await fleet.ListCoolDownsAsync(project));

        // A cool-down from a caller's request also applies to shadows.
        await fleet.SetRouteAsync(project, "other", new JsonObject { ["groups"] = new JsonArray(Group(Target(1)), Group(Target(0))) });
        (await fleet.ChatAsync(key, ScriptedEdge.ChatOf("other"))).Dispose();
        Assert.Single(await fleet.ListCoolDownsAsync(project));
        var requested = accounts[1].Count;
        using var metrics = new MetricRecorder();
        (await fleet.ChatAsync(key, Fast)).Dispose();
        await Eventually.IsTrueAsync(() => metrics.Tags.Contains("cencori.edge.shadows result=left_alone"));
        Assert.Equal(requested, accounts[1].Count);
    }

    [Theory]
    [InlineData(0.0015, null)]
    [InlineData(10.0, 0.0015)]
    public async Task The_budgets_of_shadow_and_project_are_not_exceeded(double monthly, double? ofProject)
    {
        // Each shadow costs a thousandth of a dollar, so there is room for one.
        var (project, key, accounts) = await CreateAsync(1, (decimal)monthly, RespondOk(), RespondOk());
        if (ofProject is { } budget)
        {
            await fleet.Edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{project}/budget", new { monthly_budget_usd = budget });
        }

        using var metrics = new MetricRecorder();
        for (var sent = 0; sent < 5; sent++)
        {
            using var response = await fleet.ChatAsync(key, Fast);
            Assert.Equal(200, (int)response.StatusCode);
            await Eventually.IsTrueAsync(() => accounts[1].Count == 1);
        }

        await Eventually.IsTrueAsync(() => metrics.Tags.Contains("cencori.edge.shadows result=refused"));
        Assert.Equal(6, (await fleet.Edge.RowsOfAsync(project, 6)).Count);
        Assert.Equal(1, accounts[1].Count);
    }

    [Fact]
    public async Task Too_many_copies_are_dropped()
    {
        var (project, key, accounts) = await CreateAsync(1, 10, RespondOk(), RespondOk());
        var released = new TaskCompletionSource();
        accounts[0].Script = async (request, response) =>
        {
            await released.Task;
            await RespondOk()(request, response);
        };
        const int All = ShadowTraffic.MaxHeldOfProject + 10;
        var asking = Enumerable.Range(0, All).Select(_ => fleet.ChatAsync(key, Fast)).ToList();
        await Eventually.IsTrueAsync(() => accounts[0].Count == All);
        released.SetResult();
        foreach (var edgeResponse in await Task.WhenAll(asking))
        {
            Assert.Equal(200, (int)edgeResponse.StatusCode);
            edgeResponse.Dispose();
        }

        await fleet.Edge.RowsOfAsync(project, All + ShadowTraffic.MaxHeldOfProject);
        Assert.Equal(ShadowTraffic.MaxHeldOfProject, accounts[1].Count);

        // Afterwards there is room again.
        (await fleet.ChatAsync(key, Fast)).Dispose();
        await Eventually.IsTrueAsync(() => accounts[1].Count == ShadowTraffic.MaxHeldOfProject + 1);
    }

    [Fact]
    public async Task A_hanging_provider_of_one_project_does_not_block_the_shadows_of_others()
    {
        var released = new TaskCompletionSource();
        var (_, key, accounts) = await CreateAsync(1, 10, RespondOk(), async (request, response) =>
        {
            await released.Task;
            await RespondOk()(request, response);
        });
        for (var request = 0; request < ShadowTraffic.MaxInFlight; request++)
        {
            (await fleet.ChatAsync(key, Fast)).Dispose();
        }

        await Eventually.IsTrueAsync(() => accounts[1].Count == ShadowTraffic.MaxOfProject);
        var (other, otherKey, others) = await CreateAsync(1, 10, RespondOk(), RespondOk());
        (await fleet.ChatAsync(otherKey, Fast)).Dispose();
        await fleet.Edge.RowsOfAsync(other, 2);
        Assert.Equal((1, ShadowTraffic.MaxOfProject), (others[1].Count, accounts[1].Count));
        released.SetResult();
    }

    [Fact]
    public async Task The_shadow_budget_includes_spend_from_before_a_restart()
    {
        var directory = Directory.CreateTempSubdirectory("edge-").FullName;
        await using var provider = new ScriptedProvider();
        var copies = 0;
        provider.Respond((request, response) =>
        {
            Interlocked.Add(ref copies, System.Text.Encoding.UTF8.GetString(request.Body.Span).Contains("\"new\"", StringComparison.Ordinal) ? 1 : 0);
            return RespondOk()(request, response);
        });
        var (project, key) = ("", "");
        for (var start = 0; start < 2; start++)
        {
            await using var edge = await RunningEdge.StartAsync([RunningEdge.Destination("openai", provider.Address), RunningEdge.LoopbackIsOpen], dataDirectory: directory);
            if (start == 0)
            {
                project = await edge.CreateProjectAsync("openai");
                key = await edge.CreateKeyAsync(project);
                await edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{project}/prices", new { prices = new[] { new { provider = "openai", model = "new", input = 0.001m, output = 1000m, from = "2026-01-01" } } });
                await edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{project}/routes/fast", """{"groups":[{"targets":[{"model":"openai/old"}]}],"shadow":{"model":"openai/new","share":1,"monthly_usd":0.0015}}""");
            }

            using var metrics = new MetricRecorder();
            (await edge.PostAsync(key, "/v1/chat/completions", Fast)).Dispose();
            await Eventually.IsTrueAsync(() => metrics.Tags.Contains($"cencori.edge.shadows result={(start == 0 ? "answered" : "refused")}"));
        }

        Assert.Equal(1, copies);
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        RunDirectory.Delete(directory);
    }

    private async Task<(string ProjectId, string Key, Account[] Accounts)> CreateAsync(decimal share, decimal monthly, params Func<ReceivedRequest, ScriptedResponse, Task>[] scripts)
    {
        var created = await fleet.CreateProvidersAsync(scripts);
        await fleet.Edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{created.ProjectId}/prices", new
        {
            prices = new object[]
            {
                new { provider = "openai", model = ModelOf(0), input = 0, output = 0, from = "2026-01-01" },
                new { provider = "groq", model = ModelOf(1), input = 0.001m, output = 1000m, from = "2026-01-01" },
            },
        });
        await fleet.SetRouteAsync(created.ProjectId, "fast", new JsonObject
        {
            ["groups"] = new JsonArray(Group(Target(0))),
            ["shadow"] = new JsonObject { ["model"] = $"groq/{ModelOf(1)}", ["share"] = share, ["monthly_usd"] = monthly },
        });
        return created;
    }

    private async Task AssertPagesLeadToEachOtherAsync(string project, string request)
    {
        var slug = (string)(await fleet.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}"))["project"]!["slug"]!;
        using var client = await PageClient.SignedInAsync(fleet.Edge);
        await client.GetAsync($"/dashboard/p/{slug}/logs/{request}");
        await client.GetAsync(client.Document.QuerySelectorAll("dl.facts a").Single(link => link.TextContent == "The shadow copy at another model").GetAttribute("href")!);
        Assert.Contains("Shadow: answered in", client.Text);
        await client.GetAsync(client.Document.QuerySelectorAll("dl.facts a").Single(link => link.TextContent == "The original request").GetAttribute("href")!);
        Assert.Contains("Answered in", client.Text);
    }
}
