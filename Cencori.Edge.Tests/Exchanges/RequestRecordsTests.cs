using System.Text.Json.Nodes;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Records;

namespace Cencori.Edge.Tests.Exchanges;

/// <summary>Complete requests, each of which leaves exactly one record with its outcome.</summary>
public sealed class RequestRecordsTests(RespondingEdge openai) : IClassFixture<RespondingEdge>
{
    [Fact]
    public async Task A_successful_chat_is_recorded_with_all_its_data()
    {
        var (project, key) = await openai.CreateAsync(new { });
        using var response = await openai.ChatAsync(key, headers: [("X-Cencori-App", "billing"), ("X-Request-Id", "mine-1")]);

        var record = await OneOfAsync(project);

        Assert.Equal(("mine-1", "POST /v1/chat/completions", "gpt-4o", "gpt-4o", "openai", "billing"), (record.RequestId, record.Endpoint, record.ModelAsked, record.ModelServed, record.Provider, record.App));
        Assert.Equal((200, RequestOutcome.Success, null, KeyEnvironment.Production, false), (record.Status, record.Outcome, record.ErrorCode, record.Environment, record.IsStream));
        Assert.Equal((3, 0, 1, false), (record.PromptTokens, record.CachedTokens, record.CompletionTokens, record.IsEstimated));
        Assert.True(record.CostUsd > 0);
        Assert.Equal("127.0.0.1", record.ClientAddress);
        Assert.EndsWith(record.CredentialHint!, RunningEdge.ProviderKey, StringComparison.Ordinal);
        Assert.InRange(record.EdgeMicroseconds, 1, record.DurationMicroseconds);
        Assert.InRange(record.FirstByteMicroseconds!.Value, 1, record.DurationMicroseconds);
    }

    [Fact]
    public async Task An_alias_is_recorded_together_with_the_model_served()
    {
        var (project, key) = await openai.CreateAsync(new { });
        await openai.Edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{project}", new { model_aliases = new Dictionary<string, string> { ["fast"] = "gpt-4o-mini" } });
        using var response = await openai.ChatAsync(key, ScriptedEdge.ChatOf("fast"));

        var record = await OneOfAsync(project);

        Assert.Equal(("fast", "gpt-4o-mini"), (record.ModelAsked, record.ModelServed));
    }

    [Fact]
    public async Task A_key_in_the_name_of_a_model_or_an_application_is_not_recorded()
    {
        var (project, key) = await openai.CreateAsync(new { });
        var secret = "csk_" + new string('0', 48);
        using var response = await openai.ChatAsync(key, ScriptedEdge.ChatOf($"openai/{secret}"), headers: [("X-Cencori-App", $"the application {secret}")]);

        var record = await OneOfAsync(project);

        Assert.Equal(200, record.Status);
        Assert.All((string?[])[record.ModelAsked, record.ModelServed, record.App], text => Assert.Equal("(a text that contains an API key)", text));
    }

    [Theory]
    [InlineData("""{"model":"gpt-4o"}""", 400, "INVALID_REQUEST")]
    [InlineData("""{"model":"no-such-model","messages":[]}""", 404, "MODEL_NOT_FOUND")]
    [InlineData("""{"model":"claude-haiku-4-5","messages":[]}""", 400, "PROVIDER_NOT_CONFIGURED")]
    public async Task A_rejected_request_is_an_error_with_its_code_and_no_served_model(string body, int status, string code)
    {
        var (project, key) = await openai.CreateAsync(new { });
        using var response = await openai.ChatAsync(key, body);

        var record = await OneOfAsync(project);

        Assert.Equal((status, code, RequestOutcome.Error, null), (record.Status, record.ErrorCode, record.Outcome, record.ModelServed));
    }

    [Fact]
    public async Task A_request_over_the_limit_is_recorded_as_rate_limited()
    {
        var (project, key) = await openai.CreateAsync(new { requests_per_minute = 1 });
        using var first = await openai.ChatAsync(key);
        using var second = await openai.ChatAsync(key);

        await Eventually.IsTrueAsync(async () => (await AllOfAsync(project)).Count == 2);
        var records = await AllOfAsync(project);

        Assert.Equal([RequestOutcome.Success, RequestOutcome.RateLimited], records.Select(record => record.Outcome));
        Assert.Equal((429, "RATE_LIMIT_EXCEEDED"), (records[1].Status, records[1].ErrorCode));
    }

    [Theory]
    [InlineData(400, 400, null)]
    [InlineData(429, 429, null)]
    [InlineData(500, 500, null)]
    [InlineData(401, 502, "PROVIDER_AUTH_FAILED")]
    public async Task A_providers_error_response_is_recorded_with_the_status_that_the_caller_got(int provider, int status, string? code)
    {
        var (project, key) = await openai.CreateAsync(new { });
        openai.Provider.Enqueue((_, response) => response.JsonAsync(provider, """{"error":{"message":"no"}}"""));
        using var edgeResponse = await openai.ChatAsync(key);

        var record = await OneOfAsync(project);

        Assert.Equal((status, code, RequestOutcome.Error, "gpt-4o"), (record.Status, record.ErrorCode, record.Outcome, record.ModelServed));
    }

    [Fact]
    public async Task Requests_that_the_edge_serves_itself_and_requests_with_an_unknown_key_leave_no_record()
    {
        var (project, key) = await openai.CreateAsync(new { });
        using var models = await openai.Edge.SendAsync(key, HttpMethod.Get, "/v1/models");
        using var metrics = await openai.Edge.SendAsync(key, HttpMethod.Get, "/v1/metrics");
        using var unknown = await openai.ChatAsync("csk_" + new string('0', 48));
        await openai.Edge.Records().FlushAsync();

        Assert.Empty(await AllOfAsync(project));
    }

    [Fact]
    public async Task Metrics_reflect_the_records_at_once()
    {
        var (project, key) = await openai.CreateAsync(new { });
        for (var i = 0; i < 3; i++)
        {
            using var good = await openai.ChatAsync(key);
        }

        using var bad = await openai.ChatAsync(key, """{"model":"gpt-4o"}""");
        await Eventually.IsTrueAsync(async () => (await AllOfAsync(project)).Count == 4);
        using var response = await openai.Edge.SendAsync(key, HttpMethod.Get, "/v1/metrics?period=1h");
        var metrics = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;

        Assert.Equal((4, 3, 1), ((int)metrics["requests"]!["total"]!, (int)metrics["requests"]!["success"]!, (int)metrics["requests"]!["error"]!));
        Assert.Equal(3, (int)metrics["models"]!["gpt-4o"]!["requests"]!);
    }

    private Task<RequestRecord> OneOfAsync(string project) => openai.Edge.RowAsync(row => row.ProjectId == project);

    // A request's record is made a moment after its caller has the response.
    private async Task<List<RequestRecord>> AllOfAsync(string project)
    {
        await openai.Edge.Records().FlushAsync();
        return [.. (await openai.Edge.RowsAsync()).Where(record => record.ProjectId == project)];
    }
}
