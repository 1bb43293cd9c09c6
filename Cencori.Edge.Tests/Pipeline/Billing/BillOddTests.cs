using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Records;

namespace Cencori.Edge.Tests.Pipeline.Billing;

/// <summary>Responses that report usage in odd places, or not at all.</summary>
public sealed class BillOddTests(ClockedEdge scene) : IClassFixture<ClockedEdge>
{
    private const string Chat = """{"model":"gpt-4o","max_tokens":1000,"messages":[{"role":"user","content":"xxxxxxxxxxxxxxxxxxxxxxxxx"}]}""";
    private const decimal Cost = ((100 * 2.5m) + (50 * 10)) / 1_000_000;
    private const decimal Aside = ((10 * 2.5m) + (1000 * 10)) / 1_000_000;

    [Theory]
    [InlineData("priority", "default")]
    [InlineData("flex", "default")]
    [InlineData("priority", "standard")]
    public async Task The_price_is_that_of_the_tier_served_and_not_of_the_tier_requested(string requested, string served)
    {
        var (project, key) = await ProjectAsync();
        await PricesAsync(project, """{"provider":"openai","model":"gpt-4o","input":2.5,"output":10},{"provider":"openai","model":"gpt-4o","service_tier":"priority","input":5,"output":20},{"provider":"openai","model":"gpt-4o","service_tier":"flex","input":1,"output":5}""");
        var record = await ChatAsync(project, key, Chat.Replace("\"max", $"\"service_tier\":\"{requested}\",\"max", StringComparison.Ordinal),
            $$$"""{"service_tier":"{{{served}}}","choices":[{"index":0,"message":{"content":"hi"}}],"usage":{"prompt_tokens":100,"completion_tokens":50,"total_tokens":150}}""");
        Assert.Equal(Cost, record.CostUsd);
    }

    [Theory]
    [InlineData("""{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}""")]
    public async Task Zero_usage_counts_consistently_in_tokens_and_cost(string usage)
    {
        var (project, key) = await ProjectAsync();
        var record = await ChatAsync(project, key, Chat, $$$"""{"choices":[{"index":0,"message":{"content":"one two three"}}],"usage":{{{usage}}}}""");
        var spent = await SpentAsync(project);
        Assert.Equal(((record.PromptTokens * 2.5m) + (record.CompletionTokens * 10)) / 1_000_000, record.CostUsd);
        Assert.Equal(spent, record.CostUsd);
    }

    [Fact]
    public async Task An_unrequested_protocol_switch_counts_consistently_in_tokens_and_cost()
    {
        var (project, key) = await ProjectAsync();
        scene.Provider.Enqueue(async (_, response) =>
        {
            await response.SendHeadAsync(101, ("Connection", "Upgrade"), ("Upgrade", "x"));
            await response.CloseAsync();
        });
        var record = await RecordAsync(project, key, Chat);
        Assert.Equal(((record.PromptTokens * 2.5m) + (record.CompletionTokens * 10)) / 1_000_000, record.CostUsd);
    }

    [Fact]
    public async Task A_budget_that_refuses_unpriced_models_refuses_a_model_without_a_token_price()
    {
        var project = await scene.Edge.CreateProjectAsync("openai");
        await scene.Edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{project}/budget", new { monthly_budget_usd = 1, unpriced = "refuse" });
        await PricesAsync(project, """{"provider":"openai","model":"gpt-mine","per_image":0.04}""");
        var key = await scene.Edge.CreateKeyAsync(project);
        using var response = await scene.Edge.PostAsync(key, "/v1/chat/completions", Chat.Replace("gpt-4o", "openai/gpt-mine", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.PaymentRequired, response.StatusCode);
    }

    [Fact]
    public async Task A_JSON_document_sent_as_an_event_stream_counts_with_its_usage()
    {
        var (project, key) = await ProjectAsync();
        var record = await ChatAsync(project, key, Chat.Replace("\"max", "\"stream\":true,\"stream_options\":{\"include_usage\":true},\"max", StringComparison.Ordinal),
            """{"choices":[{"index":0,"message":{"content":"hi"}}],"usage":{"prompt_tokens":100,"completion_tokens":50,"total_tokens":150}}""", "text/event-stream");
        Assert.Equal((100, 50), (record.PromptTokens, record.CompletionTokens));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"result":{"text":"one two three four five six seven eight nine ten"}}""")]
    [InlineData("""{"error":{"message":"timeout"}}""")]
    [InlineData("""{"candidates":[{"content":{"parts":[{"text":"one two three four"}]}}],"usageMetadata":{"promptTokenCount":100,"candidatesTokenCount":50}}""")]
    public async Task A_document_without_usage_or_text_counts_as_the_reservation(string responseBody)
    {
        var (project, key) = await ProjectAsync();
        var record = await ChatAsync(project, key, Chat, responseBody);
        Assert.Equal(Aside, record.CostUsd);
    }

    [Fact]
    public async Task A_reported_cost_without_tokens_is_the_cost()
    {
        var (project, key) = await ProjectAsync();
        var record = await ChatAsync(project, key, Chat, """{"choices":[{"index":0,"message":{"content":"hi"}}],"usage":{"cost":0.005}}""");
        Assert.Equal(0.005m, record.CostUsd);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("br")]
    public async Task A_compressed_response_that_ends_early_is_no_success(string encoding)
    {
        var (project, key) = await ProjectAsync();
        var packed = new MemoryStream();
        Stream packer = encoding switch
        {
            "br" => new BrotliStream(packed, CompressionLevel.NoCompression),
            "deflate" => new ZLibStream(packed, CompressionLevel.NoCompression),
            _ => new GZipStream(packed, CompressionLevel.NoCompression),
        };
        using (packer)
        {
            packer.Write(Encoding.UTF8.GetBytes("""{"choices":[{"index":0,"message":{"content":"hi"}}],"padding":" """ + new string('x', 20_000) + "\"}"));
        }

        var half = packed.ToArray()[..(int)(packed.ToArray().Length / 2)];
        scene.Provider.Enqueue(async (_, response) =>
        {
            await response.SendHeadAsync(200, ("Content-Type", "application/json"), ("Content-Encoding", encoding), ("Content-Length", $"{half.Length}"));
            await response.SendAsync(half);
        });
        var record = await RecordAsync(project, key, Chat);
        Assert.Equal(Aside, record.CostUsd);
        Assert.NotEqual(RequestOutcome.Success, record.Outcome);
    }

    [Theory]
    [InlineData("""[{"prompt_tokens":100,"completion_tokens":50},{}]""", 100, 50)]
    public async Task Usage_in_an_array_counts(string usage, long input, long output)
    {
        var (project, key) = await ProjectAsync();
        var record = await ChatAsync(project, key, Chat, $$$"""{"choices":[{"index":0,"message":{"content":"hi"}}],"usage":{{{usage}}}}""");
        Assert.Equal((input, output, await SpentAsync(project)), (record.PromptTokens, record.CompletionTokens, record.CostUsd));
        Assert.True(record.CostUsd <= Cost);
    }

    [Fact]
    public async Task The_requested_tier_may_be_JSON_escaped()
    {
        var (project, key) = await ProjectAsync();
        await PricesAsync(project, """{"provider":"openai","model":"gpt-4o","input":2.5,"output":10},{"provider":"openai","model":"gpt-4o","service_tier":"priority","input":5,"output":20}""");
        scene.Provider.Enqueue((_, response) => response.JsonAsync(200, ""));
        var record = await RecordAsync(project, key, Chat.Replace("\"max", "\"service_tier\":\"\\u0070riority\",\"max", StringComparison.Ordinal));
        Assert.Equal(2 * Aside, record.CostUsd);
    }

    [Theory]
    [InlineData("""{"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}""")]
    [InlineData("""{"type":"response.created","response":{"id":"resp_1","status":"in_progress","usage":null}}""")]
    [InlineData("""{"type":"message_start","message":{"id":"m","role":"assistant","content":[],"usage":{"input_tokens":10,"output_tokens":1}}}""")]
    public async Task A_stream_that_breaks_off_before_any_output_counts_as_the_reservation(string first)
    {
        var (project, key) = await ProjectAsync();
        scene.Provider.Enqueue(async (_, response) =>
        {
            await response.SendHeadAsync(200, ("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"));
            await response.SendChunkAsync($"data: {first}\n\n");
            await response.CloseAsync();
        });
        var record = await RecordAsync(project, key, Chat.Replace("\"max", "\"stream\":true,\"max", StringComparison.Ordinal));
        Assert.Equal(Aside, record.CostUsd);
    }

    [Theory]
    [InlineData("default")]
    [InlineData("standard")]
    [InlineData("fast")]
    public async Task A_price_for_an_impossible_tier_is_rejected(string tier)
    {
        var project = await scene.Edge.CreateProjectAsync("openai");
        using var response = await scene.Edge.Admin.PutAsync($"/api/projects/{project}/prices", RunningEdge.Json(JsonNode.Parse(
            $$"""{"prices":[{"provider":"openai","model":"gpt-4o","service_tier":"{{tier}}","input":2.5,"output":10}]}""")!));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    private async Task PricesAsync(string project, string prices) =>
        await scene.Edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{project}/prices", JsonNode.Parse($$"""{"prices":[{{prices}}]}""")!);

    private async Task<(string Project, string Key)> ProjectAsync()
    {
        var project = await scene.Edge.CreateProjectAsync("openai");
        await scene.Edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{project}/budget", new { monthly_budget_usd = 1_000 });
        return (project, await scene.Edge.CreateKeyAsync(project));
    }

    private Task<RequestRecord> ChatAsync(string project, string key, string body, string responseBody, string type = "application/json")
    {
        scene.Provider.Enqueue(async (_, response) =>
        {
            var bytes = Encoding.UTF8.GetBytes(responseBody);
            await response.SendHeadAsync(200, ("Content-Type", type), ("Content-Length", $"{bytes.Length}"));
            await response.SendAsync(bytes);
        });
        return RecordAsync(project, key, body);
    }

    private async Task<RequestRecord> RecordAsync(string project, string key, string body)
    {
        try
        {
            using var response = await scene.Edge.PostAsync(key, "/v1/chat/completions", body);
            await response.Content.ReadAsStringAsync();
        }
        catch (HttpRequestException)
        {
        }

        RequestRecord? record = null;
        await Eventually.IsTrueAsync(async () =>
        {
            await scene.Edge.Records().FlushAsync();
            record = (await scene.Edge.RowsAsync()).SingleOrDefault(row => row.ProjectId == project);
            return record is not null;
        });
        return record!;
    }

    private async Task<decimal> SpentAsync(string project) =>
        (decimal)(await scene.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/budget"))["current_spend_usd"]!;
}
