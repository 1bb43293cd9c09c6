using System.Text.Json.Nodes;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;
using Cencori.Edge.Tests.Records;

namespace Cencori.Edge.Tests.Pipeline;

/// <summary>The responses of the native chat endpoint. In all other respects it behaves like the OpenAI endpoint.</summary>
public sealed class NativeChatTests(ScriptedEdge openai) : IClassFixture<ScriptedEdge>
{
    private const string ChatPath = "/api/ai/chat";
    private static readonly string[] Words = ["Hel", "lo", "!"];

    [Fact]
    public async Task A_chat_has_the_providers_response_and_the_fields_of_Cencoris_SDKs()
    {
        openai.Provider.Enqueue((_, response) => response.JsonAsync(200, ScriptedProvider.ChatCompletion("gpt-4o", "Hello!", 7, 5), ("ETag", "\"x\"")));

        using var edgeResponse = await PostAsync(ScriptedEdge.Chat);
        var reported = JsonNode.Parse(await edgeResponse.Content.ReadAsStringAsync())!;
        var row = await RowOfAsync(edgeResponse);

        Assert.Equal(("Hello!", "openai", "stop"), ((string?)reported["content"], (string?)reported["provider"], (string?)reported["finish_reason"]));
        Assert.Equal("Hello!", (string?)reported["choices"]![0]!["message"]!["content"]);
        Assert.True(reported.AsObject().ContainsKey("toolCalls") && reported["toolCalls"] is null && !reported.AsObject().ContainsKey("tool_calls"));
        Assert.Equal((row.PromptTokens, row.CompletionTokens, row.CostUsd), ((long)reported["usage"]!["prompt_tokens"]!, (long)reported["usage"]!["completion_tokens"]!, (decimal?)reported["cost_usd"]));
        Assert.True(row.CostUsd > 0);
        Assert.Equal(("POST /api/ai/chat", RequestOutcome.Success, 200), (row.Endpoint, row.Outcome, row.Status));
        Assert.Null(edgeResponse.Headers.ETag);
        Assert.Equal("/v1/chat/completions", (await openai.Provider.NextRequestAsync()).Target);
    }

    [Fact]
    public async Task A_stream_arrives_in_as_many_reads_and_with_the_same_text_as_at_the_OpenAI_endpoint()
    {
        var (native, nativeReads) = await StreamAsync(ChatPath);
        var (openais, reads) = await StreamAsync("/v1/chat/completions");

        Assert.Equal(reads, nativeReads);
        Assert.Equal("Hello!", string.Concat(Events(native).Select(reported => (string?)reported["delta"])));
        Assert.Equal("Hello!", string.Concat(Events(openais).SelectMany(reported => reported["choices"]!.AsArray()).Select(choice => (string?)choice!["delta"]!["content"])));
        Assert.Equal("stop", (string?)Assert.Single(Events(native), reported => reported["finish_reason"] is not null)["finish_reason"]);
    }

    [Fact]
    public async Task A_stream_ends_with_the_usage_and_cost_of_its_record()
    {
        openai.Provider.Enqueue((_, response) => response.SseAsync(Chunks(hasUsage: true)));

        using var edgeResponse = await PostAsync(ScriptedEdge.StreamedChat);
        var stream = await edgeResponse.Content.ReadAsStringAsync();
        var row = await RowOfAsync(edgeResponse);

        Assert.Equal("text/event-stream", edgeResponse.Content.Headers.ContentType?.MediaType);
        Assert.True(edgeResponse.Headers.CacheControl is { NoCache: true, NoTransform: true });
        Assert.Equal("no", edgeResponse.Header("X-Accel-Buffering"));
        Assert.EndsWith("\n\ndata: [DONE]\n\n", stream, StringComparison.Ordinal);
        var last = Events(stream)[^1];
        Assert.Equal((row.PromptTokens, row.CompletionTokens, row.CostUsd), ((long)last["usage"]!["prompt_tokens"]!, (long)last["usage"]!["completion_tokens"]!, (decimal?)last["cost_usd"]));
        Assert.Equal((9, 3, false, RequestOutcome.Success), (row.PromptTokens, row.CompletionTokens, row.IsEstimated, row.Outcome));
        Assert.Contains("\"include_usage\":true", (await openai.Provider.NextRequestAsync()).BodyText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Usage_that_the_provider_does_not_report_is_that_of_the_record()
    {
        openai.Provider.Enqueue((_, response) => response.SseAsync(Chunks(hasUsage: false)));

        using var edgeResponse = await PostAsync(ScriptedEdge.StreamedChat);
        var last = Events(await edgeResponse.Content.ReadAsStringAsync())[^1];
        var row = await RowOfAsync(edgeResponse);

        Assert.True(row is { IsEstimated: true, CompletionTokens: > 0, PromptTokens: > 0 });
        Assert.Equal((row.PromptTokens, row.CompletionTokens, row.CostUsd), ((long)last["usage"]!["prompt_tokens"]!, (long)last["usage"]!["completion_tokens"]!, (decimal?)last["cost_usd"]));
        await openai.Provider.NextRequestAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_stream_that_breaks_or_has_an_error_event_ends_with_the_error(bool breaks)
    {
        openai.Provider.Enqueue(async (_, response) =>
        {
            await response.SendHeadAsync(200, ("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"));
            await response.SendChunkAsync($"data: {Chunks(hasUsage: false)[1]}\n\n" + (breaks ? "data: {\"choi" : "data: {\"error\":{\"message\":\"overloaded\"}}\n\n"));
            await response.CloseAsync();
        });

        using var edgeResponse = await PostAsync(ScriptedEdge.StreamedChat);
        var stream = await edgeResponse.Content.ReadAsStringAsync();
        var row = await RowOfAsync(edgeResponse);

        var reported = Events(stream);
        Assert.Equal(2, reported.Count);
        Assert.Equal(breaks ? "The provider 'openai' broke off its response." : "overloaded", (string?)reported[1]["error"]);
        Assert.Equal("error", (string?)reported[1]["finish_reason"]);
        Assert.DoesNotContain("[DONE]", stream, StringComparison.Ordinal);
        Assert.Equal((RequestOutcome.Error, "PROVIDER_ERROR"), (row.Outcome, row.ErrorCode));
        await openai.Provider.NextRequestAsync();
    }

    [Theory]
    [InlineData(400, """{"error":{"message":"no such parameter","type":"invalid_request_error","param":"top_k","code":null}}""", "INVALID_REQUEST", "no such parameter")]
    [InlineData(402, """{"error":{"message":"no credit"}}""", "SPEND_CAP_REACHED", "no credit")]
    [InlineData(403, """{"error":{"message":"not in your region"}}""", "INSUFFICIENT_PERMISSIONS", "not in your region")]
    [InlineData(404, """{"error":{"message":"no model","code":"model_not_found"}}""", "MODEL_NOT_FOUND", "no model")]
    [InlineData(404, "<html>", "NOT_FOUND", "The provider 'openai' answered 404.")]
    [InlineData(409, """{"error":"busy"}""", "CONFLICT", "busy")]
    [InlineData(422, """{"detail":"too long"}""", "INVALID_REQUEST", "too long")]
    [InlineData(422, """{"detail":[{"type":"missing","loc":["body","model"],"msg":"Field required"}]}""", "INVALID_REQUEST", "Field required")]
    [InlineData(422, """{"object":"error","message":{"detail":[{"loc":["body","model"],"msg":"Field required"}]},"type":"invalid_request_error"}""", "INVALID_REQUEST", "Field required")]
    [InlineData(400, """[{"error":{"code":400,"message":"Invalid value","status":"INVALID_ARGUMENT"}}]""", "INVALID_REQUEST", "Invalid value")]
    [InlineData(400, """[{"detail":[]}]""", "INVALID_REQUEST", "The provider 'openai' answered 400.")]
    [InlineData(400, """["no"]""", "INVALID_REQUEST", "The provider 'openai' answered 400.")]
    [InlineData(429, """{"error":{"message":"slow down"}}""", "RATE_LIMIT_EXCEEDED", "slow down")]
    [InlineData(500, """{"error":{"message":"oops"}}""", "PROVIDER_ERROR", "oops")]
    [InlineData(529, """{"error":{"message":"overloaded"}}""", "PROVIDER_ERROR", "overloaded")]
    public async Task A_providers_error_is_rewritten_to_the_flat_shape(int status, string body, string code, string message)
    {
        openai.Provider.Enqueue((_, response) => response.JsonAsync(status, body, ("Retry-After", "7")));

        var error = await PostAsync(ScriptedEdge.Chat).FlatErrorAsync();

        Assert.Equal((status, code, message), (error.Status, error.Code, error.Message));
        Assert.Equal("7", error.Header("Retry-After"));
        Assert.Equal(status == 429 ? "provider" : null, error.Header("X-Cencori-Limited-By"));
        Assert.Equal(status == 403 ? "provider" : null, error.Header("X-Cencori-Refused-By"));
        Assert.Equal(status is 409 or 422 or < 405 ? "false" : null, error.Header("x-should-retry"));
        await openai.Provider.NextRequestAsync();
    }

    [Fact]
    public async Task A_credential_repeated_in_a_providers_error_is_masked()
    {
        openai.Provider.Enqueue((_, response) => response.JsonAsync(403, $$$"""{"error":{"message":"{{{RunningEdge.ProviderKey}}} may not"}}"""));

        var error = await PostAsync(ScriptedEdge.Chat).FlatErrorAsync();

        Assert.EndsWith(" may not", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(RunningEdge.ProviderKey, error.Message, StringComparison.Ordinal);
        await openai.Provider.NextRequestAsync();
    }

    [Fact]
    public async Task Errors_of_the_edge_are_flat_and_have_its_headers()
    {
        var error = await PostAsync("{\"model\":\"gpt-4o\"}").FlatErrorAsync();

        Assert.Equal((400, "INVALID_REQUEST"), (error.Status, error.Code));
        Assert.NotNull(error.Header("Server-Timing"));
    }

    private Task<HttpResponseMessage> PostAsync(string body) => openai.Edge.PostAsync(openai.Key, ChatPath, body);

    private async Task<RequestRecord> RowOfAsync(HttpResponseMessage response)
    {
        RequestRecord? row = null;
        await Eventually.IsTrueAsync(async () => (row = (await openai.Edge.RowsOfAsync(openai.ProjectId, 0)).SingleOrDefault(row => row.RequestId == response.Header("X-Request-Id"))) is not null);
        return row!;
    }

    // Each event is sent after the client has read the one before.
    private async Task<(string Stream, int Reads)> StreamAsync(string path)
    {
        using var turns = new SemaphoreSlim(0);
        openai.Provider.Enqueue(async (_, response) =>
        {
            await response.SendHeadAsync(200, ("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"));
            foreach (var chunk in Chunks(hasUsage: false).Append("[DONE]"))
            {
                await response.SendChunkAsync($"data: {chunk}\n\n");
                await response.HoldAsync(turns.WaitAsync());
            }

            await response.EndChunksAsync();
        });
        using var edgeResponse = await openai.Edge.PostAsync(openai.Key, path, ScriptedEdge.StreamedChat);
        await using var stream = await edgeResponse.Content.ReadAsStreamAsync();
        var (text, reads, buffer) = ("", 0, new byte[64 * 1024]);
        while (await stream.ReadAsync(buffer) is > 0 and var read)
        {
            text += System.Text.Encoding.UTF8.GetString(buffer, 0, read);
            reads++;
            turns.Release();
        }

        await openai.Provider.NextRequestAsync();
        return (text, reads);
    }

    private static List<JsonNode> Events(string stream) =>
        [.. stream.Split('\n').Where(line => line.StartsWith("data: {", StringComparison.Ordinal)).Select(line => JsonNode.Parse(line["data: ".Length..])!)];

    private static List<string> Chunks(bool hasUsage)
    {
        List<string> chunks = [.. ScriptedProvider.ChatChunks("gpt-4o", Words)];
        if (hasUsage)
        {
            chunks.Add("""{"id":"x","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":3,"total_tokens":12}}""");
        }

        return chunks;
    }
}
