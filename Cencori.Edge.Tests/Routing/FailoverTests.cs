using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;
using Cencori.Edge.Tests.Records;
using static Cencori.Edge.Tests.Routing.FleetEdge;

namespace Cencori.Edge.Tests.Routing;

/// <summary>Several credentials of one provider: what refusals and failures mean for this request and for later ones.</summary>
public sealed class FailoverTests(FleetEdge fleet) : IClassFixture<FleetEdge>
{
    [Theory]
    [InlineData(429, "rate_limited")]
    [InlineData(401, "auth")]
    [InlineData(403, "auth")]
    [InlineData(404, "not_found")]
    [InlineData(500, "server_error")]
    [InlineData(503, "server_error")]
    [InlineData(529, "server_error")]
    public async Task A_refusal_or_failure_moves_on_to_the_next_credential_and_the_caller_sees_only_that_response(int status, string reason)
    {
        var (project, key, accounts) = await fleet.CreateAsync(Refuse(status, ("X-Request-Id", "of-the-first")), RespondOk());
        using var response = await fleet.ChatAsync(key);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("hi", (string?)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["choices"]![0]!["message"]!["content"]);
        Assert.Equal(("openai", "gpt-4o", "2", reason), (Header(response, "x-cencori-provider"), Header(response, "x-cencori-model"), Header(response, "x-cencori-attempts"), Header(response, "x-cencori-fallback")));
        Assert.False(response.Headers.Contains("x-cencori-provider-request-id"));
        Assert.Equal([1, 1], accounts.Select(account => account.Count));
        Assert.True(accounts[0].Requests.Single().Body.Span.SequenceEqual(accounts[1].Requests.Single().Body.Span));

        var record = Assert.Single(await fleet.Edge.RowsOfAsync(project, 1));
        Assert.Equal([("passed_over", status), ("completed", 200)], record.Attempts!.Select(attempt => (attempt.Outcome, attempt.Status!.Value)));
        Assert.Equal(accounts[1].Secret[^4..], record.CredentialHint);
        Assert.Equal((3, 1), (record.PromptTokens, record.CompletionTokens));
        Assert.Equal((RequestOutcome.SuccessFallback, 1), (record.Outcome, record.Retries));
        Assert.Equal([0m, record.CostUsd], record.Attempts!.Select(attempt => attempt.CostUsd));
    }

    [Theory]
    [InlineData(429)]
    [InlineData(401)]
    [InlineData(404)]
    public async Task A_credential_that_refused_is_not_asked_by_the_next_request(int status)
    {
        var (_, key, accounts) = await fleet.CreateAsync(Refuse(status, ("Retry-After", "30")), RespondOk());
        for (var request = 0; request < 5; request++)
        {
            using var response = await fleet.ChatAsync(key);
            Assert.Equal((200, request == 0 ? "2" : "1"), ((int)response.StatusCode, Header(response, "x-cencori-attempts")));
        }

        Assert.Equal([1, 5], accounts.Select(account => account.Count));
    }

    [Fact]
    public async Task Refusals_of_a_model_concern_only_that_model_and_refusals_of_a_credential_every_model()
    {
        var (_, key, accounts) = await fleet.CreateAsync(Refuse(429), Refuse(401), RespondOk());
        (await fleet.ChatAsync(key)).Dispose();
        Assert.Equal([1, 1, 1], accounts.Select(account => account.Count));
        (await fleet.ChatAsync(key, ScriptedEdge.ChatOf("gpt-4o-mini"))).Dispose();
        Assert.Equal([2, 1, 2], accounts.Select(account => account.Count));
    }

    [Theory]
    [InlineData(400)]
    [InlineData(409)]
    [InlineData(413)]
    [InlineData(422)]
    public async Task An_error_of_the_request_itself_is_returned_at_once_and_starts_no_cool_down(int status)
    {
        var (_, key, accounts) = await fleet.CreateAsync(Refuse(status), RespondOk());
        for (var request = 0; request < 3; request++)
        {
            using var response = await fleet.ChatAsync(key);
            Assert.Equal(status, (int)response.StatusCode);
        }

        Assert.Equal([3, 0], accounts.Select(account => account.Count));
    }

    [Fact]
    public async Task A_content_refusal_for_one_caller_takes_no_credential_from_other_callers()
    {
        var (_, key, accounts) = await fleet.CreateAsync(Refuse(403), Refuse(403));
        using var response = await fleet.ChatAsync(key);
        Assert.Equal(403, (int)response.StatusCode);
        Assert.Equal([1, 1], accounts.Select(account => account.Count));

        accounts[0].Script = RespondOk();
        using var other = await fleet.ChatAsync(key);
        Assert.Equal((200, "1"), ((int)other.StatusCode, Header(other, "x-cencori-attempts")));
    }

    [Fact]
    public async Task Failover_after_refusals_uses_up_no_attempts()
    {
        var (_, key, accounts) = await fleet.CreateAsync(Refuse(401), Refuse(401), Refuse(401), Refuse(401), Refuse(401), RespondOk());
        using var response = await fleet.ChatAsync(key);
        Assert.Equal((200, "6"), ((int)response.StatusCode, Header(response, "x-cencori-attempts")));
        Assert.All(accounts, account => Assert.Equal(1, account.Count));
    }

    [Fact]
    public async Task If_all_targets_say_to_wait_the_last_response_is_returned_and_later_requests_are_refused_by_the_edge()
    {
        var (project, key, accounts) = await fleet.CreateAsync(Refuse(429, ("Retry-After", "280")), Refuse(429, ("retry-after-ms", "200000")));
        using var first = await fleet.ChatAsync(key);
        Assert.Equal((429, "provider"), ((int)first.StatusCode, Header(first, "X-Cencori-Limited-By")));

        using var second = await fleet.ChatAsync(key);
        var error = JsonNode.Parse(await second.Content.ReadAsStringAsync())!["error"]!;
        Assert.Equal((429, "PROVIDER_RATE_LIMITED", "rate_limit_error"), ((int)second.StatusCode, (string?)error["code"], (string?)error["type"]));
        Assert.InRange(second.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 100, 221);
        Assert.Equal([1, 1], accounts.Select(account => account.Count));
        var rows = await fleet.Edge.RowsOfAsync(project, 2);
        Assert.Equal("PROVIDER_RATE_LIMITED", rows.Single(row => row.Attempts is null).ErrorCode);
    }

    [Fact]
    public async Task If_all_credentials_are_refused_the_caller_gets_the_same_error_as_with_one()
    {
        var (_, key, accounts) = await fleet.CreateAsync(Refuse(401), Refuse(401));
        for (var request = 1; request <= 2; request++)
        {
            using var response = await fleet.ChatAsync(key);
            Assert.Equal((502, "PROVIDER_AUTH_FAILED"), ((int)response.StatusCode, (string?)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["error"]!["code"]));
        }

        Assert.Equal(3, accounts.Sum(account => account.Count));
    }

    [Theory]
    [InlineData("google", "gemini-2.5-flash", 1, """[{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT"}}]""")]
    [InlineData("google", "gemini-2.5-flash", 2, """[{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT"}}]""")]
    [InlineData("google", "gemini-2.5-flash", 1, """{"error":{"code":400,"message":"API key expired.","details":[{"reason":"API_KEY_INVALID"}]}}""")]
    [InlineData("xai", "grok-4", 1, """{"code":"Client specified an invalid argument","error":"Incorrect API key provided: sk***"}""")]
    public async Task A_credential_that_is_refused_with_400_gives_the_same_error_as_with_401(string provider, string model, int credentials, string body)
    {
        var before = fleet.Edge.Logs.Lines.Count;
        var (_, key, _) = await fleet.CreateAsync(provider, isRanked: true, [.. Enumerable.Repeat(Say(400, body), credentials)]);
        using var response = await fleet.ChatAsync(key, ScriptedEdge.ChatOf(model));
        var error = await ErrorOf(response);
        Assert.Equal((502, "PROVIDER_AUTH_FAILED"), ((int)response.StatusCode, (string?)error["code"]));
        Assert.DoesNotContain("API key", (string)error["message"]!, StringComparison.Ordinal);
        Assert.Contains(fleet.Edge.Logs.Lines.Skip(before), line => line.EventName == "CredentialRefused");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Another_400_of_a_provider_that_refuses_credentials_with_400_passes_unchanged(int credentials)
    {
        const string Body = """[ {"error":{"code":400,"message":"Invalid value: API key not valid","status":"INVALID_ARGUMENT"}} ]""";
        var (_, key, _) = await fleet.CreateAsync("google", isRanked: true, [.. Enumerable.Repeat(Say(400, Body), credentials)]);
        using var response = await fleet.ChatAsync(key, ScriptedEdge.ChatOf("gemini-2.5-flash"));
        Assert.Equal((400, Body), ((int)response.StatusCode, await response.Content.ReadAsStringAsync()));
    }

    [Fact]
    public async Task A_request_that_may_have_been_processed_is_never_sent_twice()
    {
        var (project, key, accounts) = await fleet.CreateAsync(Reset(), RespondOk());
        using var response = await fleet.ChatAsync(key);
        Assert.Equal((502, "1"), ((int)response.StatusCode, Header(response, "x-cencori-attempts")));
        Assert.Equal([1, 0], accounts.Select(account => account.Count));
        Assert.True(Assert.Single(await fleet.Edge.RowsOfAsync(project, 1)).CostUsd > 0);
    }

    [Fact]
    public async Task An_unreachable_address_is_followed_by_the_next_credential()
    {
        var (project, key, accounts) = await fleet.CreateAsync(RespondOk(), RespondOk());
        using var closed = new TcpListener(IPAddress.Loopback, 0);
        closed.Start();
        var nowhere = closed.LocalEndpoint;
        closed.Stop();
        await fleet.Edge.SendAdminAsync(HttpMethod.Post, $"/api/projects/{project}/provider-keys", new { provider = "openai", apiKey = accounts[0].Secret, name = "account 0", baseUrl = $"http://{nowhere}/v1" });
        using var response = await fleet.ChatAsync(key);
        Assert.Equal((200, "2", "server_error"), ((int)response.StatusCode, Header(response, "x-cencori-attempts"), Header(response, "x-cencori-fallback")));
        Assert.Equal([0, 1], accounts.Select(account => account.Count));
        Assert.Equal("never_sent", Assert.Single(await fleet.Edge.RowsOfAsync(project, 1)).Attempts![0].Outcome);
    }

    [Fact]
    public async Task A_stream_after_a_refusal_is_one_complete_stream()
    {
        var (_, key, accounts) = await fleet.CreateAsync(Refuse(429), Events(Hi));
        using var response = await fleet.ChatAsync(key, ScriptedEdge.StreamedChat);
        Assert.Equal("2", Header(response, "x-cencori-attempts"));
        Assert.Equal(2, (await response.Content.ReadAsStringAsync()).Split("data: ").Length - 1);
        Assert.Equal([1, 1], accounts.Select(account => account.Count));
    }

    [Theory]
    [InlineData("data: {\"error\":{\"message\":\"overloaded\",\"type\":\"server_error\"}}\n\n")]
    [InlineData("data: {\"id\":\"a\",\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\ndata: {\"error\":{\"message\":\"x\"}}\n\ndata: [DONE]\n\n")]
    [InlineData("")]
    public async Task A_stream_with_only_an_error_fails_over_and_its_possible_cost_is_recorded(string events)
    {
        var (project, key, accounts) = await fleet.CreateAsync(Events(events), Events(Hi));
        using var response = await fleet.ChatAsync(key, ScriptedEdge.StreamedChat);
        var text = await response.Content.ReadAsStringAsync();
        Assert.Equal(("2", "stream_error"), (Header(response, "x-cencori-attempts"), Header(response, "x-cencori-fallback")));
        Assert.Equal(Hi, text);
        Assert.Equal([1, 1], accounts.Select(account => account.Count));
        var record = Assert.Single(await fleet.Edge.RowsOfAsync(project, 1));
        Assert.Equal([("passed_over", true), ("completed", true)], record.Attempts!.Select(attempt => (attempt.Outcome, attempt.CostUsd > 0)));
        Assert.True(record.IsEstimated);
        Assert.Equal(record.Attempts!.Sum(attempt => attempt.CostUsd), record.CostUsd);
    }

    [Fact]
    public async Task A_stream_with_content_is_never_continued_by_another_target()
    {
        var (_, key, accounts) = await fleet.CreateAsync(Events(Hi.Replace("data: [DONE]\n\n", "", StringComparison.Ordinal) + "data: {\"error\":{\"message\":\"x\"}}\n\n"), Events(Hi));
        using var response = await fleet.ChatAsync(key, ScriptedEdge.StreamedChat);
        Assert.Contains("\"error\"", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal([1, 0], accounts.Select(account => account.Count));
    }

    [Fact]
    public async Task D5_A_fallback_that_also_fails_before_any_content_is_an_HTTP_error()
    {
        const string Error = "data: {\"error\":{\"message\":\"mine\"}}\n\n";
        var (project, key, accounts) = await fleet.CreateAsync(Events(Error.Replace("mine", "first", StringComparison.Ordinal)), Events(Error));
        using var response = await fleet.ChatAsync(key, ScriptedEdge.StreamedChat);
        var error = await ErrorOf(response);
        Assert.Equal((502, "application/json", "PROVIDER_ERROR"), ((int)response.StatusCode, response.Content.Headers.ContentType!.MediaType, (string?)error["code"]));
        Assert.EndsWith(": mine", (string)error["message"]!, StringComparison.Ordinal);
        Assert.Equal("false", Header(response, "x-should-retry"));
        Assert.Equal([1, 1], accounts.Select(account => account.Count));
        var record = Assert.Single(await fleet.Edge.RowsOfAsync(project, 1));
        Assert.Equal([("passed_over", true), ("replaced", true)], record.Attempts!.Select(attempt => (attempt.Outcome, attempt.CostUsd > 0)));
    }

    [Fact]
    public async Task A_stream_that_ends_before_any_content_is_an_HTTP_error()
    {
        var (_, key, _) = await fleet.CreateAsync(Refuse(429), Events(""));
        using var response = await fleet.ChatAsync(key, ScriptedEdge.StreamedChat);
        Assert.Equal((502, "PROVIDER_ERROR"), ((int)response.StatusCode, (string?)(await ErrorOf(response))["code"]));
    }

    [Theory]
    [InlineData("invalid_request_error", "context_length_exceeded", true)]
    [InlineData("invalid_request_error", null, true)]
    [InlineData("invalid_request_error", "context_length_exceeded", false)]
    public async Task An_error_of_the_request_within_a_stream_reaches_only_the_caller(string type, string? code, bool isClosed)
    {
        var error = $"data: {{\"error\":{{\"message\":\"too long\",\"type\":\"{type}\",\"code\":\"{code}\"}}}}\n" + (isClosed ? "\n" : "");
        var (project, key, accounts) = await fleet.CreateAsync(Events(error), Events(Hi));
        using var response = await fleet.ChatAsync(key, ScriptedEdge.StreamedChat);
        Assert.StartsWith(error, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal([1, 0], accounts.Select(account => account.Count));
        Assert.Empty(await fleet.ListCoolDownsAsync(project));
    }

    [Fact]
    public async Task D2_A_stream_error_about_spent_quota_starts_a_cool_down_of_the_account()
    {
        var (project, key, accounts) = await fleet.CreateAsync(Events("data: {\"error\":{\"message\":\"x\",\"code\":\"insufficient_quota\"}}\n\n"), Events(Hi));
        using var response = await fleet.ChatAsync(key, ScriptedEdge.StreamedChat);
        Assert.Equal(Hi, await response.Content.ReadAsStringAsync());
        Assert.Equal([1, 1], accounts.Select(account => account.Count));
        Assert.Equal(("account 0", null, "quota"), Assert.Single(await fleet.ListCoolDownsAsync(project)) is var left ? (left.Name, left.Model, left.Reason) : default);
    }

    [Fact]
    public async Task A_request_with_several_attempts_counts_once_in_the_projects_limits_and_frees_its_slot()
    {
        var (project, key, _) = await fleet.CreateAsync(Refuse(429), RespondOk());
        await fleet.Edge.SetLimitsAsync(project, new { requests_per_minute = 3, burst = 3, concurrent_requests = 1 });
        for (var request = 0; request < 3; request++)
        {
            using var response = await fleet.ChatAsync(key);
            Assert.Equal((200, $"{2 - request}"), ((int)response.StatusCode, Header(response, "x-ratelimit-remaining-requests")));
        }
    }

    [Fact]
    public async Task A_provider_that_always_fails_gets_hardly_more_requests_than_usual()
    {
        const int Requests = 300;
        var (_, key, accounts) = await fleet.CreateAsync(isRanked: false, Refuse(500), Refuse(500), Refuse(500), Refuse(500));
        for (var request = 0; request < Requests; request++)
        {
            using var response = await fleet.ChatAsync(key);
            Assert.Equal(500, (int)response.StatusCode);
        }

        // Allowed retries: one fifth of the requests, the initial budget of 10, and one for each second of the test (at most 60).
        Assert.InRange(accounts.Sum(account => account.Count), Requests, (Requests * 1.2) + 10 + 60);
    }

    [Fact]
    public async Task Equal_credentials_share_the_requests_and_a_drained_one_gets_none()
    {
        var (project, key, accounts) = await fleet.CreateAsync(isRanked: false, RespondOk(), RespondOk(), RespondOk());
        await fleet.Edge.SendAdminAsync(HttpMethod.Post, $"/api/projects/{project}/provider-keys", new { provider = "openai", apiKey = accounts[2].Secret, name = "account 2", weight = 0 });
        for (var request = 0; request < 60; request++)
        {
            (await fleet.ChatAsync(key)).Dispose();
        }

        Assert.Equal(60, accounts[0].Count + accounts[1].Count);
        Assert.InRange(accounts[0].Count, 8, 52);
        Assert.Equal(0, accounts[2].Count);
    }

    [Fact]
    public async Task Requests_that_store_objects_always_go_to_the_first_credential()
    {
        var (_, key, accounts) = await fleet.CreateAsync(Refuse(429), RespondOk());
        using var response = await fleet.Edge.PostAsync(key, "/v1/responses", """{"model":"gpt-4o","input":"Hello!"}""");
        Assert.Equal(429, (int)response.StatusCode);
        Assert.Equal([1, 0], accounts.Select(account => account.Count));
    }

    [Fact]
    public async Task A_credential_in_cool_down_is_listed_and_asked_again_after_a_reset_or_a_replacement()
    {
        var (project, key, accounts) = await fleet.CreateAsync(Refuse(429, ("Retry-After", "200")), Refuse(401), RespondOk());
        (await fleet.ChatAsync(key)).Dispose();
        var path = $"/api/projects/{project}/targets";
        var left = (await fleet.Edge.SendAdminAsync(HttpMethod.Get, path))["targets"]!.AsArray();
        Assert.Equal([("account 0", "gpt-4o", "rate_limited"), ("account 1", null, "auth")], left.Select(target => ((string)target!["name"]!, (string?)target["model"], (string)target["reason"]!)));
        Assert.InRange((long)left[0]!["wait_ms"]!, 100_000, 220_000);

        accounts[0].Script = RespondOk();
        await fleet.Edge.SendAdminAsync(HttpMethod.Post, $"{path}/{left[0]!["id"]}/reset");
        (await fleet.ChatAsync(key)).Dispose();
        Assert.Equal([2, 1, 1], accounts.Select(account => account.Count));

        await fleet.Edge.SendAdminAsync(HttpMethod.Post, $"/api/projects/{project}/provider-keys", new { provider = "openai", apiKey = accounts[1].Secret, name = "account 1" });
        Assert.Empty((await fleet.Edge.SendAdminAsync(HttpMethod.Get, path))["targets"]!.AsArray());
        using var unknown = await fleet.Edge.SendAsync(RunningEdge.AdminToken, HttpMethod.Post, $"{path}/cr_none/reset");
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
    }

    [Fact]
    public async Task A_late_refusal_of_an_old_secret_does_not_affect_its_replacement()
    {
        var gate = new TaskCompletionSource();
        var (project, key, accounts) = await fleet.CreateAsync(
            async (request, response) =>
            {
                await response.HoldAsync(gate.Task);
                await Refuse(401)(request, response);
            },
            RespondOk());
        var late = fleet.ChatAsync(key);
        await Eventually.IsTrueAsync(() => accounts[0].Count == 1);
        var rotated = await fleet.AddAccountAsync(project, "openai", RespondOk(), "account 0");
        gate.SetResult();
        using var edgeResponse = await late;
        Assert.Equal((200, "2"), ((int)edgeResponse.StatusCode, Header(edgeResponse, "x-cencori-attempts")));

        Assert.Empty(await fleet.ListCoolDownsAsync(project));
        using var next = await fleet.ChatAsync(key);
        Assert.Equal((200, "1", 1), ((int)next.StatusCode, Header(next, "x-cencori-attempts"), rotated.Count));
    }

    [Fact]
    public async Task A_new_name_or_weight_keeps_the_cool_down_and_a_new_address_ends_it()
    {
        var (project, key, accounts) = await fleet.CreateAsync(Refuse(429, ("Retry-After", "200")), RespondOk());
        (await fleet.ChatAsync(key)).Dispose();
        var id = (string)(await fleet.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/targets"))["targets"]![0]!["id"]!;
        var path = $"/api/projects/{project}/provider-keys/{id}";
        await fleet.Edge.SendAdminAsync(HttpMethod.Patch, path, new { name = "renamed", weight = 5 });
        Assert.Equal("renamed", Assert.Single(await fleet.ListCoolDownsAsync(project)).Name);
        (await fleet.ChatAsync(key)).Dispose();
        Assert.Equal(1, accounts[0].Count);

        await fleet.Edge.SendAdminAsync(HttpMethod.Post, $"/api/projects/{project}/provider-keys", new { provider = "openai", apiKey = accounts[0].Secret, name = "renamed", baseUrl = new Uri(fleet.Provider.Address, "/v1") });
        Assert.Empty(await fleet.ListCoolDownsAsync(project));
        (await fleet.ChatAsync(key)).Dispose();
        Assert.Equal(2, accounts[0].Count);
        Assert.Single(await fleet.ListCoolDownsAsync(project));
        await fleet.Edge.SendAdminAsync(HttpMethod.Patch, path, new { baseUrl = new Uri(fleet.Provider.Address, "/v2") });
        Assert.Empty(await fleet.ListCoolDownsAsync(project));
    }

    [Fact]
    public async Task The_providers_page_lists_cool_downs_and_has_a_button_that_ends_them()
    {
        var (project, key, _) = await fleet.CreateAsync(Refuse(429, ("Retry-After", "200")), RespondOk());
        (await fleet.ChatAsync(key)).Dispose();
        var slug = (string)(await fleet.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}"))["project"]!["slug"]!;
        using var client = await PageClient.SignedInAsync(fleet.Edge);
        await client.GetAsync($"/dashboard/p/{slug}/providers");
        Assert.Contains("the provider asked to wait", client.Document.Body!.TextContent, StringComparison.Ordinal);
        await client.SubmitAsync($"/dashboard/p/{slug}/providers/reset");
        Assert.Contains("is used again", client.Document.Body!.TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain("the provider asked to wait", client.Document.Body!.TextContent, StringComparison.Ordinal);
    }

    private const string Hi = "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"model\":\"gpt-4o\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hi\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";

    private static Func<ReceivedRequest, ScriptedResponse, Task> Events(string events) => async (_, response) =>
    {
        await response.SendHeadAsync(200, ("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"));
        if (events.Length > 0)
        {
            await response.SendChunkAsync(events);
        }

        await response.EndChunksAsync();
    };
}
