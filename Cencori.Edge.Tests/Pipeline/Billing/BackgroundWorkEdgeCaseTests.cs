using System.Text.Json.Nodes;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Records;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Pipeline.Billing;

/// <summary>Responses about background work that no well-behaved provider sends, or that come at odd moments.</summary>
public sealed class BackgroundWorkEdgeCaseTests(ClockedEdge scene) : BackgroundWorkScene(scene), IClassFixture<ClockedEdge>
{
    private const decimal AtLeast = 0.1m;
    private const decimal Cost = ((100 * 2.5m) + (50 * 10)) / 1_000_000;
    private const string Usage = """{"input_tokens":100,"output_tokens":50,"total_tokens":150}""";

    [Theory]
    [InlineData("/v1/chat/completions", """{"model":"gpt-4o","max_tokens":10000,"background":true,"messages":[{"role":"user","content":"hello"}]}""",
        """{"id":"chatcmpl-1","object":"chat.completion","model":"gpt-4o","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":100,"completion_tokens":50,"total_tokens":150}}""")]
    [InlineData("/v1/responses", """{"model":"gpt-4o","max_output_tokens":10000,"background":true,"input":"hello"}""",
        """{"id":"resp_1","object":"response","output":[],"usage":{"input_tokens":100,"output_tokens":50,"total_tokens":150}}""")]
    [InlineData("/v1/messages", """{"model":"gpt-4o","max_tokens":10000,"background":true,"messages":[{"role":"user","content":"hello"}]}""",
        """{"id":"msg_1","type":"message","content":[{"type":"text","text":"hi"}],"usage":{"input_tokens":100,"output_tokens":50}}""")]
    public async Task A_complete_response_to_a_background_request_costs_its_reported_usage(string path, string body, string responseBody)
    {
        var (project, key) = await ProjectAsync(capUsd: 1);
        Scene.Provider.Enqueue((_, response) => response.JsonAsync(200, responseBody));
        using (var edgeResponse = await Scene.Edge.PostAsync(key, path, body))
        {
            Assert.Equal(responseBody, await edgeResponse.Content.ReadAsStringAsync());
        }

        await AssertSumsAsync(project, Cost, 100, 50);
    }

    [Theory]
    [InlineData("""{"status":"queued","usage":null}""")]
    [InlineData("""{"id":17,"status":"queued","usage":null}""")]
    [InlineData("""{"id":null,"status":"queued"}""")]
    [InlineData("""{"data":{"id":"resp_1","status":"queued"}}""")]
    public async Task Background_work_without_a_usable_id_counts_as_the_reservation(string responseBody)
    {
        var (project, key) = await ProjectAsync(capUsd: 1);
        Scene.Provider.Enqueue((_, response) => response.JsonAsync(200, responseBody));
        using (var edgeResponse = await Scene.Edge.PostAsync(key, "/v1/responses", Background))
        {
            Assert.Equal(responseBody, await edgeResponse.Content.ReadAsStringAsync());
        }

        Assert.InRange(await SpentAsync(project), AtLeast, 0.11m);
        var record = await Scene.Edge.RowAsync(row => row.ProjectId == project);
        Assert.Equal(await SpentAsync(project), record.CostUsd);
    }

    [Fact]
    public async Task Work_that_the_provider_queues_unasked_stays_reserved_until_its_end_is_read()
    {
        var (project, key) = await ProjectAsync(capUsd: 1);
        Scene.Provider.Enqueue((_, response) => response.JsonAsync(200, Response("resp_1", "queued", "null")));
        using (var edgeResponse = await Scene.Edge.PostAsync(key, "/v1/responses", Background.Replace("\"background\":true,", "", StringComparison.Ordinal)))
        {
            await edgeResponse.Content.ReadAsStringAsync();
        }

        Assert.InRange(await SpentAsync(project), AtLeast, 0.11m);
        await PollAsync(key, "resp_1", Response("resp_1", "completed", Usage));
        Assert.Equal(Cost, await SpentAsync(project));
    }

    [Theory]
    [InlineData("\"true\"")]
    [InlineData("1")]
    public async Task A_background_flag_that_only_a_lenient_provider_accepts_is_handled_as_background(string background)
    {
        var (project, key) = await ProjectAsync(capUsd: 1);
        Scene.Provider.Enqueue((_, response) => response.JsonAsync(200, Response("resp_1", "queued", "null")));
        using (var edgeResponse = await Scene.Edge.PostAsync(key, "/v1/responses", Background.Replace("true", background, StringComparison.Ordinal)))
        {
            await edgeResponse.Content.ReadAsStringAsync();
        }

        await PollAsync(key, "resp_1", Response("resp_1", "completed", Usage));
        Assert.Equal(Cost, await SpentAsync(project));
    }

    [Fact]
    public async Task The_same_work_reported_twice_is_reserved_once()
    {
        var (project, key) = await ProjectAsync(capUsd: 1);
        await BeginAsync(key, "resp_1");
        await BeginAsync(key, "resp_1");
        await PollAsync(key, "resp_1", Response("resp_1", "completed", Usage));
        Assert.Equal(Cost, await SpentAsync(project));
    }

    [Fact]
    public async Task Compacting_a_conversation_is_billed()
    {
        var (project, key) = await ProjectAsync(capUsd: 1);
        Scene.Provider.Enqueue((_, response) => response.JsonAsync(200, $$"""{"id":"resp_1","object":"response.compaction","output":[],"usage":{{Usage}}}"""));
        using (var edgeResponse = await Scene.Edge.PostAsync(key, "/v1/responses/compact", """{"model":"gpt-4o","input":"hello"}"""))
        {
            await edgeResponse.Content.ReadAsStringAsync();
        }

        await AssertSumsAsync(project, Cost, 100, 50);
    }

    [Fact]
    public async Task Work_that_ends_without_usage_costs_the_reservation_at_its_tier()
    {
        var (project, key) = await ProjectAsync(capUsd: 10);
        await Scene.Edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{project}/prices", JsonNode.Parse(
            """{"prices":[{"provider":"openai","model":"gpt-4o","input":2.5,"output":10},{"provider":"openai","model":"gpt-4o","service_tier":"priority","input":5,"output":20}]}"""));
        Scene.Provider.Enqueue((_, response) => response.JsonAsync(200, Response("resp_1", "queued", "null")));
        using (var edgeResponse = await Scene.Edge.PostAsync(key, "/v1/responses", Background.Replace("\"background\"", "\"service_tier\":\"priority\",\"background\"", StringComparison.Ordinal)))
        {
            await edgeResponse.Content.ReadAsStringAsync();
        }

        var aside = await SpentAsync(project);
        Assert.InRange(aside, 2 * AtLeast, 0.22m);
        await PollAsync(key, "resp_1", Response("resp_1", "failed", "null"));
        Assert.Equal(aside, await SpentAsync(project));
    }

    [Fact]
    public async Task Unpriced_background_work_is_listed_as_unpriced()
    {
        var (project, key) = await ProjectAsync(capUsd: 1);
        Scene.Provider.Enqueue((_, response) => response.JsonAsync(200, Response("resp_1", "queued", "null")));
        using (var edgeResponse = await Scene.Edge.PostAsync(key, "/v1/responses", Background.Replace("gpt-4o", "openai/gpt-nobody-knows", StringComparison.Ordinal)))
        {
            await edgeResponse.Content.ReadAsStringAsync();
        }

        await PollAsync(key, "resp_1", Response("resp_1", "completed", Usage).Replace("gpt-4o-2024-08-06", "gpt-nobody-knows", StringComparison.Ordinal));
        await Scene.Edge.RowsOfAsync(project, 2);
        var unpriced = (await Scene.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/prices"))["unpriced"]!.AsArray();
        Assert.Equal(["gpt-nobody-knows"], unpriced.Select(one => (string?)one!["model"]));
        Assert.Equal(1, (long)(await Scene.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/budget"))["unpriced_requests"]!);
    }

    [Fact]
    public async Task Background_work_is_recorded_under_its_model()
    {
        var (project, key) = await ProjectAsync(capUsd: 1);
        await BeginAsync(key, "resp_1");
        await PollAsync(key, "resp_1", Response("resp_1", "completed", Usage));
        var paid = await Scene.Edge.RowAsync(row => row.ProjectId == project && row.PromptTokens > 0);
        Assert.Equal("gpt-4o", paid.ModelServed);
    }

    private async Task AssertSumsAsync(string project, decimal cost, long input, long output)
    {
        var record = await Scene.Edge.RowAsync(row => row.ProjectId == project);
        Assert.Equal((input, output, cost, cost), (record.PromptTokens, record.CompletionTokens, record.CostUsd, await SpentAsync(project)));
        Assert.Empty(await OpenAsync(project));
    }
}
