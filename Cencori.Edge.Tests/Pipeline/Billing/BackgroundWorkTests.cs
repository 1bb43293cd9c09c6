using System.Net;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Records;

namespace Cencori.Edge.Tests.Pipeline.Billing;

/// <summary>Background work counts as its reservation until a read shows its end, and then as its cost, once.</summary>
public sealed class BackgroundWorkTests(ClockedEdge scene) : BackgroundWorkScene(scene), IClassFixture<ClockedEdge>, IAsyncLifetime
{

    // 10,000 output tokens at 10 USD per million, and some input.
    private const decimal AtLeast = 0.1m;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var project in Projects)
        {
            await Scene.Edge.AssertLedgerClosesAsync(project);
        }
    }

    [Fact]
    public async Task Background_work_stays_reserved_until_its_end_is_read_and_then_costs_once()
    {
        var (project, key) = await ProjectAsync(capUsd: 0.25m);
        Assert.Equal(HttpStatusCode.OK, await BeginAsync(key, "resp_1"));
        Assert.Equal(HttpStatusCode.OK, await BeginAsync(key, "resp_2"));
        Assert.Equal(HttpStatusCode.PaymentRequired, await BeginAsync(key, id: null));
        var aside = await SpentAsync(project);
        Assert.InRange(aside, 2 * AtLeast, 0.25m);
        Assert.Equal(["resp_1", "resp_2"], (await OpenAsync(project)).Select(open => (string?)open!["id"]));

        await Scene.Edge.AssertLedgerClosesAsync(project);

        // Not over yet.
        await PollAsync(key, "resp_1", Response("resp_1", "in_progress", "null"));
        Assert.Equal(aside, await SpentAsync(project));

        const decimal cost = ((100 * 2.5m) + (50 * 10)) / 1_000_000;
        await PollAsync(key, "resp_1", Response("resp_1", "completed", """{"input_tokens":100,"output_tokens":50,"total_tokens":150}"""));
        Assert.Equal((aside / 2) + cost, await SpentAsync(project));
        await PollAsync(key, "resp_1", Response("resp_1", "completed", """{"input_tokens":100,"output_tokens":50,"total_tokens":150}"""));
        Assert.Equal((aside / 2) + cost, await SpentAsync(project));
        Assert.Equal(["resp_2"], (await OpenAsync(project)).Select(open => (string?)open!["id"]));

        // Any response that shows the end settles the work.
        await PollAsync(key, "resp_2", Response("resp_2", "cancelled", """{"input_tokens":10,"output_tokens":5,"total_tokens":15}"""), HttpMethod.Post, "/v1/responses/resp_2/cancel");
        var all = cost + (((10 * 2.5m) + (5 * 10)) / 1_000_000);
        Assert.Equal(all, await SpentAsync(project));
        Assert.Empty(await OpenAsync(project));

        var rows = await Scene.Edge.RowsOfAsync(project, 7);
        Assert.Equal(all, rows.Sum(row => row.CostUsd ?? 0));
        Assert.Equal(2, rows.Count(row => row.CostSource == CostSource.Later));
        Assert.All(rows, row => Assert.True(row.CostUsd is null or >= 0));
    }

    [Fact]
    public async Task The_end_of_background_work_may_come_as_a_stream()
    {
        var (project, key) = await ProjectAsync(capUsd: 1);
        await BeginAsync(key, "resp_1");
        Scene.Provider.Enqueue((_, response) => response.SseAsync([
            """{"type":"response.in_progress","response":{"id":"resp_1","status":"in_progress","usage":null}}""",
            """{"type":"response.output_text.delta","delta":"one two three"}""",
            """{"type":"response.completed","response":{"id":"resp_1","status":"completed","usage":{"input_tokens":100,"output_tokens":50,"total_tokens":150}}}""",
        ]));
        using var edgeResponse = await Scene.Edge.SendAsync(key, HttpMethod.Get, "/v1/responses/resp_1?stream=true");
        await edgeResponse.Content.ReadAsStringAsync();
        Assert.Equal(((100 * 2.5m) + (50 * 10)) / 1_000_000, await SpentAsync(project));
    }

    [Fact]
    public async Task A_background_stream_whose_caller_disconnects_continues()
    {
        var (project, key) = await ProjectAsync(capUsd: 1);
        Scene.Provider.Enqueue(async (_, response) =>
        {
            await response.SendHeadAsync(200, ("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"));
            await response.SendChunkAsync("""data: {"type":"response.created","response":{"id":"resp_9","status":"in_progress"}}""" + "\n\n");
            await response.WaitForAbortAsync();
        });
        using (var client = await RawClient.ConnectAsync(Scene.Edge))
        {
            await client.PostAsync(key, "/v1/responses", Background.Replace("\"background\"", "\"stream\":true,\"background\"", StringComparison.Ordinal));
            await client.ReadHeadAsync();
            await client.ReadChunkAsync();
        }

        await Eventually.IsTrueAsync(async () => (await OpenAsync(project)).Count == 1);
        Assert.InRange(await SpentAsync(project), AtLeast, 0.11m);
        await PollAsync(key, "resp_9", Response("resp_9", "completed", """{"input_tokens":100,"output_tokens":50,"total_tokens":150}"""));
        Assert.Equal(((100 * 2.5m) + (50 * 10)) / 1_000_000, await SpentAsync(project));
    }

    [Fact]
    public async Task Work_that_ends_without_usage_costs_its_reservation()
    {
        var (project, key) = await ProjectAsync(capUsd: 1);
        await BeginAsync(key, "resp_1");
        var aside = await SpentAsync(project);
        await PollAsync(key, "resp_1", Response("resp_1", "failed", "null"));
        Assert.Equal(aside, await SpentAsync(project));
        Assert.Empty(await OpenAsync(project));
    }

    [Theory]
    [InlineData("9223372036854775807", "50")]
    [InlineData("100", "90000")]
    [InlineData("-1", "50")]
    public async Task Work_that_ends_with_an_impossible_usage_costs_its_reservation(string input, string output)
    {
        var (project, key) = await ProjectAsync(capUsd: 1);
        await BeginAsync(key, "resp_1");
        var aside = await SpentAsync(project);
        await PollAsync(key, "resp_1", Response("resp_1", "completed", $$"""{"input_tokens":{{input}},"output_tokens":{{output}}}"""));
        Assert.Equal(aside, await SpentAsync(project));
    }

    [Fact]
    public async Task Only_one_of_many_reads_of_the_end_pays()
    {
        var (project, key) = await ProjectAsync(capUsd: 1);
        await BeginAsync(key, "resp_1");
        Scene.Provider.Respond((_, response) => response.JsonAsync(200, Response("resp_1", "completed", """{"input_tokens":100,"output_tokens":50,"total_tokens":150}""")));
        try
        {
            await Task.WhenAll(Enumerable.Range(0, 12).Select(async _ =>
            {
                using var edgeResponse = await Scene.Edge.SendAsync(key, HttpMethod.Get, "/v1/responses/resp_1");
                await edgeResponse.Content.ReadAsStringAsync();
            }));
        }
        finally
        {
            Scene.RespondToChats();
        }

        Assert.Equal(((100 * 2.5m) + (50 * 10)) / 1_000_000, await SpentAsync(project));
    }

    [Theory]
    [InlineData("/v1/batches", """{"input_file_id":"file-1","endpoint":"/v1/chat/completions","completion_window":"24h"}""",
        """{"id":"w_1","object":"batch","status":"validating","usage":null}""",
        """{"id":"w_1","object":"batch","model":"gpt-4o","status":"completed","usage":{"input_tokens":1000,"input_tokens_details":{"cached_tokens":0},"output_tokens":500,"total_tokens":1500}}""",
        1_000, 500, "0.0075")]
    [InlineData("/v1/fine_tuning/jobs", """{"model":"gpt-4o","training_file":"file-1"}""",
        """{"id":"w_1","object":"fine_tuning.job","model":"gpt-4o","status":"queued","trained_tokens":null}""",
        """{"id":"w_1","object":"fine_tuning.job","model":"gpt-4o","status":"succeeded","trained_tokens":5000}""",
        5_000, 0, "0.00001")]
    // The edge has no price for training, so a training job costs its reservation.
    public async Task Batches_and_jobs_cost_the_usage_that_their_objects_report_at_the_end(string path, string body, string begun, string ended, long input, long output, string usd)
    {
        var (project, key) = await ProjectAsync(capUsd: 1);
        Scene.Provider.Enqueue((_, response) => response.JsonAsync(200, begun));
        using (var edgeResponse = await Scene.Edge.PostAsync(key, path, body))
        {
            Assert.Equal(begun, await edgeResponse.Content.ReadAsStringAsync());
        }

        Assert.Single(await OpenAsync(project));
        await PollAsync(key, "w_1", ended, path: path + "/w_1");
        Assert.Empty(await OpenAsync(project));
        var last = (await Scene.Edge.RowsOfAsync(project, 2)).MaxBy(row => row.PromptTokens)!;
        Assert.Equal((input, output, usd), (last.PromptTokens, last.CompletionTokens, last.CostUsd?.ToString("0.#####", System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task A_complete_response_is_not_billed_again_when_it_is_read_later()
    {
        var (project, key) = await ProjectAsync(capUsd: 1);
        var whole = Response("resp_1", "completed", """{"input_tokens":100,"output_tokens":50,"total_tokens":150}""");
        Scene.Provider.Enqueue((_, response) => response.JsonAsync(200, whole));
        using (var edgeResponse = await Scene.Edge.PostAsync(key, "/v1/responses", """{"model":"gpt-4o","input":"hello"}"""))
        {
            await edgeResponse.Content.ReadAsStringAsync();
        }

        await PollAsync(key, "resp_1", whole);
        await PollAsync(key, "resp_1", whole, HttpMethod.Post, "/v1/responses/resp_1/cancel");
        Assert.Equal(((100 * 2.5m) + (50 * 10)) / 1_000_000, await SpentAsync(project));
    }
}
