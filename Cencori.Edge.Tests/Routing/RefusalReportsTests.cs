using System.Globalization;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Edges;
using static Cencori.Edge.Tests.Routing.FleetEdge;

namespace Cencori.Edge.Tests.Routing;

/// <summary>Problems with refusals that users of other gateways have reported, numbered as in the design's list.</summary>
public sealed class RefusalReportsTests(FleetEdge fleet) : IClassFixture<FleetEdge>
{
    [Theory]
    [InlineData("anthropic", "claude-sonnet-4-5", 400, """{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the Anthropic API."}}""")]
    [InlineData("openai", "gpt-4o", 401, """{"error":{"message":"You exceeded your current quota","type":"insufficient_quota","code":401}}""")]
    [InlineData("openai", "gpt-4o", 429, """{"error":{"message":"Subscription quota exceeded"}}""")]
    [InlineData("openai", "gpt-4o", 402, "<html>")]
    public async Task A2_An_account_without_money_cools_down_for_minutes_with_every_model(string provider, string model, int status, string body)
    {
        var (project, key, accounts) = await fleet.CreateAsync(provider, isRanked: true, Say(status, body, ("Retry-After", "1")), RespondOk());
        foreach (var attempts in (string[])["2", "1", "1"])
        {
            using var response = await fleet.ChatAsync(key, ScriptedEdge.ChatOf(model));
            Assert.Equal((200, attempts, attempts == "2" ? "quota" : null), ((int)response.StatusCode, Header(response, "x-cencori-attempts"), Header(response, "x-cencori-fallback")));
        }

        (await fleet.ChatAsync(key, ScriptedEdge.ChatOf($"{provider}/another"))).Dispose();
        Assert.Equal([1, 4], accounts.Select(account => account.Count));
        var left = Assert.Single(await fleet.ListCoolDownsAsync(project));
        Assert.Equal(("account 0", null, "quota"), (left.Name, left.Model, left.Reason));
        Assert.InRange(left.Milliseconds, 280_000, 300_000);
    }

    [Theory]
    [InlineData(400, """{"error":{"message":"Your credit balance is too low","type":"invalid_request_error","code":null}}""")]
    [InlineData(400, """{"error":{"message":"maximum context length","type":"invalid_request_error","code":"context_length_exceeded"}}""")]
    [InlineData(403, """{"error":{"message":"no","code":"content_policy_violation"}}""")]
    public async Task A1_A5_G7_An_error_of_the_request_itself_is_returned_and_starts_no_cool_down(int status, string body)
    {
        var (project, key, accounts) = await fleet.CreateAsync(Say(status, body), RespondOk());
        for (var request = 0; request < 6; request++)
        {
            using var response = await fleet.ChatAsync(key);
            Assert.Equal((status, body, null), ((int)response.StatusCode, await response.Content.ReadAsStringAsync(), Header(response, "x-should-retry")));
        }

        Assert.Equal([6, 0], accounts.Select(account => account.Count));
        Assert.Empty(await fleet.ListCoolDownsAsync(project));
    }

    [Theory]
    [InlineData(429)]
    [InlineData(413)]
    public async Task A_request_too_large_for_one_account_goes_to_the_next_and_smaller_ones_still_to_the_first(int status)
    {
        const string TooLarge = """{"error":{"message":"Request too large for gpt-4o on tokens per min (TPM): Limit 30000, Requested 37000.","type":"tokens","code":"rate_limit_exceeded"}}""";
        var (project, key, accounts) = await fleet.CreateAsync((request, response) => (request.BodyText.Contains("large", StringComparison.Ordinal) ? Say(status, TooLarge) : RespondOk())(request, response), RespondOk());
        using var large = await fleet.ChatAsync(key, """{"model":"gpt-4o","messages":[{"role":"user","content":"large"}]}""");
        using var small = await fleet.ChatAsync(key);
        Assert.Equal(("2", "1"), (Header(large, "x-cencori-attempts"), Header(small, "x-cencori-attempts")));
        Assert.Equal([2, 1], accounts.Select(account => account.Count));
        Assert.Empty(await fleet.ListCoolDownsAsync(project));
    }

    [Theory]
    [InlineData(404)]
    [InlineData(403)]
    public async Task A6_A_model_that_an_account_lacks_cools_down_and_no_other_model(int status)
    {
        const string Missing = """{"error":{"message":"x","type":"invalid_request_error","param":"model","code":"model_not_found"}}""";
        var (project, key, accounts) = await fleet.CreateAsync((request, response) => (request.BodyText.Contains("gpt-4o-mini", StringComparison.Ordinal) ? Say(status, Missing) : RespondOk())(request, response), RespondOk());
        foreach (var (model, attempts) in ((string, string)[])[("gpt-4o-mini", "2"), ("gpt-4o-mini", "1"), ("gpt-4o", "1")])
        {
            using var edgeResponse = await fleet.ChatAsync(key, ScriptedEdge.ChatOf(model));
            Assert.Equal((200, attempts), ((int)edgeResponse.StatusCode, Header(edgeResponse, "x-cencori-attempts")));
        }

        Assert.Equal([2, 2], accounts.Select(account => account.Count));
        var left = Assert.Single(await fleet.ListCoolDownsAsync(project));
        Assert.Equal(("gpt-4o-mini", "not_found"), (left.Model, left.Reason));
    }

    [Fact]
    public async Task A9_Each_refused_credential_is_logged_once_and_not_per_request()
    {
        var before = fleet.Edge.Logs.Lines.Count(IsOfCredential);
        var (project, key, accounts) = await fleet.CreateAsync(Refuse(401), Refuse(401), RespondOk());
        var ids = (await fleet.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/provider-keys"))["providers"]!.AsArray().Select(credential => (string)credential!["id"]!).ToList();
        for (var request = 0; request < 5; request++)
        {
            using var response = await fleet.ChatAsync(key);
            Assert.Equal((200, "3"), ((int)response.StatusCode, Header(response, "x-cencori-attempts")));
            foreach (var id in ids)
            {
                await fleet.Edge.SendAdminAsync(HttpMethod.Post, $"/api/projects/{project}/targets/{id}/reset");
            }
        }

        Assert.Equal([5, 5, 5], accounts.Select(account => account.Count));
        var lines = fleet.Edge.Logs.Lines.Where(IsOfCredential).Skip(before).ToList();
        Assert.Equal(2, lines.Count);
        Assert.All(lines, line => Assert.Single(ids, id => line.Text.Contains(id, StringComparison.Ordinal)));
        Assert.All(accounts, account => Assert.DoesNotContain(lines, line => line.Text.Contains(account.Secret, StringComparison.Ordinal)));

        static bool IsOfCredential(LogRecorder.LogLine line) => line.EventName == "CredentialRefused";
    }

    [Theory]
    [InlineData(404)]
    [InlineData(405)]
    public async Task A11_An_endpoint_that_a_provider_lacks_affects_no_other_endpoint(int status)
    {
        var (project, key, accounts) = await fleet.CreateAsync((request, response) => (request.Target.EndsWith("/chat/completions", StringComparison.Ordinal) ? RespondOk() : Refuse(status))(request, response), RespondOk());
        for (var request = 0; request < 6; request++)
        {
            using var missing = await fleet.Edge.PostAsync(key, "/v1/moderations", """{"model":"gpt-4o","input":"x"}""");
            Assert.Equal((200, request == 0 ? "2" : "1"), ((int)missing.StatusCode, Header(missing, "x-cencori-attempts")));
        }

        (await fleet.ChatAsync(key)).Dispose();
        Assert.Equal([2, 6], accounts.Select(account => account.Count));
        Assert.Equal("not_found", Assert.Single(await fleet.ListCoolDownsAsync(project)).Reason);
    }

    [Fact]
    public async Task B1_Each_cool_down_follows_the_latest_hint()
    {
        var hints = new Queue<int>([100, 400, 30_000]);
        var requested = new List<(long At, int Hint)>();
        var (project, key, accounts) = await fleet.CreateAsync(
            (request, response) =>
            {
                requested.Add((TimeProvider.System.GetTimestamp(), hints.Peek()));
                return Refuse(429, ("retry-after-ms", hints.Dequeue().ToString(CultureInfo.InvariantCulture)))(request, response);
            },
            RespondOk());
        await Eventually.IsTrueAsync(async () =>
        {
            using var edgeResponse = await fleet.ChatAsync(key);
            Assert.Equal(200, (int)edgeResponse.StatusCode);
            return hints.Count == 0;
        });
        for (var time = 1; time < requested.Count; time++)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(requested[time - 1].At, requested[time].At).TotalMilliseconds >= Math.Max(250, requested[time - 1].Hint));
        }

        Assert.InRange(Assert.Single(await fleet.ListCoolDownsAsync(project)).Milliseconds, 25_000, 33_000);
        Assert.Equal(3, accounts[0].Count);
    }

    [Theory]
    [InlineData(60, 1)]
    [InlineData(1, 60)]
    public async Task B3_A_late_hint_never_shortens_a_cool_down(int first, int late)
    {
        var gate = new TaskCompletionSource();
        var bothThere = new TaskCompletionSource();
        var count = 0;
        var (project, key, _) = await fleet.CreateAsync(
            async (request, response) =>
            {
                var isFirst = Interlocked.Increment(ref count) == 1;
                if (!isFirst)
                {
                    bothThere.SetResult();
                }

                await response.HoldAsync(isFirst ? bothThere.Task : gate.Task);
                await Refuse(429, ("Retry-After", (isFirst ? first : late).ToString(CultureInfo.InvariantCulture)))(request, response);
            },
            RespondOk());
        var (one, other) = (fleet.ChatAsync(key), fleet.ChatAsync(key));
        (await await Task.WhenAny(one, other)).Dispose();
        gate.SetResult();
        await Task.WhenAll(one, other);
        Assert.InRange(Assert.Single(await fleet.ListCoolDownsAsync(project)).Milliseconds, 50_000, 66_000);
    }

    [Theory]
    [InlineData("""[{"error":{"code":429,"message":"Please retry in 52.3s.","details":[{"retryDelay":"52s"}]}}]""", null, null, 52_000)]
    [InlineData("""{"error":{"message":"Please try again in 46.72s."}}""", null, null, 46_720)]
    [InlineData("""{"error":{"message":"Please try again in 46.72s."}}""", "Retry-After", "20", 20_000)]
    [InlineData("""{"error":{"message":"Please try again in 6m0s."}}""", null, null, 300_000)]
    [InlineData("{}", "Retry-After", "9.5", 9_500)]
    [InlineData("{}", "Retry-After", "315360000", 300_000)]
    [InlineData("{}", "Retry-After", "-1", 1_000)]
    [InlineData("{}", "Retry-After", "inf", 1_000)]
    [InlineData("{}", "Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT", 1_000)]
    public async Task B8_Every_form_of_hint_is_read_or_ignored_and_bounded(string body, string? name, string? value, int milliseconds)
    {
        var (project, key, _) = await fleet.CreateAsync(Say(429, body, name is null ? [] : [(name, value!)]), RespondOk());
        using var response = await fleet.ChatAsync(key);
        Assert.Equal(200, (int)response.StatusCode);
        Assert.InRange((await fleet.ListCoolDownsAsync(project)).Sum(left => left.Milliseconds), milliseconds == 1_000 ? 0 : milliseconds - 5_000, milliseconds * 1.1);
    }

    [Fact]
    public async Task E6_If_the_edge_has_used_up_its_retries_clients_are_told_not_to_retry()
    {
        const int Requests = 60;
        var (_, key, accounts) = await fleet.CreateAsync(isRanked: false, Refuse(503), Refuse(503));
        for (var request = 0; request < Requests; request++)
        {
            using var response = await fleet.ChatAsync(key);
            Assert.Equal((503, "false"), ((int)response.StatusCode, Header(response, "x-should-retry")));
        }

        Assert.InRange(accounts.Sum(account => account.Count), Requests, (Requests * 1.2) + 10 + 60);
    }
}
