using System.Net;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Records;

namespace Cencori.Edge.Tests.Pipeline.Billing;

/// <summary>Which read of background work settles that work.</summary>
public sealed class BackgroundWorkPollingTests(ClockedEdge scene) : BackgroundWorkScene(scene), IClassFixture<ClockedEdge>
{
    private const decimal AtLeast = 0.1m;
    private const decimal Cost = ((100 * 2.5m) + (50 * 10)) / 1_000_000;
    private const string Usage = """{"input_tokens":100,"output_tokens":50,"total_tokens":150}""";

    [Fact]
    public async Task A_read_that_breaks_off_before_the_usage_does_not_settle_the_work()
    {
        var (project, key) = await ProjectAsync(capUsd: 1);
        await BeginAsync(key, "resp_1");
        Scene.Provider.Enqueue(async (_, response) =>
        {
            await response.SendHeadAsync(200, ("Content-Type", "application/json"), ("Transfer-Encoding", "chunked"));
            await response.SendChunkAsync("""{"id":"resp_1","object":"response","status":"completed","model":"gpt-4o","output":[""");
            await response.CloseAsync();
        });
        try
        {
            using var edgeResponse = await Scene.Edge.SendAsync(key, HttpMethod.Get, "/v1/responses/resp_1");
            await edgeResponse.Content.ReadAsStringAsync();
        }
        catch (HttpRequestException)
        {
        }

        await Scene.Edge.RowsOfAsync(project, 2);
        await PollAsync(key, "resp_1", Response("resp_1", "completed", Usage));
        Assert.Equal(Cost, await SpentAsync(project));
    }

    // The caller sends a Range, which the edge forwards, and gets a part of the object.
    [Fact]
    public async Task A_partial_read_does_not_settle_the_work()
    {
        var (project, key) = await ProjectAsync(capUsd: 1);
        await BeginAsync(key, "resp_1");
        const string part = """{"id":"resp_1","status":"completed","usage":{"input_tokens":0,"output_tokens":0}}""";
        Scene.Provider.Enqueue((_, response) => response.JsonAsync(206, part, ("Content-Range", "bytes 300-380/1000")));
        using (var edgeResponse = await Scene.Edge.SendAsync(key, HttpMethod.Get, "/v1/responses/resp_1", null, ("Range", "bytes=300-380")))
        {
            await edgeResponse.Content.ReadAsStringAsync();
        }

        await PollAsync(key, "resp_1", Response("resp_1", "completed", Usage));
        Assert.Equal(Cost, await SpentAsync(project));
    }

    [Fact]
    public async Task A_budget_used_up_by_the_reservation_does_not_block_the_read_of_its_end()
    {
        var (project, key) = await ProjectAsync(capUsd: 1);
        await BeginAsync(key, "resp_1");
        var aside = await SpentAsync(project);
        await Scene.Edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{project}/budget", new { monthly_budget_usd = aside });
        Scene.Provider.Respond((_, response) => response.JsonAsync(200, Response("resp_1", "completed", Usage)));
        try
        {
            using var edgeResponse = await Scene.Edge.SendAsync(key, HttpMethod.Get, "/v1/responses/resp_1");
            await edgeResponse.Content.ReadAsStringAsync();
            Assert.Equal(HttpStatusCode.OK, edgeResponse.StatusCode);
        }
        finally
        {
            Scene.RespondToChats();
        }

        Assert.Equal(Cost, await SpentAsync(project));
    }

    // Some providers count their ids from 1 after each start.
    [Fact]
    public async Task An_id_may_be_reused_after_its_work_is_over()
    {
        var (project, key) = await ProjectAsync(capUsd: 1);
        await BeginAsync(key, "resp_1");
        await PollAsync(key, "resp_1", Response("resp_1", "completed", Usage));
        await BeginAsync(key, "resp_1");
        await PollAsync(key, "resp_1", Response("resp_1", "completed", Usage));
        Assert.Equal(2 * Cost, await SpentAsync(project));
    }

    [Fact]
    public async Task A_read_may_show_the_end_before_the_stream_that_began_the_work_breaks_off()
    {
        var (project, key) = await ProjectAsync(capUsd: 1);
        var gate = new TaskCompletionSource();
        Scene.Provider.Enqueue(async (_, response) =>
        {
            await response.SendHeadAsync(200, ("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"));
            await response.SendChunkAsync("""data: {"type":"response.created","response":{"id":"resp_9","status":"in_progress"}}""" + "\n\n");
            await response.HoldAsync(gate.Task);
            await response.CloseAsync();
        });
        using (var client = await RawClient.ConnectAsync(Scene.Edge))
        {
            await client.PostAsync(key, "/v1/responses", Background.Replace("\"background\"", "\"stream\":true,\"background\"", StringComparison.Ordinal));
            await client.ReadHeadAsync();
            await client.ReadChunkAsync();
            await PollAsync(key, "resp_9", Response("resp_9", "completed", Usage));
            gate.SetResult();
            await Scene.Edge.RowsOfAsync(project, 2);
        }

        Assert.Equal(Cost, await SpentAsync(project));
    }

    [Fact]
    public async Task Test_and_production_work_may_have_the_same_id()
    {
        var (project, key) = await ProjectAsync(capUsd: 1);
        await Scene.Edge.StoreProviderKeyAsync(project, "openai", "test");
        var test = await Scene.Edge.CreateKeyAsync(project, environment: "test");
        await BeginAsync(key, "resp_1");
        await BeginAsync(test, "resp_1");
        Assert.Equal(2, (await OpenAsync(project)).Count);
        await PollAsync(test, "resp_1", Response("resp_1", "completed", Usage));
        await PollAsync(key, "resp_1", Response("resp_1", "completed", Usage));
        Assert.Equal(2 * Cost, await SpentAsync(project));
    }

    [Fact]
    public async Task An_id_with_a_JSON_escape_counts_as_missing()
    {
        var (project, key) = await ProjectAsync(capUsd: 1);
        await BeginAsync(key, """a\/b""");
        Assert.Empty(await OpenAsync(project));
        Assert.InRange(await SpentAsync(project), AtLeast, 0.11m);
    }

    [Fact]
    public async Task A_response_with_another_id_does_not_settle_the_work()
    {
        var (project, key) = await ProjectAsync(capUsd: 1);
        await BeginAsync(key, "resp_1");
        var aside = await SpentAsync(project);
        await PollAsync(key, "resp_2", Response("resp_1", "completed", """{"input_tokens":0,"output_tokens":0,"total_tokens":0}"""));
        Assert.Equal(aside, await SpentAsync(project));
    }
}
