using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Cencori.Edge.Tests.Infrastructure.Providers;

public sealed class ScriptedProviderTests : ScriptedProviderTestBase
{
    [Fact]
    public async Task Bytes_go_both_ways_unchanged()
    {
        byte[] sent = [.. Enumerable.Range(0, 256).Select(value => (byte)value)];
        Provider.Respond(async (request, response) =>
        {
            await response.SendHeadAsync(200, ("Content-Length", $"{request.Body.Length}"));
            await response.SendAsync(request.Body);
        });

        using var content = new ByteArrayContent(sent);
        using var edgeResponse = await Client.PostAsync("v1/echo?a=%20b", content);
        var received = await Provider.NextRequestAsync();

        Assert.Equal(sent, await edgeResponse.Content.ReadAsByteArrayAsync());
        Assert.Equal(sent, received.Body.ToArray());
        Assert.Equal(BodyFraming.ContentLength, received.Framing);
        Assert.Equal(
            $"POST /v1/echo?a=%20b HTTP/1.1\r\nHost: {Provider.Address.Authority}\r\nContent-Length: 256\r\n\r\n", received.HeadText);
    }

    [Fact]
    public async Task Headers_keep_order_spelling_and_duplicates()
    {
        Provider.Respond((_, response) => response.JsonAsync(200, "{}"));

        await SendRawAsync(["GET / HTTP/1.1\r\nhOST: a\r\nX-Two:  1 \r\nAuthorization: b\r\nx-two:2\r\n\r\n"u8.ToArray()]);
        var received = await Provider.NextRequestAsync();

        Assert.Equal([("hOST", "a"), ("X-Two", "1"), ("Authorization", "b"), ("x-two", "2")], received.Headers);
        Assert.Equal(["1", "2"], received.Values("X-TWO"));
        Assert.Equal(BodyFraming.None, received.Framing);
    }

    [Fact]
    public async Task Sequential_requests_share_a_connection_and_parallel_ones_do_not()
    {
        var bothArrived = new TaskCompletionSource();
        Provider.Respond((_, response) => response.JsonAsync(200, "{}"));
        await Client.GetStringAsync("first");
        await Client.GetStringAsync("second");

        Provider.Respond(async (_, response) =>
        {
            await response.HoldAsync(bothArrived.Task);
            await response.JsonAsync(200, "{}");
        });
        var parallel = Task.WhenAll(Client.GetStringAsync("third"), Client.GetStringAsync("fourth"));
        for (var seen = 0; seen < 4; seen++)
        {
            await Provider.NextRequestAsync();
        }

        bothArrived.SetResult();
        await parallel;

        var requests = Provider.Requests;
        Assert.Equal(["/first", "/second"], requests.Take(2).Select(request => request.Target));
        Assert.Equal(requests[0].Connection, requests[1].Connection);
        Assert.NotEqual(requests[2].Connection, requests[3].Connection);
    }

    [Fact]
    public async Task A_chunked_request_is_decoded_for_any_split()
    {
        Provider.Respond((_, response) => response.JsonAsync(200, "{}"));
        var wire = Encoding.UTF8.GetBytes("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\nA\r\n, \r\nwörld\r\n0\r\nTrailer: 1\r\n\r\n");

        await SendRawAsync(wire.Chunk(1));
        await SendRawAsync([wire]);

        Assert.All(
            [await Provider.NextRequestAsync(), await Provider.NextRequestAsync()],
            request => Assert.Equal(("hello, \r\nwörld", BodyFraming.Chunked), (request.BodyText, request.Framing)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_of_33_MiB_arrives_whole(bool chunked)
    {
        var sent = new byte[33 * 1024 * 1024];
        new Random(1).NextBytes(sent);
        Provider.Respond((_, response) => response.JsonAsync(200, "{}"));

        using var request = new HttpRequestMessage(HttpMethod.Post, "");
        request.Content = new ByteArrayContent(sent);
        request.Headers.TransferEncodingChunked = chunked;
        using var edgeResponse = await Client.SendAsync(request);
        var received = await Provider.NextRequestAsync();

        Assert.Equal(chunked ? BodyFraming.Chunked : BodyFraming.ContentLength, received.Framing);
        Assert.True(received.Body.Span.SequenceEqual(sent));
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    public async Task A_stream_split_byte_by_byte_is_the_same_stream(string newline)
    {
        var chunks = ScriptedProvider.ChatChunks("gpt-x", ["Grüße ", "🙂"], (3, 2));
        var expected = string.Concat(chunks.Append("[DONE]").Select(data => $"data: {data}{newline}{newline}"));
        Provider.Enqueue((_, response) => response.SseAsync(chunks, newline: newline));
        Provider.Enqueue((_, response) => response.SseAsync(chunks, newline: newline, split: bytes => bytes.Chunk(1)));

        Assert.Equal(expected, await Client.GetStringAsync("whole"));
        Assert.Equal(expected, await Client.GetStringAsync("split"));
        Assert.Contains("🙂", chunks[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_send_is_a_separate_write_in_script_order_with_its_pauses()
    {
        var pause = TimeSpan.FromMilliseconds(150);
        Provider.Respond((_, response) => response.SseAsync(["1", "2"], done: false, pace: pause));

        // On a busy machine, the first read may return long after its write, and then with both events.
        await Eventually.IsTrueAsync(async () =>
        {
            using var edgeResponse = await Client.GetAsync("", HttpCompletionOption.ResponseHeadersRead);
            await using var stream = await edgeResponse.Content.ReadAsStreamAsync();
            var first = await ReadOnceAsync(stream);
            var between = TimeProvider.System.GetTimestamp();
            var second = await ReadOnceAsync(stream);
            var paused = TimeProvider.System.GetElapsedTime(between);
            Assert.Equal("data: 1\n\ndata: 2\n\n", first + second);
            return (second, await ReadOnceAsync(stream)) == ("data: 2\n\n", "") && paused >= pause / 2;
        });
    }

    [Fact]
    public async Task A_timeout_while_waiting_for_a_request_loses_no_request()
    {
        Provider.Respond((_, response) => response.JsonAsync(200, "{}"));
        await Assert.ThrowsAsync<TimeoutException>(() => Provider.NextRequestAsync(TimeSpan.FromMilliseconds(50)));
        await Client.GetStringAsync("late");

        Assert.Equal("/late", (await Provider.NextRequestAsync()).Target);
    }

    [Fact]
    public void A_completion_has_the_shape_of_the_api()
    {
        using var json = JsonDocument.Parse(ScriptedProvider.ChatCompletion("gpt-x", "hi", 3, 2));
        var chunks = ScriptedProvider.ChatChunks("gpt-x", ["a", "b"], (3, 2));

        Assert.Equal("hi", json.RootElement.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString());
        Assert.Equal(5, json.RootElement.GetProperty("usage").GetProperty("total_tokens").GetInt32());
        Assert.Equal(5, chunks.Count);
        Assert.All(chunks.SkipLast(1), chunk => Assert.EndsWith("\"usage\":null}", chunk, StringComparison.Ordinal));
        Assert.EndsWith(
            """
            "choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}
            """,
            chunks[^1],
            StringComparison.Ordinal);
        Assert.All(ScriptedProvider.ChatChunks("gpt-x", ["a"]), chunk => Assert.DoesNotContain("usage", chunk, StringComparison.Ordinal));
    }

    // Returns when the response has begun, and closes the socket.
    private async Task SendRawAsync(IEnumerable<byte[]> pieces)
    {
        using var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(Provider.Address.Host, Provider.Address.Port);
        foreach (var piece in pieces)
        {
            await client.GetStream().WriteAsync(piece);
        }

        await ReadOnceAsync(client.GetStream());
    }
}
