using System.Globalization;
using System.IO.Compression;
using System.Text;
using Cencori.Edge.Budgets;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Tests.Budgets;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;
using Cencori.Edge.Tests.Records;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Pipeline.Billing;

/// <summary>
/// A request that a provider may have processed counts with its cost or, if the cost is unknown, with its reservation. A request counts as zero only if no
/// provider can have processed it. The limits, the budget, the record and the stored sums agree.
/// </summary>
public sealed class BillTests(ClockedEdge scene) : IClassFixture<ClockedEdge>
{
    private const long Input = 10;
    private const long Output = 1_000;

    private static readonly Func<ReceivedRequest, ScriptedResponse, Task>[] NobodyCanSay =
    [
        (_, response) => response.ResetAsync(),
        (_, response) => response.CloseAsync(),
        (_, response) => response.JsonAsync(200, ""),
        (_, response) => response.JsonAsync(200, "not json"),
        (_, response) => SendAsync(response, Gzip(ScriptedProvider.ChatCompletion("gpt-4o", "hi", 3, 1)), ("Content-Type", "application/json"), ("Content-Encoding", "x-unknown")),
        (_, response) => SendAsync(response, Encoding.UTF8.GetBytes("data: {\"choices\":[]}\n\ndata: [DONE]\n\n"), ("Content-Type", "text/plain")),
        (_, response) => CutAsync(response, "application/json", """{"id":"chatcmpl-1","choices":[{"message":{"""),
        (_, response) => CutAsync(response, "text/event-stream", ""),
    ];

    private static readonly Func<ReceivedRequest, ScriptedResponse, Task>[] NobodyWorked =
    [
        (_, response) => response.JsonAsync(400, """{"error":{"message":"no"}}"""),
        (_, response) => response.JsonAsync(401, """{"error":{"message":"no"}}"""),
        (_, response) => response.JsonAsync(429, """{"error":{"message":"no"}}"""),
        (_, response) => response.JsonAsync(500, """{"error":{"message":"no"}}"""),
        (_, response) => response.JsonAsync(302, "{}", ("Location", "/elsewhere")),
    ];

    public static TheoryData<int> WhereNobodyCanSay => [.. Enumerable.Range(0, NobodyCanSay.Length)];

    public static TheoryData<int> WhereNobodyWorked => [.. Enumerable.Range(0, NobodyWorked.Length)];

    [Theory]
    [MemberData(nameof(WhereNobodyCanSay))]
    public async Task An_unknown_usage_counts_as_the_reservation(int script)
    {
        scene.Provider.Enqueue(NobodyCanSay[script]);
        await AssertBilledAsync(Input, Output, isEstimated: true);
    }

    [Theory]
    [MemberData(nameof(WhereNobodyWorked))]
    public async Task A_request_that_no_provider_processed_costs_nothing(int script)
    {
        scene.Provider.Enqueue(NobodyWorked[script]);
        await AssertBilledAsync(0, 0, isEstimated: false);
    }

    [Fact]
    public async Task A_request_whose_caller_disconnects_before_the_response_counts_as_the_reservation()
    {
        using var left = new CancellationTokenSource();
        scene.Provider.Enqueue(async (_, response) =>
        {
            await left.CancelAsync();
            await response.WaitForAbortAsync();
        });

        await AssertBilledAsync(Input, Output, isEstimated: true, left: left.Token);
    }

    [Theory]
    [InlineData("9223372036854775807", "1")]
    [InlineData("5", "9223372036854775807")]
    [InlineData("5", "100000")]
    [InlineData("1000000", "1")]
    [InlineData("5", "-1")]
    [InlineData("-5", "1")]
    [InlineData("5", "1e3")]
    [InlineData("5", "\"1\"")]
    [InlineData("5", "null")]
    public async Task An_impossible_usage_is_replaced_by_an_estimate(string input, string output)
    {
        scene.Provider.Enqueue((_, response) => response.JsonAsync(
            200, $$$"""{"choices":[{"index":0,"message":{"role":"assistant","content":"one two three"}}],"usage":{"prompt_tokens":{{{input}}},"completion_tokens":{{{output}}}}}"""));

        // If only the count of output tokens is unreadable, the reported count of input tokens is used.
        await AssertBilledAsync(output is "\"1\"" or "null" ? 5 : Input, 3, isEstimated: true);
    }

    [Theory]
    [InlineData(12, 900)]
    [InlineData(12, 1_900)]
    [InlineData(9_000, 0)]
    public async Task A_possible_usage_is_believed(int input, int output)
    {
        scene.Provider.Enqueue((_, response) => response.JsonAsync(200, ScriptedProvider.ChatCompletion("gpt-4o", "hi", input, output)));
        await AssertBilledAsync(input, output, isEstimated: false);
    }

    [Theory]
    [InlineData("\"image_url\":{\"url\":\"https://example.com/a.png\"},\"type\":\"image_url\"")]
    [InlineData("\"file\":{\"file_id\":\"file-1\"},\"type\":\"file\"")]
    [InlineData("\"image_url\":{\"url\":\"data:image/png;base64,iVBORw0KGgo=\"},\"type\":\"image_url\"")]
    [InlineData("\"image_url\":\"data:image/webp;base64,UklGRg==\",\"type\":\"input_image\"")]
    [InlineData("\"file\":{\"file_data\":\"data:application/pdf;base64,JVBERi0=\"},\"type\":\"file\"")]
    [InlineData("\"source\":{\"type\":\"base64\",\"data\":\"iVBORw0KGgo=\"},\"type\":\"image\"")]
    public async Task Usage_for_linked_content_and_media_is_bounded_only_by_the_largest_context_window(string part)
    {
        scene.Provider.Enqueue((_, response) => response.JsonAsync(200, ScriptedProvider.ChatCompletion("gpt-4o", "hi", 500_000, 5)));
        await AssertBilledAsync(500_000, 5, isEstimated: false, body: $$$"""{"model":"gpt-4o","max_tokens":100,"messages":[{"role":"user","content":[{{{{part}}}}]}]}""");
    }

    [Fact]
    public async Task Usage_with_a_cache_at_the_provider_is_bounded_only_by_the_largest_context_window()
    {
        scene.Provider.Enqueue((_, response) => response.JsonAsync(200, ScriptedProvider.ChatCompletion("gpt-4o", "hi", 500_000, 5)));
        await AssertBilledAsync(500_000, 5, isEstimated: false, body: """{"model":"gpt-4o","max_tokens":100,"messages":[{"role":"user","content":"x"}],"extra_body":{"google":{"cached_content":"cachedContents/abc"}}}""");
    }

    [Fact]
    public async Task A_form_whose_model_has_no_price_is_unpriced_and_not_free()
    {
        scene.Provider.Enqueue((_, response) => response.JsonAsync(200, """{"text":"hi","usage":{"type":"tokens","input_tokens":40,"output_tokens":7,"total_tokens":47}}"""));
        var project = await scene.Edge.CreateProjectAsync("openai");
        using var form = new MultipartFormDataContent
        {
            { new StringContent("whisper-without-price"), "model" },
            { new ByteArrayContent([1, 2, 3]), "file", "a.mp3" },
        };
        using var response = await scene.Edge.SendAsync(await scene.Edge.CreateKeyAsync(project), HttpMethod.Post, "/v1/audio/transcriptions", form);
        Assert.Equal(200, (int)response.StatusCode);

        var record = Assert.Single(await scene.Edge.RowsOfAsync(project, 1));
        Assert.Equal((40L, 7L, null), (record.PromptTokens, record.CompletionTokens, record.CostUsd));
    }

    [Fact]
    public async Task A_stream_without_usage_is_estimated_from_its_text()
    {
        scene.Provider.Enqueue((_, response) => response.SseAsync(ScriptedProvider.ChatChunks("gpt-4o", ["one two ", "three ", "four"], usage: null)));
        await AssertBilledAsync(Input, 4, isEstimated: true, body: ClockedEdge.ChatOf(Input + Output, stream: true));
    }

    [Theory]
    [InlineData("/v1/responses/input_tokens")]
    [InlineData("/v1/messages/count_tokens")]
    public async Task Token_counting_costs_nothing(string path)
    {
        scene.Provider.Enqueue((_, response) => response.JsonAsync(200, """{"object":"response.input_tokens","input_tokens":5000}"""));
        await AssertBilledAsync(0, 0, isEstimated: false, path: path);
    }

    private async Task AssertBilledAsync(
        long input, long output, bool isEstimated, object? body = null, string path = "/v1/chat/completions", CancellationToken left = default)
    {
        const long Tokens = 10_000_000;
        var project = await scene.Edge.CreateProjectAsync("openai");
        await scene.Edge.SetLimitsAsync(project, new { tokens_per_minute = Tokens });
        await scene.Edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{project}/budget", new { monthly_budget_usd = 1_000 });
        var key = await scene.Edge.CreateKeyAsync(project);

        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = RunningEdge.Json(body ?? ClockedEdge.ChatOf(Input + Output)) };
        request.Headers.Authorization = new("Bearer", key);
        try
        {
            using var response = await scene.Edge.Http.SendAsync(request, HttpCompletionOption.ResponseContentRead, left);
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            // Some responses break off.
        }

        RequestRecord? record = null;
        await Eventually.IsTrueAsync(async () =>
        {
            await scene.Edge.Records().FlushAsync();
            record = (await scene.Edge.RowsAsync()).SingleOrDefault(row => row.ProjectId == project);
            return record is not null;
        });
        var cost = ((input * 2.50m) + (output * 10.00m)) / 1_000_000;
        Assert.Equal((input, output, isEstimated), (record!.PromptTokens, record.CompletionTokens, record.IsEstimated));
        Assert.Equal(cost, record.CostUsd);
        Assert.Equal(cost, (decimal?)(await scene.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/budget"))["current_spend_usd"]);
        Assert.Equal(cost, await scene.Edge.Services.GetRequiredService<ISpendHistory>().SpentAsync(project, null, scene.Clock.GetUtcNow().AddDays(-1), DateTimeOffset.MaxValue));

        using var next = await scene.PostChatAsync(key, tokens: 11);
        await next.Content.ReadAsStringAsync(CancellationToken.None);
        await scene.Edge.AssertLedgerClosesAsync(project);
        Assert.Equal(Tokens - input - output - 11, long.Parse(next.Header("x-ratelimit-remaining-tokens")!, CultureInfo.InvariantCulture));
    }

    private static async Task SendAsync(ScriptedResponse response, byte[] body, params (string, string)[] headers)
    {
        await response.SendHeadAsync(200, [.. headers, ("Content-Length", $"{body.Length}")]);
        await response.SendAsync(body);
    }

    private static async Task CutAsync(ScriptedResponse response, string type, string text)
    {
        await response.SendHeadAsync(200, ("Content-Type", type), ("Transfer-Encoding", "chunked"));
        if (text.Length > 0)
        {
            await response.SendChunkAsync(text);
        }

        await response.CloseAsync();
    }

    private static byte[] Gzip(string text)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }

        return packed.ToArray();
    }
}
