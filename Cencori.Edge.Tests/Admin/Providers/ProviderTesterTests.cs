using System.Net;
using System.Text.Json.Nodes;
using Cencori.Edge.Admin.Providers;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Admin.Providers;

/// <summary>The test of a provider's credential, at the API.</summary>
public sealed class ProviderTesterTests(ProviderTesterTests.Scene scene) : IClassFixture<ProviderTesterTests.Scene>
{
    [Theory]
    [InlineData(401, """{"error":{"message":"Incorrect API key provided"}}""", "credential_refused", "The credential is refused (401): replace it.")]
    [InlineData(403, """{"error":{"message":"no"}}""", "credential_refused", "The credential is refused (403): replace it.")]
    [InlineData(400, """[{"error":{"code":400,"message":"API key not valid. Please pass a valid API key."}}]""", "credential_refused", "The credential is refused (400): replace it.")]
    [InlineData(400, """{"error":{"message":"bad"}}""", "request_refused", "(400)")]
    [InlineData(404, """{"error":{"message":"no such model"}}""", "model_unknown", "Name another model")]
    [InlineData(429, """{"error":{"message":"slow down"}}""", "limit_reached", "(429)")]
    [InlineData(402, """{"error":{"message":"pay"}}""", "limit_reached", "(402)")]
    [InlineData(500, """{"error":{"message":"oops"}}""", "provider_failed", "(500)")]
    [InlineData(400, """{"error":{"message":"\ud800"}}""", "request_refused", "(400)")]
    [InlineData(200, "no JSON at all", "works", "The credential works.")]
    public async Task The_providers_response_is_explained_with_what_to_do(int status, string body, string result, string message)
    {
        var project = await scene.Edge.CreateProjectAsync("openai");
        scene.Provider.Enqueue((_, response) => response.JsonAsync(status, body));

        var test = await TestAsync(project, "openai");

        Assert.Equal(result, (string?)test["result"]);
        Assert.Contains(message, (string?)test["message"]);
        Assert.Equal(status, (int?)test["status"]);
    }

    [Fact]
    public async Task A_successful_test_has_phases_and_cost_and_is_in_the_logs_and_the_audit_log()
    {
        var project = await scene.Edge.CreateProjectAsync("openai");

        var test = await TestAsync(project, "openai");

        Assert.Equal("works", (string?)test["result"]);
        Assert.True((double)test["wait_ms"]! >= 0 && (double)test["edge_ms"]! >= 0 && (double)test["total_ms"]! >= 0);
        Assert.True((decimal)test["cost_usd"]! > 0);
        var sent = scene.Provider.Requests[^1];
        Assert.Equal($"Bearer {RunningEdge.ProviderKey}", sent.Headers.First(header => header.Name.Equals("Authorization", StringComparison.OrdinalIgnoreCase)).Value);
        var body = JsonNode.Parse(sent.BodyText)!;
        Assert.Equal((string?)test["model"], (string?)body["model"]);
        Assert.InRange((int)body["max_completion_tokens"]!, 1, 16);

        var log = (await scene.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/logs/{(string)test["request_id"]!}"))["record"] ?? await scene.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/logs/{(string)test["request_id"]!}");
        var text = log.ToJsonString();
        Assert.Contains(ProviderTester.App, text);
        Assert.Contains(ProviderTester.KeyId, text);
        var audit = (await scene.Edge.SendAdminAsync(HttpMethod.Get, $"/api/audit?project={project}&action=provider.tested")).ToJsonString();
        Assert.Contains("works", audit);
        Assert.DoesNotContain(RunningEdge.ProviderKey, audit + text);
    }

    [Theory]
    [InlineData("http://10.1.2.3/v1", "address_refused", "does not connect to")]
    [InlineData("http://169.254.169.254/latest", "address_refused", "Egress:AllowedNetworks")]
    [InlineData("http://[fd00::1]/v1", "address_refused", "does not connect to")]
    [InlineData("http://127.0.0.1:1/v1", "unreachable", "the connection is refused")]
    [InlineData("http://no-such-host.invalid/v1", "unreachable", "its host name cannot be resolved")]
    public async Task An_unreachable_address_and_a_forbidden_address_are_reported(string baseUrl, string result, string message)
    {
        var project = await scene.Edge.CreateProjectAsync();
        await scene.Edge.StoreProviderKeyAsync(project, "openai", baseUrl: baseUrl);

        var test = await TestAsync(project, "openai");

        Assert.Equal((result, true), ((string?)test["result"], ((string)test["message"]!).Contains(message, StringComparison.Ordinal)));
        Assert.Null(test["status"]);
        Assert.Null(test["wait_ms"]);
    }

    [Fact]
    public async Task A_test_without_a_response_times_out()
    {
        var project = await scene.Edge.CreateProjectAsync("openai");
        var waits = new TaskCompletionSource();
        scene.Provider.Enqueue(async (_, response) =>
        {
            waits.SetResult();
            await response.WaitForAbortAsync();
        });

        var testing = TestAsync(project, "openai");
        await waits.Task;
        scene.Clock.Advance(ProviderTester.Timeout);

        var test = await testing;
        Assert.Equal("timed_out", (string?)test["result"]);
    }

    [Fact]
    public async Task A_test_whose_client_disconnects_is_in_the_audit_log()
    {
        var project = await scene.Edge.CreateProjectAsync("openai");
        var waits = new TaskCompletionSource();
        scene.Provider.Enqueue(async (_, response) =>
        {
            waits.SetResult();
            await response.WaitForAbortAsync();
        });
        using var leaves = new CancellationTokenSource();
        var testing = scene.Edge.Admin.PostAsync(new Uri(scene.Edge.Address, $"/api/projects/{project}/provider-keys/openai/test"), content: null, leaves.Token);
        await waits.Task;
        await leaves.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => testing);

        JsonNode? noted = null;
        await Eventually.IsTrueAsync(async () => (noted = (await scene.Edge.SendAdminAsync(HttpMethod.Get, $"/api/audit?project={project}&action=provider.tested"))["entries"]!.AsArray().SingleOrDefault()) is not null);
        Assert.Equal("abandoned", (string?)noted!["after"]!["result"]);
        Assert.NotNull((string?)noted["after"]!["model"]);

        // It counted as one test.
        using var again = await PostAsync(project, "openai");
        Assert.Equal(HttpStatusCode.TooManyRequests, again.StatusCode);
    }

    [Fact]
    public async Task A_credential_is_tested_once_in_ten_seconds_and_each_environment_has_its_own_pace()
    {
        var project = await scene.Edge.CreateProjectAsync("openai");
        await scene.Edge.StoreProviderKeyAsync(project, "openai", "test");
        await TestAsync(project, "openai");

        using var again = await PostAsync(project, "openai");
        Assert.Equal(HttpStatusCode.TooManyRequests, again.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(10), again.Headers.RetryAfter!.Delta);
        Assert.Equal("works", (string?)(await TestAsync(project, "openai", "?environment=test"))["result"]);

        scene.Clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("works", (string?)(await TestAsync(project, "openai"))["result"]);
    }

    [Fact]
    public async Task Unknown_credentials_cannot_be_tested_and_the_sandbox_always_can()
    {
        var project = await scene.Edge.CreateProjectAsync();
        foreach (var (provider, query, status) in new[] { ("openai", "", HttpStatusCode.NotFound), ("nobody", "", HttpStatusCode.NotFound), ("openai", "?environment=elsewhere", HttpStatusCode.BadRequest) })
        {
            using var response = await PostAsync(project, provider, query);
            Assert.Equal(status, response.StatusCode);
        }

        await scene.Edge.StoreProviderKeyAsync(project, "openrouter");
        using var unnamed = await PostAsync(project, "openrouter");
        Assert.Equal(HttpStatusCode.BadRequest, unnamed.StatusCode);
        Assert.Contains("Name a model", await unnamed.Content.ReadAsStringAsync());
        Assert.Equal("works", (string?)(await TestAsync(project, "sandbox"))["result"]);
    }

    [Fact]
    public async Task The_projects_limits_apply_to_a_test()
    {
        var (project, key) = await scene.CreateAsync(new { requests_per_minute = 1 });
        using var first = await scene.ChatAsync(key);

        var test = await TestAsync(project, "openai");

        Assert.Equal("not_sent", (string?)test["result"]);
        Assert.Contains("The test was not sent.", (string?)test["message"]);
    }

    private async Task<JsonNode> TestAsync(string project, string provider, string query = "")
    {
        using var response = await PostAsync(project, provider, query);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!["test"]!;
    }

    private Task<HttpResponseMessage> PostAsync(string project, string provider, string query = "") =>
        scene.Edge.Admin.PostAsync(new Uri(scene.Edge.Address, $"/api/projects/{project}/provider-keys/{provider}/test{query}"), content: null);

    public sealed class Scene : ClockedEdge;
}
