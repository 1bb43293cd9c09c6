#pragma warning disable OPENAI001 // The SDK marks its responses API as experimental.
using System.ClientModel;
using System.ClientModel.Primitives;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Edges;
using OpenAI;
using OpenAI.Responses;
using Xunit.Abstractions;

namespace Cencori.Edge.Tests.Wire;

/// <summary>
/// The official SDKs with a provider that breaks each operation's stream at every point: between events and inside them, with a closed
/// connection and with a regular end. If an SDK raises an error directly at the provider, it also does at the edge. If the response is incomplete, it
/// always raises an error at the edge.
/// </summary>
public sealed partial class BrokenStreamsTests(ITestOutputHelper output, BrokenStreamsTests.BreakingEdge at) : IClassFixture<BrokenStreamsTests.BreakingEdge>
{
    private static readonly (string Operation, string[] Events, int Whole)[] Streams =
    [
        ("chat", [
            """data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"gpt-4o","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}""",
            """data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"gpt-4o","choices":[{"index":0,"delta":{"content":"one"},"finish_reason":null}]}""",
            """data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"gpt-4o","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""",
            "data: [DONE]"], 2),
        ("responses", [
            """event: response.created|data: {"type":"response.created","sequence_number":0,"response":{"id":"resp_1","object":"response","created_at":1,"status":"in_progress","model":"gpt-4o","output":[]}}""",
            """event: response.output_item.added|data: {"type":"response.output_item.added","sequence_number":1,"output_index":0,"item":{"id":"msg_1","type":"message","status":"in_progress","role":"assistant","content":[]}}""",
            """event: response.output_text.delta|data: {"type":"response.output_text.delta","sequence_number":2,"item_id":"msg_1","output_index":0,"content_index":0,"delta":"one","logprobs":[]}""",
            """event: response.completed|data: {"type":"response.completed","sequence_number":3,"response":{"id":"resp_1","object":"response","created_at":1,"status":"completed","model":"gpt-4o","output":[]}}"""], 3),
        ("messages", [
            """event: message_start|data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"gpt-4o","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":3,"output_tokens":1}}}""",
            """event: content_block_start|data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}""",
            """event: content_block_delta|data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"one"}}""",
            """event: content_block_stop|data: {"type":"content_block_stop","index":0}""",
            """event: message_delta|data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":1}}""",
            """event: message_stop|data: {"type":"message_stop"}"""], 5),
    ];

    private sealed record Case(string Operation, int At, string How, string? Without, string? WithEdge);

    [NodeFact(NodeScript.Directory, "@anthropic-ai/sdk")]
    [Trait(SlowestTests.Trait, "Node processes load the SDKs.")]
    public async Task The_official_JavaScript_SDKs_raise_an_error_for_every_incomplete_stream() => Check("JavaScript", await NodeScript.RunAsync<Case>("breaks.mjs", new()
    {
        ["EDGE_URL"] = at.Edge.Address.AbsoluteUri,
        ["PROVIDER_URL"] = at.Provider.Address.AbsoluteUri,
        ["API_KEY"] = at.Key,
        ["POINTS"] = JsonSerializer.Serialize(Streams.ToDictionary(stream => stream.Operation, Points)),
    }));

    [Fact]
    public async Task The_official_NET_SDK_raises_an_error_for_every_incomplete_stream()
    {
        var cases = new List<Case>();
        foreach (var stream in Streams.Where(stream => stream.Operation != "messages"))
        {
            foreach (var point in Points(stream))
            {
                foreach (var how in (string[])["close", "end"])
                {
                    var both = await Task.WhenAll(RaiseAsync(at.Provider.Address, stream.Operation, $"case {point} {how}"), RaiseAsync(at.Edge.Address, stream.Operation, $"case {point} {how}"));
                    cases.Add(new(stream.Operation, point, how, both[0], both[1]));
                }
            }
        }

        Check(".NET", cases);
    }

    private static string Text(string[] events) => string.Concat(events.Select(one => one.Replace("|data", "\ndata", StringComparison.Ordinal) + "\n\n"));

    // After each event, inside its last line, and after that line.
    private static int[] Points((string Operation, string[] Events, int Whole) stream) =>
        [0, .. Enumerable.Range(1, stream.Events.Length).SelectMany(count => (int[])[Text(stream.Events[..count]).Length - 6, Text(stream.Events[..count]).Length - 1, Text(stream.Events[..count]).Length])];

    private void Check(string client, List<Case> cases)
    {
        Assert.Equal(Streams.Where(stream => cases.Any(one => one.Operation == stream.Operation)).Sum(stream => Points(stream).Length) * 2, cases.Count);
        foreach (var one in cases)
        {
            var (_, events, whole) = Streams.Single(stream => stream.Operation == one.Operation);
            var isComplete = one.At >= Text(events[..(whole + 1)]).Length - 2;
            var behind = Enumerable.Range(0, events.Length + 1).Last(count => Text(events[..count]).Length <= one.At);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{client,-10} {one.Operation,-9} {(isComplete ? "whole" : "     ")} {behind} events + {one.At - Text(events[..behind]).Length,2}  {one.How,-5}  {one.Without ?? "-"}  |  {one.WithEdge ?? "-"}"));
        }

        Assert.All(cases, one =>
        {
            var (_, events, whole) = Streams.Single(stream => stream.Operation == one.Operation);
            var isComplete = one.At >= Text(events[..(whole + 1)]).Length - 2;
            Assert.True(isComplete || one.WithEdge is not null, $"{one} counts as complete.");
            Assert.True(isComplete && one.How == "end" ? one.WithEdge is null || one.Without is not null : isComplete || one.Without is null || one.WithEdge is not null, $"{one}");
        });
    }

    private async Task<string?> RaiseAsync(Uri address, string operation, string content)
    {
        var endpoint = new Uri(address, "/v1");
        try
        {
            if (operation == "chat")
            {
                var client = new OpenAIClient(new ApiKeyCredential(at.Key), new OpenAIClientOptions { Endpoint = endpoint, RetryPolicy = new ClientRetryPolicy(maxRetries: 0) });
                await foreach (var _ in client.GetChatClient("gpt-4o").CompleteChatStreamingAsync(content))
                {
                }
            }
            else
            {
                var client = new ResponsesClient(new ApiKeyCredential(at.Key), new ResponsesClientOptions { Endpoint = endpoint, RetryPolicy = new ClientRetryPolicy(maxRetries: 0) });
                await foreach (var _ in await client.CreateResponseStreamingAsync("gpt-4o", content))
                {
                }
            }

            return null;
        }
        catch (Exception exception)
        {
            return $"{exception.GetType().Name}: {exception.Message.ReplaceLineEndings(" ")}";
        }
    }

    [GeneratedRegex(@"case (\d+) (\w+)")]
    private static partial Regex CaseInBody();

    /// <summary>An edge whose provider breaks a stream where and how the request says.</summary>
    public sealed class BreakingEdge : ScriptedEdge
    {
        public BreakingEdge() => Provider.Respond(async (request, response) =>
        {
            var found = CaseInBody().Match(request.BodyText);
            var stream = Text(Streams.Single(stream => request.Target.Contains(stream.Operation, StringComparison.Ordinal)).Events);
            await response.SendHeadAsync(200, ("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"));
            if (int.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture) is > 0 and var at)
            {
                await response.SendChunkAsync(Encoding.UTF8.GetBytes(stream).AsMemory(0, at));
            }

            await (found.Groups[2].Value == "end" ? response.EndChunksAsync() : response.CloseAsync());
        });
    }
}
