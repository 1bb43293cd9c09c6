using System.Net.Http.Headers;
using System.Text;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Pipeline.Streams;

/// <summary>Event streams without faults: the same bytes, as soon as they arrive.</summary>
public sealed class StreamingTests(RespondingEdge openai) : IClassFixture<RespondingEdge>
{
    private const string Events =
        ": a comment, then CRLF\r\n\r\nevent: x\r\ndata: {\"c\":\"d\u00e9j\u00e0 \ud83d\ude00 \u4f60\u597d\"}\r\n\r\n"
        + "data: {\"a\":1}\ndata: {\"b\":2}\n\n\n:\n\nid: 7\nretry: 10\ndata:no space\n\ndata: [DONE]\n\n";

    [Fact]
    public async Task An_event_reaches_the_client_before_the_provider_sends_the_next()
    {
        var gates = Enumerable.Range(0, 5).Select(_ => new TaskCompletionSource()).ToArray();
        openai.Provider.Enqueue(async (_, response) =>
        {
            await response.SendHeadAsync(200, ("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"));
            for (var i = 0; i < gates.Length; i++)
            {
                await response.SendChunkAsync($"data: {i}\n\n");
                await response.HoldAsync(gates[i].Task);
            }

            await response.EndChunksAsync();
        });

        using var client = await RawClient.ConnectAsync(openai.Edge);
        await client.PostAsync(openai.Key, "/v1/chat/completions", ScriptedEdge.StreamedChat, "Accept-Encoding: gzip, br\r\n");
        var head = await client.ReadHeadAsync();
        for (var i = 0; i < gates.Length; i++)
        {
            Assert.Equal($"data: {i}\n\n", Encoding.UTF8.GetString(await client.ReadChunkAsync()));
            gates[i].SetResult();
        }

        Assert.Empty(await client.ReadChunkAsync());
        Assert.DoesNotContain("Content-Encoding", head, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(["identity"], (await openai.Provider.NextRequestAsync()).Values("Accept-Encoding"));
    }

    [Fact]
    public async Task Headers_arrive_with_the_first_byte_of_the_body_and_not_before()
    {
        // yarp trap 10. So the arrival of the headers does not measure the time to the first byte.
        var gate = new TaskCompletionSource();
        var headSent = new TaskCompletionSource();
        openai.Provider.Enqueue(async (_, response) =>
        {
            await response.SendHeadAsync(200, ("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"));
            headSent.SetResult();
            await response.HoldAsync(gate.Task);
            await response.SseAsync(["{}"]);
        });

        var responding = openai.Edge.PostAsync(openai.Key, "/v1/chat/completions", ScriptedEdge.StreamedChat);
        await headSent.Task;
        await openai.Provider.NextRequestAsync();
        Assert.False(responding.IsCompleted);
        gate.SetResult();
        using var edgeResponse = await responding;

        Assert.Equal("data: {}\n\ndata: [DONE]\n\n", await edgeResponse.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Bytes_pass_unchanged_wherever_they_are_cut()
    {
        // field trap 14
        var bytes = Encoding.UTF8.GetBytes(Events);
        for (var cut = 1; cut < bytes.Length; cut++)
        {
            var at = cut;
            Assert.Equal(bytes, await StreamAsync([bytes[..at], bytes[at..]]));
        }
    }

    [Fact]
    public async Task Bytes_pass_unchanged_one_by_one()
    {
        var bytes = Encoding.UTF8.GetBytes(Events);
        Assert.Equal(bytes, await StreamAsync(bytes.Chunk(1)));
    }

    [Fact]
    public async Task A_stream_with_a_Content_Length_passes_too()
    {
        openai.Provider.Enqueue(async (_, response) =>
        {
            await response.SendHeadAsync(200, ("Content-Type", "text/event-stream"), ("Content-Length", "12"));
            await response.SendAsync("data: abcd\n\n");
        });

        using var edgeResponse = await openai.ChatAsync(body: ScriptedEdge.StreamedChat);
        await openai.Provider.NextRequestAsync();

        Assert.Equal("data: abcd\n\n", await edgeResponse.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_large_event_passes_completely()
    {
        var data = new string('x', 1_000_000);
        openai.Provider.Enqueue((_, response) => response.SseAsync([data]));

        using var edgeResponse = await openai.ChatAsync(body: ScriptedEdge.StreamedChat);
        await openai.Provider.NextRequestAsync();

        Assert.Equal($"data: {data}\n\ndata: [DONE]\n\n", await edgeResponse.Content.ReadAsStringAsync());
        Assert.Equal(new MediaTypeHeaderValue("text/event-stream"), edgeResponse.Content.Headers.ContentType);
    }

    private async Task<byte[]> StreamAsync(IEnumerable<byte[]> pieces)
    {
        openai.Provider.Enqueue(async (_, response) =>
        {
            await response.SendHeadAsync(200, ("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"));
            foreach (var piece in pieces)
            {
                await response.SendChunkAsync(piece);
            }

            await response.EndChunksAsync();
        });
        using var edgeResponse = await openai.ChatAsync(body: ScriptedEdge.StreamedChat);
        await openai.Provider.NextRequestAsync();
        return await edgeResponse.Content.ReadAsByteArrayAsync();
    }
}
