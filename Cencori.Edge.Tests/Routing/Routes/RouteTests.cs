using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Cencori.Edge.Routing.Health;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;
using Cencori.Edge.Tests.Records;
using static Cencori.Edge.Tests.Routing.FleetEdge;
using static Cencori.Edge.Tests.Routing.RouteFleet;

namespace Cencori.Edge.Tests.Routing.Routes;

/// <summary>A project's own name for a model: where its requests go.</summary>
public sealed class RouteTests(RouteFleet fleet) : IClassFixture<RouteFleet>
{
    private static readonly string Fast = ScriptedEdge.ChatOf("fast");

    [Fact]
    public async Task The_first_working_group_responds_and_each_target_gets_its_own_model_address_and_credential()
    {
        var (project, key, accounts) = await fleet.CreateRouteAsync(null, Refuse(500, ("Retry-After", "7")), RespondOk());
        using var response = await fleet.ChatAsync(key, Fast);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(("groq", "model-of-groq", "fast", "2", "server_error"), (Header(response, "x-cencori-provider"), Header(response, "x-cencori-model"), Header(response, "x-cencori-route"), Header(response, "x-cencori-attempts"), Header(response, "x-cencori-fallback")));
        Assert.False(response.Headers.Contains("Retry-After"));
        var (first, second) = (accounts[0].Requests.Single(), accounts[1].Requests.Single());
        Assert.Equal(("/v1/chat/completions", "/openai/v1/chat/completions"), (first.Target, second.Target));
        Assert.Equal(("model-of-openai", "model-of-groq"), (ModelIn(first), ModelIn(second)));
        Assert.DoesNotContain(accounts[0].Secret, Encoding.Latin1.GetString(second.Body.Span) + string.Join('\n', second.Headers.Select(header => header.Value)), StringComparison.Ordinal);

        var record = Assert.Single(await fleet.Edge.RowsOfAsync(project, 1));
        Assert.Equal(("groq", "fast", "model-of-groq"), (record.Provider, record.ModelAsked, record.ModelServed));
        Assert.Equal(["openai/model-of-openai", "groq/model-of-groq"], record.Attempts!.Select(attempt => attempt.Target));
    }

    [Fact]
    public async Task The_report_shows_the_cost_and_benefit_of_fallbacks()
    {
        var (project, key, accounts) = await fleet.CreateRouteAsync(null, RespondOk(), RespondOk());
        await fleet.Edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{project}/prices", Prices((0, 1, 10), (1, 2, 20)));
        (await fleet.ChatAsync(key, Fast)).Dispose();
        foreach (var script in (Func<ReceivedRequest, ScriptedResponse, Task>[])[Refuse(500), Reset(), Refuse(422)])
        {
            accounts[0].Script = script;
            (await fleet.ChatAsync(key, Fast)).Dispose();
        }

        var records = await fleet.Edge.RowsOfAsync(project, 4);
        var report = await fleet.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/routes/fast/report");
        Assert.Equal((4, 1, 2, 1), ((int)report["requests"]!, (int)report["answered_by_first"]!, (int)report["saved"]!, (int)report["failed"]!));
        Assert.Equal("""{"server_error":2}""", report["fallbacks"]!.ToJsonString());
        var extra = records.Single(record => record.Attempts is [{ Status: null }, _]).Attempts![0].CostUsd!.Value;
        Assert.Equal((records.Sum(record => record.CostUsd), extra, true), ((decimal)report["cost_usd"]!, (decimal)report["extra_cost_usd"]!, (bool)report["is_at_least"]!));
        Assert.Equal(["openai/model-of-openai 4 1", "groq/model-of-groq 2 2"], report["targets"]!.AsArray().Select(target => $"{target!["model"]} {target["attempts"]} {target["good"]}"));

        var logs = await fleet.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/logs?route=fast&status=success_fallback");
        Assert.All(logs["requests"]!.AsArray(), log => Assert.Equal(("fast", "server_error", 1), ((string?)log!["route"], (string?)log["fallback"], (int)log["retries"]!)));
        Assert.Equal(2, logs["requests"]!.AsArray().Count);
    }

    [Fact]
    public async Task A_report_that_ends_at_the_earliest_time_is_empty()
    {
        var (project, _, _) = await fleet.CreateRouteAsync(null, RespondOk());
        Assert.Equal(0, (int)(await fleet.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/routes/fast/report?to=0001-01-01T01:00:00Z"))["requests"]!);
        using var response = await fleet.Edge.Admin.GetAsync($"/api/projects/{project}/routes/fast/report?to=0001-01-01T00:00:00Z");
        Assert.Equal(400, (int)response.StatusCode);
    }

    [Fact]
    public async Task If_all_targets_fail_the_caller_gets_the_last_response_unchanged()
    {
        var (_, key, accounts) = await fleet.CreateRouteAsync(null, Refuse(500), Refuse(500), Refuse(422));
        using var response = await fleet.ChatAsync(key, Fast);
        Assert.Equal((422, "no"), ((int)response.StatusCode, (string?)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["error"]!["message"]));
        Assert.Equal([1, 1, 1], accounts.Select(account => account.Count));
    }

    [Fact]
    public async Task The_routes_number_of_attempts_is_a_limit()
    {
        var (_, key, accounts) = await fleet.CreateRouteAsync(new JsonObject { ["attempts"] = 2 }, Refuse(500), Refuse(500), RespondOk());
        using var response = await fleet.ChatAsync(key, Fast);
        Assert.Equal((500, "2"), ((int)response.StatusCode, Header(response, "x-cencori-attempts")));
        Assert.Equal([1, 1, 0], accounts.Select(account => account.Count));
    }

    [Fact]
    public async Task A_caller_can_switch_off_fallback_or_name_a_provider()
    {
        var (_, key, accounts) = await fleet.CreateRouteAsync(null, Refuse(500), RespondOk());
        using var response = await fleet.ChatAsync(key, Fast, ("X-Cencori-Fallback", "off"));
        Assert.Equal(500, (int)response.StatusCode);
        using var named = await fleet.ChatAsync(key, Fast, ("X-Cencori-Provider", "groq"));
        Assert.Equal((200, "groq", "fast"), ((int)named.StatusCode, Header(named, "x-cencori-provider"), Header(named, "x-cencori-route")));
        Assert.Equal([1, 1], accounts.Select(account => account.Count));

        using var absent = await fleet.ChatAsync(key, Fast, ("X-Cencori-Provider", "mistral"));
        Assert.Contains("has no target with the provider 'mistral'", await absent.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(400, (int)absent.StatusCode);
    }

    [Theory]
    [InlineData("never", 502, 1, 0)]
    [InlineData("once", 200, 1, 1)]
    public async Task After_an_uncertain_outcome_the_route_decides_whether_another_target_is_asked(string uncertain, int status, int first, int second)
    {
        var (project, key, accounts) = await fleet.CreateRouteAsync(new JsonObject { ["uncertain"] = uncertain }, Reset(), RespondOk());
        await fleet.Edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{project}/prices", Prices((0, 1, 10), (1, 2, 20)));
        using var response = await fleet.ChatAsync(key, Fast);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal([first, second], accounts.Select(account => account.Count));
        var record = Assert.Single(await fleet.Edge.RowsOfAsync(project, 1));
        Assert.Equal(record.CostUsd, record.Attempts!.Sum(attempt => attempt.CostUsd));
        Assert.True(record.Attempts![0] is { Estimated: true, CostUsd: > 0 }, "A request that may have been processed must have a cost.");
        if (second == 1)
        {
            Assert.Equal(("server_error", 3 * 2e-6m + 1 * 20e-6m), (Header(response, "x-cencori-fallback"), record.Attempts[1].CostUsd!.Value));
        }
    }

    [Fact]
    public async Task A_request_that_was_reset_twice_is_not_sent_a_third_time()
    {
        var (_, key, accounts) = await fleet.CreateRouteAsync(null, Reset(), Reset(), RespondOk());
        using var response = await fleet.ChatAsync(key, Fast);
        Assert.Equal(502, (int)response.StatusCode);
        Assert.Equal([1, 1, 0], accounts.Select(account => account.Count));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_stream_that_is_silent_for_too_long_is_started_at_another_target(bool hasHead)
    {
        var (_, key, accounts) = await fleet.CreateRouteAsync(new JsonObject { ["first_byte_seconds"] = 1 }, Silent(hasHead), Streamed());
        using var response = await fleet.ChatAsync(key, ScriptedEdge.StreamedChat.Replace("gpt-4o", "fast", StringComparison.Ordinal));
        var text = await response.Content.ReadAsStringAsync();
        Assert.Equal((200, "timeout"), ((int)response.StatusCode, Header(response, "x-cencori-fallback")));
        Assert.Contains("\"hi\"", text, StringComparison.Ordinal);
        Assert.EndsWith("data: [DONE]\n\n", text, StringComparison.Ordinal);
        Assert.Equal([1, 1], accounts.Select(account => account.Count));
    }

    [Fact]
    public async Task A_target_that_is_silent_after_its_head_is_disconnected_at_once()
    {
        // Without the abort, the HTTP client would drain the response for two seconds.
        await LatencyLimit.IsMetAsync(TimeSpan.FromSeconds(1), async () =>
        {
            var (_, key, accounts) = await fleet.CreateRouteAsync(new JsonObject { ["first_byte_seconds"] = 1 }, Silent(hasHead: true), RespondOk());
            using var response = await fleet.ChatAsync(key, ScriptedEdge.StreamedChat.Replace("gpt-4o", "fast", StringComparison.Ordinal));
            var answered = TimeProvider.System.GetTimestamp();
            Assert.Equal(200, (int)response.StatusCode);
            return TimeProvider.System.GetElapsedTime(answered, await accounts[0].Requests.Single().Aborted.WaitAsync(Eventually.Timeout, TimeProvider.System));
        });
    }

    [Fact]
    public async Task A_caller_who_leaves_a_silent_stream_puts_no_target_into_cool_down()
    {
        var (project, key, accounts) = await fleet.CreateRouteAsync(new JsonObject { ["first_byte_seconds"] = 30 }, Silent(hasHead: true), RespondOk());
        for (var callers = 1; callers <= Cooling.FailuresToOpen; callers++)
        {
            using var client = await RawClient.ConnectAsync(fleet.Edge);
            await client.PostAsync(key, "/v1/chat/completions", ScriptedEdge.StreamedChat.Replace("gpt-4o", "fast", StringComparison.Ordinal));
            await Eventually.IsTrueAsync(() => accounts[0].Count == callers);
            await RealTime.PassesAsync(TimeSpan.FromMilliseconds(50), "The edge must have the head of the response, and nothing shows that outside.");
            client.Reset();
            await Eventually.IsTrueAsync(() => accounts[0].Requests.Last().Aborted.IsCompleted);
        }

        var records = await fleet.Edge.RowsOfAsync(project, Cooling.FailuresToOpen);
        Assert.All(records, record => Assert.Equal(RequestOutcome.Cancelled, record.Outcome));
        Assert.Empty(await fleet.ListCoolDownsAsync(project));
        Assert.Equal(0, accounts[1].Count);
    }

    [Fact]
    public async Task The_last_target_has_no_first_byte_timeout()
    {
        var (_, key, accounts) = await fleet.CreateRouteAsync(new JsonObject { ["first_byte_seconds"] = 1 }, Refuse(503), async (request, response) =>
        {
            await response.PauseAsync(TimeSpan.FromSeconds(2));
            await Streamed()(request, response);
        });
        using var edgeResponse = await fleet.ChatAsync(key, ScriptedEdge.StreamedChat.Replace("gpt-4o", "fast", StringComparison.Ordinal));
        Assert.Contains("\"hi\"", await edgeResponse.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal([1, 1], accounts.Select(account => account.Count));
    }

    [Fact]
    public async Task If_all_targets_say_to_wait_a_short_time_the_request_waits()
    {
        var (project, key, accounts) = await fleet.CreateRouteAsync(new JsonObject { ["max_wait_seconds"] = 5 }, Refuse(429, ("retry-after-ms", "3000")), Refuse(429, ("retry-after-ms", "90000")));
        using var refused = await fleet.ChatAsync(key, Fast);
        Assert.Equal(429, (int)refused.StatusCode);
        accounts[0].Script = RespondOk();
        using var response = await fleet.ChatAsync(key, Fast);
        Assert.Equal((200, "openai"), ((int)response.StatusCode, Header(response, "x-cencori-provider")));
        Assert.Equal([2, 1], accounts.Select(account => account.Count));

        // The wait does not count as the edge's own time.
        var record = (await fleet.Edge.RowsOfAsync(project, 2)).OrderBy(row => row.StartedAt).Last();
        Assert.True(record.DurationMicroseconds - record.EdgeMicroseconds > 500_000, $"{record.EdgeMicroseconds} of {record.DurationMicroseconds} µs are the edge's.");
    }

    [Fact]
    public async Task Of_many_waiting_requests_one_is_the_probe_and_none_goes_before_it()
    {
        var (_, key, accounts) = await fleet.CreateRouteAsync(new JsonObject { ["max_wait_seconds"] = 10 }, Refuse(429, ("retry-after-ms", "1500")), Refuse(429, ("retry-after-ms", "90000")));
        (await fleet.ChatAsync(key, Fast)).Dispose();
        var waiting = Enumerable.Range(0, 20).Select(_ => fleet.ChatAsync(key, Fast)).ToList();
        var released = new TaskCompletionSource();
        accounts[0].Script = async (request, response) =>
        {
            await released.Task;
            await RespondOk()(request, response);
        };
        await Eventually.IsTrueAsync(() => accounts[0].Count == 2);
        Assert.Equal([2, 1], accounts.Select(account => account.Count));
        released.SetResult();
        foreach (var edgeResponse in await Task.WhenAll(waiting))
        {
            Assert.Equal(200, (int)edgeResponse.StatusCode);
            edgeResponse.Dispose();
        }
    }

    [Fact]
    public async Task A_stream_with_only_comments_counts_as_silent()
    {
        var (project, key, accounts) = await fleet.CreateRouteAsync(new JsonObject { ["first_byte_seconds"] = 2 }, async (_, response) =>
        {
            await response.SendHeadAsync(200, ("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"));
            await response.SendChunkAsync(": PROCESSING\n\n");
            await response.WaitForAbortAsync();
        }, Streamed());
        await fleet.Edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{project}/prices", Prices((0, 1, 10), (1, 2, 20)));
        using var edgeResponse = await fleet.ChatAsync(key, ScriptedEdge.StreamedChat.Replace("gpt-4o", "fast", StringComparison.Ordinal));
        Assert.Contains("\"hi\"", await edgeResponse.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal([1, 1], accounts.Select(account => account.Count));

        // An abandoned attempt costs its input, but no output, because the caller has received none.
        var record = Assert.Single(await fleet.Edge.RowsOfAsync(project, 1));
        Assert.InRange(record.Attempts![0].CostUsd!.Value, 0.000001m, 0.0005m);
    }

    [Fact]
    public async Task Requests_that_store_responses_stay_with_the_first_target()
    {
        var (_, key, accounts) = await fleet.CreateRouteAsync(null, Refuse(503), RespondOk());
        using var response = await fleet.Edge.PostAsync(key, "/v1/responses", """{"model":"fast","input":"x"}""");
        Assert.Equal(503, (int)response.StatusCode);
        Assert.Equal([1, 0], accounts.Select(account => account.Count));
    }

    private static Func<ReceivedRequest, ScriptedResponse, Task> Silent(bool hasHead) => async (_, response) =>
    {
        if (hasHead)
        {
            await response.SendHeadAsync(200, ("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"));
        }

        await response.WaitForAbortAsync();
    };

    private static Func<ReceivedRequest, ScriptedResponse, Task> Streamed() => async (_, response) =>
    {
        await response.SendHeadAsync(200, ("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"));
        await response.SendChunkAsync("data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hi\"}}]}\n\ndata: [DONE]\n\n");
        await response.EndChunksAsync();
    };

    private static object Prices(params (int Place, decimal Input, decimal Output)[] prices) => new
    {
        prices = prices.Select(price => new { provider = Names[price.Place], model = ModelOf(price.Place), input = price.Input, output = price.Output, from = "2026-01-01" }),
    };

    private static string ModelIn(ReceivedRequest request) => (string)JsonNode.Parse(request.Body.Span)!["model"]!;
}
