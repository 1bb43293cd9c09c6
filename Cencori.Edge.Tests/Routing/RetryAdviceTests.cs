using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text;
using Cencori.Edge.Routing.Health;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;
using Cencori.Edge.Tests.Wire;
using OpenAI;
using static Cencori.Edge.Tests.Routing.FleetEdge;

namespace Cencori.Edge.Tests.Routing;

/// <summary>Which headers about retries the edge sends if a project has several targets. Official clients must follow them.</summary>
public sealed class RetryAdviceTests(FleetEdge fleet) : IClassFixture<FleetEdge>
{
    [Fact]
    public async Task If_all_targets_refuse_the_Retry_After_is_the_time_until_the_first_is_free()
    {
        var (_, key, accounts) = await fleet.CreateAsync(Refuse(429, ("retry-after-ms", "20000")), Refuse(429, ("Retry-After", "200"), ("x-should-retry", "false")));
        using var last = await fleet.ChatAsync(key);
        using var without = await fleet.ChatAsync(key);
        foreach (var response in (HttpResponseMessage[])[last, without])
        {
            Assert.Equal((429, "true", "provider"), ((int)response.StatusCode, Header(response, "x-should-retry"), Header(response, "X-Cencori-Limited-By")));
            Assert.InRange(int.Parse(Header(response, "retry-after-ms")!, null), 15_000, 22_000);
            Assert.InRange(response.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 15, 22);
        }

        Assert.Null((string?)(await ErrorOf(last))["code"]);
        Assert.Equal("PROVIDER_RATE_LIMITED", (string?)(await ErrorOf(without))["code"]);
        Assert.Equal([1, 1], accounts.Select(account => account.Count));
    }

    [Fact]
    public async Task If_that_time_is_long_clients_decide_about_retrying()
    {
        var (_, key, _) = await fleet.CreateAsync(Refuse(429, ("Retry-After", "200")), Refuse(429, ("Retry-After", "250")));
        for (var request = 0; request < 2; request++)
        {
            using var response = await fleet.ChatAsync(key);
            Assert.Null(Header(response, "x-should-retry"));
            Assert.InRange(response.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 190, 221);
        }
    }

    [Fact]
    public async Task A_request_that_can_be_sent_only_once_may_be_retried_at_once_elsewhere()
    {
        var (_, key, _) = await fleet.CreateAsync(Refuse(429, ("Retry-After", "200")), RespondOk());
        using var form = new ByteArrayContent(Encoding.UTF8.GetBytes("--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n--b--\r\n"));
        form.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=b");
        using var response = await fleet.Edge.SendAsync(key, HttpMethod.Post, "/v1/audio/transcriptions", form);
        Assert.Equal((429, "true", "1"), ((int)response.StatusCode, Header(response, "x-should-retry"), Header(response, "retry-after-ms")));
    }

    [Fact]
    public async Task The_native_endpoint_has_the_same_time_in_its_body()
    {
        var (_, key, _) = await fleet.CreateAsync(Refuse(429, ("retry-after-ms", "20000")), Refuse(429, ("Retry-After", "200")));
        using var response = await fleet.Edge.PostAsync(key, "/api/ai/chat", ScriptedEdge.Chat);
        Assert.Equal(429, (int)response.StatusCode);
        Assert.InRange((long)System.Text.Json.Nodes.JsonNode.Parse(await response.Content.ReadAsStringAsync())!["retry_after_ms"]!, 15_000, 22_000);
    }

    [Fact]
    public async Task With_one_credential_only_the_providers_own_advice_counts()
    {
        var (_, key, _) = await fleet.CreateAsync(Say(429, """{"error":{"message":"try again in 5s"}}""", ("x-ratelimit-remaining-requests", "0"), ("x-ratelimit-reset-requests", "7s")));
        using var response = await fleet.ChatAsync(key);
        Assert.Equal((null, null, null), (Header(response, "x-should-retry"), Header(response, "retry-after-ms"), response.Headers.RetryAfter));
    }

    [Fact]
    public async Task A_first_failure_without_a_retry_by_the_edge_may_be_retried_by_clients()
    {
        var (_, key, _) = await fleet.CreateAsync(Reset(), RespondOk());
        using var response = await fleet.ChatAsync(key);
        Assert.Equal((502, null), ((int)response.StatusCode, Header(response, "x-should-retry")));
    }

    [Fact]
    public async Task Failures_that_start_a_cool_down_may_be_retried_but_not_those_of_a_target_in_cool_down()
    {
        var (_, key, accounts) = await fleet.CreateAsync(Reset(), Refuse(401));
        for (var request = 1; request <= Cooling.FailuresToOpen; request++)
        {
            using var failed = await fleet.ChatAsync(key);
            Assert.Equal((502, null), ((int)failed.StatusCode, Header(failed, "x-should-retry")));
        }

        (await fleet.ChatAsync(key)).Dispose();
        using var last = await fleet.ChatAsync(key);
        Assert.Equal(("PROVIDER_ERROR", "false"), ((string?)(await ErrorOf(last))["code"], Header(last, "x-should-retry")));
        Assert.Equal([Cooling.FailuresToOpen + 1, 1], accounts.Select(account => account.Count));
    }

    [Fact]
    public async Task A_failure_after_a_retry_by_the_edge_must_not_be_retried()
    {
        var (_, key, accounts) = await fleet.CreateAsync(Refuse(500), Reset());
        using var response = await fleet.ChatAsync(key);
        Assert.Equal((502, "false"), ((int)response.StatusCode, Header(response, "x-should-retry")));
        Assert.Equal([1, 1], accounts.Select(account => account.Count));
    }

    [Fact]
    public async Task OpenAIs_NET_client_retries_when_the_first_target_is_free()
    {
        var (_, key, accounts) = await fleet.CreateAsync(Refuse(429, ("retry-after-ms", "300")), Refuse(429, ("Retry-After", "250")));
        accounts[0].Script = FirstThen(Refuse(429, ("retry-after-ms", "300")), RespondOk());
        var client = new OpenAIClient(new ApiKeyCredential(key), new OpenAIClientOptions { Endpoint = new Uri(fleet.Edge.Address, "/v1"), RetryPolicy = new ClientRetryPolicy(maxRetries: 1) }).GetChatClient("gpt-4o");
        var began = TimeProvider.System.GetTimestamp();
        var response = await client.CompleteChatAsync("Hello!");
        Assert.Equal("hi", response.Value.Content[0].Text);
        Assert.InRange(TimeProvider.System.GetElapsedTime(began).TotalSeconds, 0.3, 60);
        Assert.Equal([2, 1], accounts.Select(account => account.Count));
    }

    [NodeFact(NodeScript.Directory, "openai")]
    public async Task OpenAIs_JavaScript_client_does_not_repeat_the_edges_retries_and_waits_as_told()
    {
        var (_, failing, failed) = await fleet.CreateAsync(Refuse(500), Refuse(500));
        var (_, waiting, waited) = await fleet.CreateAsync(FirstThen(Refuse(429, ("retry-after-ms", "300")), RespondOk()), Refuse(429, ("Retry-After", "250"), ("x-should-retry", "false")));
        var ends = await NodeScript.RunAsync<Told>("retries.mjs", new() { ["EDGE_URL"] = $"{fleet.Edge.Address}v1", ["FAILING_KEY"] = failing, ["WAITING_KEY"] = waiting });
        Assert.Equal([new("failing", 500), new("waiting", 200)], ends);
        Assert.Equal([1, 1, 2, 1], failed.Concat(waited).Select(account => account.Count));
    }

    private static Func<ReceivedRequest, ScriptedResponse, Task> FirstThen(Func<ReceivedRequest, ScriptedResponse, Task> first, Func<ReceivedRequest, ScriptedResponse, Task> then)
    {
        var count = 0;
        return (request, response) => (Interlocked.Increment(ref count) == 1 ? first : then)(request, response);
    }

    private sealed record Told(string Name, int Status);
}
