#pragma warning disable OPENAI001 // The SDK marks its responses API as experimental.
using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text.Json.Nodes;
using OpenAI.Responses;

namespace Cencori.Edge.Tests.Pipeline.Streams;

/// <summary>The error event of a broken stream, in the dialect of each operation.</summary>
public sealed class StreamErrorEventTests(StreamBreakTests.ShortTimeoutEdge openai) : IClassFixture<StreamBreakTests.ShortTimeoutEdge>
{
    private static readonly (string Name, string Value)[] EventStream = [("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked")];

    [Theory]
    [InlineData("/v1/responses", false)]
    [InlineData("/v1/responses", true)]
    [InlineData("/v1/messages", false)]
    [InlineData("/v1/messages", true)]
    [InlineData("/v1/audio/transcriptions", false)]
    public async Task Other_operations_have_their_own_error_event(string path, bool isSilent)
    {
        var received = new TaskCompletionSource();
        openai.Provider.Enqueue(async (_, response) =>
        {
            await response.SendHeadAsync(200, EventStream);
            await response.SendChunkAsync("event: x\ndata: {\"type\":\"x\",\"sequence_number\":7}\n\nevent: y\nda");
            await response.HoldAsync(received.Task);
            await (isSilent ? response.WaitForAbortAsync() : response.CloseAsync());
        });
        using var edgeResponse = await openai.Edge.PostAsync(openai.Key, path, """{"model":"gpt-4o","stream":true,"max_tokens":9,"input":"Hello!","messages":[]}""");
        await openai.Provider.NextRequestAsync();
        received.SetResult();
        var text = await edgeResponse.Content.ReadAsStringAsync();

        var last = text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries)[^1].Split('\n');
        Assert.Equal("event: error", last[0]);
        var body = JsonNode.Parse(last[1]["data: ".Length..])!;
        var error = body["error"]!;
        var code = isSilent ? "PROVIDER_TIMEOUT" : "PROVIDER_ERROR";
        Assert.Equal(("error", code), ((string?)body["type"], (string?)error["code"]));
        if (path == "/v1/messages")
        {
            Assert.Equal((isSilent ? "timeout_error" : "api_error", edgeResponse.Headers.GetValues("X-Request-Id").Single()), ((string?)error["type"], (string?)body["request_id"]));
        }
        else
        {
            Assert.Equal((code, (string?)error["message"], null, 8), ((string?)body["code"], (string?)body["message"], (string?)body["param"], (int)body["sequence_number"]!));
        }
    }

    [Theory]
    [InlineData("close")]
    [InlineData("silence")]
    [InlineData("end")]
    public async Task The_official_SDK_throws_for_a_broken_responses_stream(string how)
    {
        openai.Provider.Enqueue(async (_, response) =>
        {
            await response.SendHeadAsync(200, EventStream);
            await response.SendChunkAsync("event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"sequence_number\":1,\"item_id\":\"m\",\"output_index\":0,\"content_index\":0,\"delta\":\"one\"}\n\n");
            await (how == "close" ? response.CloseAsync() : how == "silence" ? response.WaitForAbortAsync() : response.EndChunksAsync());
        });
        var client = new ResponsesClient(new ApiKeyCredential(openai.Key), new ResponsesClientOptions { Endpoint = new Uri(openai.Edge.Address, "/v1"), RetryPolicy = new ClientRetryPolicy(maxRetries: 0) });

        var text = "";
        var failure = await Record.ExceptionAsync(async () =>
        {
            await foreach (var update in await client.CreateResponseStreamingAsync("gpt-4o", "Hello!"))
            {
                text += (update as StreamingResponseOutputTextDeltaUpdate)?.Delta;
            }
        });
        await openai.Provider.NextRequestAsync();

        Assert.Equal("one", text);
        Assert.NotNull(failure);
    }
}
