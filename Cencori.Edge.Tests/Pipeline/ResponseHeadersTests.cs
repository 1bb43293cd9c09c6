using System.Net.Http.Headers;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Pipeline;

/// <summary>What a caller can learn about a provider: the headers that reach the caller.</summary>
public sealed class ResponseHeadersTests(TracedEdge openai) : IClassFixture<TracedEdge>
{
    private static readonly (string Name, string Value)[] OperatorsOwn =
    [
        ("Set-Cookie", "__cf_bm=operator; path=/"),
        ("openai-organization", "org-operator"),
        ("openai-project", "proj-operator"),
        ("x-request-id", "req-of-the-provider"),
        ("request-id", "req-operator"),
        ("x-ratelimit-limit-requests", "77777777"),
        ("x-ratelimit-remaining-tokens", "77777777"),
        ("x-ratelimit-reset-requests", "77777777s"),
        ("X-RateLimit-Limit", "77777777"),
        ("anthropic-ratelimit-requests-limit", "77777777"),
        ("anthropic-organization-id", "org-operator"),
        ("Server", "operator-cdn"),
        ("Via", "1.1 operator"),
        ("Alt-Svc", "h3=\":443\""),
        ("Strict-Transport-Security", "max-age=77777777"),
        ("Access-Control-Allow-Origin", "*"),
        ("Access-Control-Expose-Headers", "operator"),
        ("CF-Ray", "operator"),
        ("X-Powered-By", "operator"),
        ("WWW-Authenticate", "Bearer realm=operator"),
        ("Location", "https://operator.example"),
    ];

    [Theory]
    [InlineData(200)]
    [InlineData(201)]
    [InlineData(400)]
    [InlineData(404)]
    [InlineData(422)]
    [InlineData(429)]
    [InlineData(500)]
    public async Task On_JSON_the_providers_private_headers_are_dropped_and_the_edges_own_arrive_once(int status)
    {
        // yarp trap 8, field trap 16
        openai.Provider.Enqueue((_, response) => response.JsonAsync(status, """{"error":{"message":"as it is"}}""", [.. OperatorsOwn, ("Retry-After", "7"), ("openai-processing-ms", "12"), ("openai-poll-after-ms", "500")]));

        var head = await HeadAsync(ScriptedEdge.Chat, async client =>
        {
            var edgeResponse = await client.ReadResponseAsync();
            Assert.Single(edgeResponse.Headers["Content-Length"]);
            Assert.Equal("""{"error":{"message":"as it is"}}""", edgeResponse.Body);
            return edgeResponse.Head;
        });

        AssertClean(head);
        Assert.StartsWith($"HTTP/1.1 {status} ", head, StringComparison.Ordinal);
        Assert.Contains("\r\nRetry-After: 7", head, StringComparison.Ordinal);
        Assert.Contains("\r\nopenai-processing-ms: 12", head, StringComparison.Ordinal);
        Assert.Contains("\r\nopenai-poll-after-ms: 500", head, StringComparison.Ordinal);
        Assert.Equal(status == 429, head.Contains("\r\nX-Cencori-Limited-By: provider", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(401)]
    [InlineData(302)]
    public async Task On_a_replaced_response_the_providers_headers_are_dropped(int status)
    {
        openai.Provider.Enqueue((_, response) => response.JsonAsync(status, """{"error":"operator"}""", [.. OperatorsOwn, ("Content-Language", "op"), ("ETag", "\"operator\"")]));

        var head = await HeadAsync(ScriptedEdge.Chat, async client =>
        {
            var edgeResponse = await client.ReadResponseAsync();
            Assert.Single(edgeResponse.Headers["Content-Length"]);
            Assert.DoesNotContain("operator", edgeResponse.Body, StringComparison.Ordinal);
            return edgeResponse.Head;
        });

        AssertClean(head);
        Assert.StartsWith("HTTP/1.1 502 Bad Gateway\r\n", head, StringComparison.Ordinal);
    }

    [Fact]
    public async Task On_streams_the_providers_private_headers_are_dropped_and_the_edges_own_arrive_once()
    {
        // yarp trap 8, field trap 6
        openai.Provider.Enqueue(async (_, response) =>
        {
            await response.SendHeadAsync(200, [("Content-Type", "text/event-stream; charset=utf-8"), ("Transfer-Encoding", "chunked"), ("Cache-Control", "max-age=9"), .. OperatorsOwn]);
            await response.SseAsync(["{}"]);
        });

        var head = await HeadAsync(ScriptedEdge.StreamedChat, client => client.ReadHeadAsync());

        AssertClean(head);
        Assert.Contains("\r\nContent-Type: text/event-stream; charset=utf-8", head, StringComparison.Ordinal);
        Assert.Contains("\r\nCache-Control: no-cache, no-transform", head, StringComparison.Ordinal);
        Assert.Contains("\r\nX-Accel-Buffering: no", head, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("audio/mpeg", """{"model":"tts-1","input":"x","voice":"alloy"}""")]
    [InlineData("audio/pcm", """{"model":"tts-1","input":"x","voice":"alloy","stream":true}""")]
    public async Task A_binary_response_passes_byte_for_byte_with_its_type_and_its_file_name(string type, string body)
    {
        // Begins like an event.
        byte[] sound = [.. Enumerable.Range(0, 300_000).Select(i => (byte)('d' + (i * 7)))];
        openai.Provider.Enqueue(async (_, response) =>
        {
            await response.SendHeadAsync(200, ("Content-Type", type), ("Content-Length", $"{sound.Length}"), ("Content-Disposition", "attachment; filename=\"a.mp3\""));
            await response.SendAsync(sound);
        });

        using var edgeResponse = await openai.Edge.PostAsync(openai.Key, "/v1/audio/speech", body);
        await openai.Provider.NextRequestAsync();

        Assert.Equal(type, edgeResponse.Content.Headers.ContentType?.ToString());
        Assert.Equal("attachment; filename=\"a.mp3\"", edgeResponse.Content.Headers.ContentDisposition?.ToString());
        Assert.Equal(sound.Length, edgeResponse.Content.Headers.ContentLength);
        Assert.Equal(sound, await edgeResponse.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Responses_are_never_compressed_on_the_way()
    {
        // yarp traps 9 and 11
        using var response = await openai.ChatAsync(null, null, ("Accept-Encoding", "gzip, br, deflate"));
        var received = await openai.Provider.NextRequestAsync();

        Assert.Equal(["identity"], received.Values("Accept-Encoding"));
        Assert.Empty(response.Content.Headers.ContentEncoding);
        Assert.Equal(new MediaTypeHeaderValue("application/json"), response.Content.Headers.ContentType);
        Assert.Contains("\"hi\"", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static void AssertClean(string head)
    {
        Assert.DoesNotContain("operator", head, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("77777777", head, StringComparison.Ordinal);
        var names = head.Split("\r\n")[1..].Select(line => line.Split(':')[0]).ToList();
        foreach (var stripped in (string[])["Alt-Svc", "Strict-Transport-Security", "Access-Control-Allow-Origin", "Server", "Set-Cookie", "Location"])
        {
            Assert.DoesNotContain(stripped, names, StringComparer.OrdinalIgnoreCase);
        }

        foreach (var once in (string[])["X-Request-Id", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "x-ratelimit-limit-requests", "x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"])
        {
            Assert.Single(names, name => name.Equals(once, StringComparison.OrdinalIgnoreCase));
        }
    }

    private async Task<string> HeadAsync(string body, Func<RawClient, Task<string>> read)
    {
        var (_, key) = await openai.CreateAsync(new { requests_per_minute = 600 });
        using var client = await RawClient.ConnectAsync(openai.Edge);
        await client.PostAsync(key, "/v1/chat/completions", body);
        var head = await read(client);
        await openai.Provider.NextRequestAsync();
        return head;
    }
}
