using System.Text.Json.Nodes;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Records;

namespace Cencori.Edge.Tests.Pipeline.Streams;

/// <summary>Streams that the provider ends without a connection error, complete or not.</summary>
public sealed class StreamEndTests(RespondingEdge openai) : IClassFixture<RespondingEdge>
{
    private const string Chat = "/v1/chat/completions";
    private const string Legacy = "/v1/completions";
    private const string Responses = "/v1/responses";
    private const string Messages = "/v1/messages";
    private const string Speech = "/v1/audio/speech";
    private const string Images = "/v1/images/generations";
    private const string Elsewhere = "/v1/threads/runs";

    private const string One = "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"one\"},\"finish_reason\":null}]}\n\n";
    private const string Two = "data: {\"id\":\"c\",\"choices\":[{\"index\":1,\"delta\":{\"content\":\"two\"},\"finish_reason\":null}]}\n\n";
    private const string OneEnds = "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
    private const string TwoEnds = "data: {\"id\":\"c\",\"choices\":[{\"index\":1,\"delta\":{},\"finish_reason\":\"length\"}]}\n\n";
    private const string Created = "event: response.created\ndata: {\"type\":\"response.created\",\"sequence_number\":0,\"response\":{\"id\":\"resp_1\",\"status\":\"in_progress\"}}\n\n";
    private const string Delta = "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"sequence_number\":1,\"delta\":\"one\"}\n\n";
    private const string Completed = "event: response.completed\ndata: {\"type\":\"response.completed\",\"sequence_number\":2,\"response\":{\"id\":\"resp_1\",\"status\":\"completed\"}}\n\n";
    private const string Incomplete = "event: response.incomplete\ndata: {\"type\":\"response.incomplete\",\"sequence_number\":2,\"response\":{\"id\":\"resp_1\",\"status\":\"incomplete\"}}\n\n";
    private const string Start = "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"usage\":{\"input_tokens\":3,\"output_tokens\":1}}}\n\n";
    private const string Block = "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"one\"}}\n\n";
    private const string MessageDelta = "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":1}}\n\n";
    private const string Stop = "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
    private const string Error = "data: {\"error\":{\"message\":\"overloaded\",\"type\":\"server_error\"}}\n\n";

    [Theory]
    [InlineData(Chat, One + OneEnds)]
    [InlineData(Chat, One + Two + TwoEnds + OneEnds)]
    [InlineData(Chat, One + "data: [DONE]\n\n")]
    [InlineData(Chat, One + "data: [DONE]\n")]
    [InlineData(Chat, One + "data: [DONE]")]
    [InlineData(Chat, "data: {\"n\":1}\n\n")]
    [InlineData(Legacy, "data: {\"choices\":[{\"index\":0,\"text\":\"one\",\"finish_reason\":\"length\"}]}\n\n")]
    [InlineData(Responses, Created + Delta + Completed)]
    [InlineData(Responses, Created + Incomplete)]
    [InlineData(Messages, Start + Block + MessageDelta + Stop)]
    [InlineData(Speech, "data: {\"type\":\"speech.audio.delta\",\"audio\":\"AA==\"}\n\ndata: {\"type\":\"speech.audio.done\",\"usage\":{\"input_tokens\":1,\"output_tokens\":1,\"total_tokens\":2}}\n\n")]
    [InlineData(Elsewhere, "event: thread.run.created\ndata: {\"object\":\"thread.run\"}\n\n")]
    [InlineData(Elsewhere, "event: thread.run.created\ndata: {\"object\":")]
    [InlineData(Elsewhere, "")]
    public async Task A_complete_stream_or_one_of_unknown_format_passes_unchanged(string path, string stream)
    {
        var (text, record) = await StreamAsync(path, stream);

        Assert.Equal(stream, text);
        Assert.Equal((200, RequestOutcome.Success, null), (record.Status, record.Outcome, record.ErrorCode));
    }

    [Theory]
    [InlineData(Chat, One)]
    [InlineData(Chat, One + Two + OneEnds)]
    [InlineData(Chat, "data: {\"choices\":[],\"prompt_filter_results\":[]}\n\n")]
    [InlineData(Chat, ": a comment\n\n")]
    [InlineData(Legacy, "data: {\"choices\":[{\"index\":0,\"text\":\"one\",\"finish_reason\":null}]}\n\n")]
    [InlineData(Responses, Created)]
    [InlineData(Responses, Created + Delta)]
    [InlineData(Messages, Start)]
    [InlineData(Messages, Start + Block + MessageDelta)]
    [InlineData(Speech, "data: {\"type\":\"speech.audio.delta\",\"audio\":\"AA==\"}\n\n")]
    [InlineData(Images, "event: image_generation.partial_image\ndata: {\"type\":\"image_generation.partial_image\",\"b64_json\":\"AA==\"}\n\n")]
    [InlineData(Elsewhere, One)]
    public async Task A_stream_that_ends_early_ends_with_the_error_event_of_its_dialect(string path, string stream)
    {
        var (text, record) = await StreamAsync(path, stream);

        AssertEndsInError(path, stream, text);
        Assert.Equal((200, RequestOutcome.Error, "PROVIDER_ERROR"), (record.Status, record.Outcome, record.ErrorCode));
        Assert.Equal("failed", Assert.Single(record.Attempts!).Outcome);
    }

    [Theory]
    [InlineData(Chat, One, "data: {\"id\":\"c\",\"choi")]
    [InlineData(Chat, One, "da")]
    [InlineData(Chat, One, "data: {\"error\":{\"message\":\"over")]
    [InlineData(Chat, One, "data: {\"id\":\"c\",\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":1,\"total_tokens\":4}}\n\n")]
    [InlineData(Chat, One, "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]")]
    [InlineData(Responses, Created + Delta, "event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":{\"id\":")]
    [InlineData(Messages, Start + Block, "event: message_stop\ndata: {\"type\":\"message_stop\"")]
    public async Task A_stream_that_ends_in_mid_event_ends_with_the_error_event_of_its_dialect(string path, string before, string half)
    {
        var (text, record) = await StreamAsync(path, before + half);

        // The edge holds back chat events until they are complete, so an incomplete one does not reach the caller.
        AssertEndsInError(path, path == Chat ? before : before + half, text);
        Assert.Equal((RequestOutcome.Error, "PROVIDER_ERROR"), (record.Outcome, record.ErrorCode));
    }

    [Fact]
    public async Task An_incomplete_usage_event_that_the_caller_did_not_ask_for_is_dropped_and_the_stream_stays_complete()
    {
        var (text, record) = await StreamAsync(Chat, One + OneEnds + "data: {\"id\":\"c\",\"choices\":[],\"usage\":{\"prompt_tokens\":3");

        Assert.Equal((One + OneEnds, RequestOutcome.Success), (text, record.Outcome));
    }

    [Theory]
    [InlineData(Chat)]
    [InlineData(Legacy)]
    [InlineData(Responses)]
    [InlineData(Messages)]
    public async Task An_empty_stream_gives_a_regular_error(string path)
    {
        var (text, record) = await StreamAsync(path, "");

        Assert.Equal("PROVIDER_ERROR", (string?)JsonNode.Parse(text)!["error"]!["code"]);
        Assert.Equal((502, RequestOutcome.Error, "PROVIDER_ERROR"), (record.Status, record.Outcome, record.ErrorCode));
    }

    [Theory]
    [InlineData(Chat, One + Error)]
    [InlineData(Responses, Created + "event: error\ndata: {\"type\":\"error\",\"code\":\"server_error\",\"message\":\"no\",\"sequence_number\":1}\n\n")]
    [InlineData(Messages, Start + "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"no\"}}\n\n")]
    public async Task After_a_providers_own_error_event_the_edge_adds_none(string path, string stream)
    {
        var (text, record) = await StreamAsync(path, stream);

        Assert.Equal(stream, text);
        Assert.Equal((200, RequestOutcome.Error, "PROVIDER_ERROR"), (record.Status, record.Outcome, record.ErrorCode));
    }

    [Theory]
    [InlineData("data: [DONE]\n", "\n")]
    [InlineData("data: [DONE]", "\n\n")]
    [InlineData("data: [DONE]\r", "\n\r\n")]
    public async Task DONE_is_passed_on_before_the_empty_line_after_it_arrives(string done, string rest)
    {
        var seen = new TaskCompletionSource();
        openai.Provider.Enqueue(async (_, response) =>
        {
            await response.SendHeadAsync(200, ("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"));
            await response.SendChunkAsync(One);
            await response.SendChunkAsync(done);
            await response.HoldAsync(seen.Task);
            await response.SendChunkAsync(rest);
            await response.EndChunksAsync();
        });
        using var client = await RawClient.ConnectAsync(openai.Edge);
        await client.PostAsync(openai.Key, Chat, ScriptedEdge.StreamedChat);
        await client.ReadHeadAsync();
        var text = "";
        while (text.Length < One.Length + done.Length)
        {
            text += System.Text.Encoding.UTF8.GetString(await client.ReadChunkAsync());
        }

        Assert.Equal(One + done, text);
        seen.SetResult();
        await openai.Provider.NextRequestAsync();
    }

    private static void AssertEndsInError(string path, string soFar, string text)
    {
        Assert.StartsWith(soFar, text, StringComparison.Ordinal);
        var last = Assert.Single(text[soFar.Length..].Split("\n\n", StringSplitOptions.RemoveEmptyEntries));
        var isNamed = path is not (Chat or Legacy or Elsewhere);
        Assert.StartsWith(isNamed ? "event: error\ndata: {\"type\":\"error\"," : "data: {\"error\":", last, StringComparison.Ordinal);
        var error = JsonNode.Parse(last[(last.IndexOf("data: ", StringComparison.Ordinal) + 6)..])!;
        Assert.Equal("PROVIDER_ERROR", (string?)error["error"]!["code"]);
        Assert.Equal("api_error", (string?)error["error"]!["type"]);
        if (path == Responses)
        {
            Assert.Equal(("PROVIDER_ERROR", (string?)error["error"]!["message"]), ((string?)error["code"], (string?)error["message"]));
            Assert.Equal(soFar.Contains("\"sequence_number\":1", StringComparison.Ordinal) ? 2 : 1, (int)error["sequence_number"]!);
        }

        Assert.Equal(path == Messages, error["request_id"] is not null);
    }

    private async Task<(string Text, RequestRecord Record)> StreamAsync(string path, string stream)
    {
        var (project, key) = await openai.CreateAsync(new { });
        openai.Provider.Enqueue(async (_, response) =>
        {
            await response.SendHeadAsync(200, ("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"));
            if (stream.Length > 0)
            {
                await response.SendChunkAsync(stream);
            }

            await response.EndChunksAsync();
        });
        using var edgeResponse = await openai.Edge.PostAsync(key, path, """{"model":"gpt-4o","stream":true,"input":"Hello!","prompt":"Hello!","messages":[]}""");
        await openai.Provider.NextRequestAsync();
        var text = await edgeResponse.Content.ReadAsStringAsync();
        RequestRecord[] records = [];
        await Eventually.IsTrueAsync(async () =>
        {
            await openai.Edge.Records().FlushAsync();
            records = [.. (await openai.Edge.RowsAsync()).Where(record => record.ProjectId == project)];
            return records.Length > 0;
        });
        return (text, Assert.Single(records));
    }
}
