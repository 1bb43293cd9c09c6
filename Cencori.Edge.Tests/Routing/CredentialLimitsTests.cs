using System.Globalization;
using System.Text.Json.Nodes;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Records;
using static Cencori.Edge.Tests.Routing.FleetEdge;

namespace Cencori.Edge.Tests.Routing;

/// <summary>Limits of a project on one of its credentials: further requests go to another credential, wait a moment or are refused, and never reach the provider.</summary>
public sealed class CredentialLimitsTests(RouteFleet fleet) : IClassFixture<RouteFleet>
{
    private static readonly string Fast = ScriptedEdge.ChatOf("fast");

    [Fact]
    public async Task A_request_without_room_goes_to_the_next_credential_without_counting_as_a_fallback()
    {
        var (project, key, accounts) = await fleet.CreateAsync(RespondOk(), RespondOk());
        await LimitAsync(project, 0, new { requests_per_minute = 2 });
        for (var request = 0; request < 5; request++)
        {
            using var response = await fleet.ChatAsync(key);
            Assert.Equal((200, "1", null), ((int)response.StatusCode, Header(response, "x-cencori-attempts"), Header(response, "x-cencori-fallback")));
        }

        Assert.Equal([2, 3], accounts.Select(account => account.Count));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_request_waits_a_moment_if_no_credential_has_room(int credentials)
    {
        var (project, key, accounts) = await fleet.CreateAsync([.. Enumerable.Repeat(RespondOk(), credentials)]);
        for (var place = 0; place < credentials; place++)
        {
            await LimitAsync(project, place, new { requests_per_minute = 75, burst = 1 });
        }

        for (var request = 0; request < credentials + 2; request++)
        {
            using var response = await fleet.ChatAsync(key);
            Assert.Equal(200, (int)response.StatusCode);
        }

        Assert.Equal(credentials + 2, accounts.Sum(account => account.Count));

        // A credential has room every 0.8 s, far below the 2 s that a request may wait. The wait does not count as the edge's own time.
        Assert.Contains(await fleet.Edge.RowsOfAsync(project, credentials + 2), record => record.DurationMicroseconds - record.EdgeMicroseconds > 200_000);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_request_that_would_wait_too_long_is_refused_with_a_Retry_After(int credentials)
    {
        var (project, key, accounts) = await fleet.CreateAsync([.. Enumerable.Repeat(RespondOk(), credentials)]);
        for (var place = 0; place < credentials; place++)
        {
            await LimitAsync(project, place, new { requests_per_minute = 2, burst = 1 });
            (await fleet.ChatAsync(key)).Dispose();
        }

        using var refused = await fleet.ChatAsync(key);
        var error = await ErrorOf(refused);
        Assert.Equal((429, "PROVIDER_RATE_LIMITED", "credential", "true"), ((int)refused.StatusCode, (string?)error["code"], Header(refused, "X-Cencori-Limited-By"), Header(refused, "x-should-retry")));
        Assert.Contains("project's own limits", (string)error["message"]!, StringComparison.Ordinal);
        Assert.InRange(int.Parse(Header(refused, "Retry-After")!, CultureInfo.InvariantCulture), 20, 30);
        Assert.Equal(credentials, accounts.Sum(account => account.Count));

        var record = (await fleet.Edge.RowsOfAsync(project, credentials + 1)).OrderBy(row => row.StartedAt).Last();
        Assert.Equal((429, null, 0), (record.Status, record.CostUsd, record.Attempts?.Count ?? 0));
    }

    [Fact]
    public async Task Unused_tokens_are_returned_to_the_credential()
    {
        var (project, key, accounts) = await fleet.CreateAsync(RespondOk(input: 3, output: 1));
        await LimitAsync(project, 0, new { tokens_per_minute = 1_500 });
        for (var request = 0; request < 5; request++)
        {
            // Each request reserves 1,024 tokens of output.
            using var response = await fleet.ChatAsync(key);
            Assert.Equal(200, (int)response.StatusCode);
        }

        Assert.Equal(5, accounts[0].Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_request_that_never_fits_is_refused_for_good(int credentials)
    {
        var (project, key, accounts) = await fleet.CreateAsync([.. Enumerable.Repeat(RespondOk(), credentials)]);
        for (var place = 0; place < credentials; place++)
        {
            await LimitAsync(project, place, new { tokens_per_minute = 100 });
        }

        using var refused = await fleet.ChatAsync(key);
        Assert.Equal((429, "false", null), ((int)refused.StatusCode, Header(refused, "x-should-retry"), Header(refused, "Retry-After")));
        Assert.Contains("ever allow", (string)(await ErrorOf(refused))["message"]!, StringComparison.Ordinal);
        Assert.Equal(0, accounts.Sum(account => account.Count));
    }

    [Fact]
    public async Task Concurrent_requests_stay_within_the_limit_and_all_are_answered()
    {
        var (max, underWay) = (0, 0);
        var (project, key, accounts) = await fleet.CreateAsync(async (request, response) =>
        {
            var now = Interlocked.Increment(ref underWay);
            max = Math.Max(max, now);
            await response.PauseAsync(TimeSpan.FromMilliseconds(20));
            Interlocked.Decrement(ref underWay);
            await RespondOk()(request, response);
        });
        await LimitAsync(project, 0, new { concurrent_requests = 2 });
        var responses = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => fleet.ChatAsync(key)));
        Assert.All(responses, edgeResponse => Assert.Equal(200, (int)edgeResponse.StatusCode));
        Assert.Equal((2, 20), (max, accounts[0].Count));
    }

    [Fact]
    public async Task A_failed_attempt_counts_for_its_credential_and_failover_skips_full_ones()
    {
        var (project, key, accounts) = await fleet.CreateAsync(Refuse(500), RespondOk(), RespondOk());
        await LimitAsync(project, 1, new { requests_per_minute = 1 });
        string?[] attempts = ["2", "2"];
        foreach (var expected in attempts)
        {
            using var response = await fleet.ChatAsync(key);
            Assert.Equal((200, expected, "server_error"), ((int)response.StatusCode, Header(response, "x-cencori-attempts"), Header(response, "x-cencori-fallback")));
        }

        Assert.Equal([2, 1, 1], accounts.Select(account => account.Count));
    }

    [Fact]
    public async Task A_route_moves_to_its_next_group_if_the_first_has_no_room()
    {
        var (project, key, accounts) = await fleet.CreateRouteAsync(null, RespondOk(), RespondOk());
        await LimitAsync(project, "openai", new { requests_per_minute = 1 });
        (await fleet.ChatAsync(key, Fast)).Dispose();
        using var response = await fleet.ChatAsync(key, Fast);
        Assert.Equal((200, "groq", "rate_limited"), ((int)response.StatusCode, Header(response, "x-cencori-provider"), Header(response, "x-cencori-fallback")));
        Assert.Equal([1, 1], accounts.Select(account => account.Count));
        var explained = await fleet.Edge.SendAdminAsync(HttpMethod.Post, $"/api/projects/{project}/routes/fast/explain", JsonNode.Parse($$"""{"request":{{Fast}}}""")!);
        Assert.Equal(["full ", "ready "], explained["targets"]!.AsArray().Select(target => $"{target!["state"]} {target["why"]}"));
    }

    [Fact]
    public async Task Requests_about_stored_objects_count_for_the_limits_too()
    {
        var (project, key, accounts) = await fleet.CreateAsync((_, response) => response.JsonAsync(200, """{"object":"list","data":[]}"""));
        await LimitAsync(project, 0, new { requests_per_minute = 1 });
        using var first = await fleet.Edge.SendAsync(key, HttpMethod.Get, "/v1/files");
        using var second = await fleet.Edge.SendAsync(key, HttpMethod.Get, "/v1/files");
        Assert.Equal((200, 429, 1), ((int)first.StatusCode, (int)second.StatusCode, accounts[0].Count));
    }

    [Theory]
    [InlineData("urgent", 400)]
    [InlineData("High", 200)]
    public async Task A_priority_is_one_of_three_values_and_never_reaches_the_provider(string priority, int status)
    {
        var (_, key, accounts) = await fleet.CreateAsync(RespondOk());
        using var response = await fleet.ChatAsync(key, ScriptedEdge.Chat, ("X-Cencori-Priority", priority));
        Assert.Equal((status, status == 200 ? 1 : 0), ((int)response.StatusCode, accounts[0].Count));
        Assert.DoesNotContain(accounts[0].Requests.SelectMany(request => request.Headers), header => header.Name.Contains("priority", StringComparison.OrdinalIgnoreCase));
    }

    private async Task LimitAsync(string project, int place, object limits) => await LimitAsync(project, key => (string)key["name"]! == $"account {place}", limits);

    private Task LimitAsync(string project, string provider, object limits) => LimitAsync(project, key => (string)key["provider"]! == provider, limits);

    private async Task LimitAsync(string project, Func<JsonNode, bool> which, object limits)
    {
        var keys = (await fleet.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/provider-keys"))["providers"]!.AsArray();
        await fleet.Edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{project}/provider-keys/{keys.Single(key => which(key!))!["id"]}", new { limits });
    }
}
