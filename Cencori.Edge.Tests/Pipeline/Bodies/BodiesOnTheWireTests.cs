using System.Net;
using System.Text;
using Cencori.Edge.Records.Sql;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;
using Microsoft.Extensions.Logging;

namespace Cencori.Edge.Tests.Pipeline.Bodies;

public class BodiesOnTheWireTests(ClockedEdge scene) : IClassFixture<ClockedEdge>
{
    private const string Chat = "/v1/chat/completions";
    private const string Json = "application/json";

    // A body with a damaged model name (404) or a damaged text (200) can still be valid.
    private static readonly HttpStatusCode[] Blameless = [HttpStatusCode.BadRequest, HttpStatusCode.NotFound, HttpStatusCode.OK];

    [Fact]
    public async Task A_mebibyte_with_an_image_arrives_byte_for_byte()
    {
        var image = Convert.ToBase64String(RandomBytes(1024 * 1024));
        var body = $$$"""{ "model" : "gpt-4o",  "messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,{{{image}}}"}}]}], "x":1.50 }""";
        var (_, key) = await scene.CreateAsync(new { tokens_per_minute = 10_000 });

        using var response = await scene.Edge.PostAsync(key, Chat, body);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var received = scene.Provider.Requests[^1];
        Assert.Equal(body, received.BodyText);
        Assert.Equal([$"{body.Length}"], received.Values("Content-Length"));
    }

    [Theory]
    [InlineData("gpt-4o", false)]
    [InlineData("an-alias", true)] // the inserted parts leave in the same write
    public async Task A_small_body_leaves_in_one_write_with_its_headers(string model, bool stream)
    {
        var body = $$"""{"stream":{{(stream ? "true" : "false")}},"messages":[{"role":"user","content":"{{new string('x', 3_000)}}"}],"model":"{{model}}","n":1}""";
        var (project, key) = await scene.CreateAsync(new { });
        await scene.Edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{project}", new { model_aliases = new Dictionary<string, string> { ["an-alias"] = "openai/gpt-4o-mini-2024-07-18" } });

        // Repeated, because two writes of the edge show as two reads of the provider only on a connection that the provider already reads.
        for (var turn = 0; turn < 20; turn++)
        {
            using var response = await scene.Edge.PostAsync(key, Chat, body);

            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            var received = scene.Provider.Requests[^1];
            Assert.Equal(stream, received.BodyText.Contains("include_usage", StringComparison.Ordinal));
            Assert.Equal(received.Head.Length + received.Body.Length, received.LastRead);
        }
    }

    [Fact]
    public async Task A_chunked_body_is_forwarded_with_its_length() // yarp trap 3
    {
        const string Body = """{"model":"gpt-4o","messages":[{"role":"user","content":"Grüße"}]}""";
        var (_, key) = await scene.CreateAsync(new { });
        using var client = await RawClient.ConnectAsync(scene.Edge);

        await client.SendHeadAsync(key, Chat, Json, "Transfer-Encoding: chunked");
        foreach (var piece in Encoding.UTF8.GetBytes(Body).Chunk(7))
        {
            await client.SendChunkAsync(piece);
        }

        await client.SendAsync("0\r\n\r\n");
        var response = await client.ReadResponseAsync();

        Assert.Equal(200, response.Status);
        var received = scene.Provider.Requests[^1];
        Assert.Equal((Body, BodyFraming.ContentLength), (received.BodyText, received.Framing));
    }

    [Fact]
    public async Task A_byte_order_mark_is_removed_because_some_providers_cannot_read_it()
    {
        byte[] body = [0xEF, 0xBB, 0xBF, .. """{"model":"gpt-4o","messages":[]}"""u8];
        var (_, key) = await scene.CreateAsync(new { });
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new(Json);

        using var response = await scene.Edge.SendAsync(key, HttpMethod.Post, Chat, content);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(body[3..], scene.Provider.Requests[^1].Body.ToArray());
    }

    [Theory]
    [InlineData("[", "", "]")]
    [InlineData("{\"a\":", "1", "}")]
    public async Task Too_deep_nesting_is_rejected(string open, string core, string close)
    {
        var nested = string.Concat(Enumerable.Repeat(open, 100_000)) + core + string.Concat(Enumerable.Repeat(close, 100_000));
        var (_, key) = await scene.CreateAsync(new { });

        using var response = await scene.Edge.PostAsync(key, Chat, $$"""{"model":"gpt-4o","messages":{{nested}}}""");

        await response.ErrorAsync(HttpStatusCode.BadRequest, "INVALID_REQUEST");
    }

    [Fact]
    public async Task Damaged_bodies_never_cause_an_error_of_the_edge()
    {
        var good = """{"model":"gpt-4o","messages":[{"role":"user","content":"Grüße 🙂"}],"stream":false,"n":1}"""u8.ToArray();
        var random = new Random(20260101);
        var (_, key) = await scene.CreateAsync(new { });
        var refused = 0;
        for (var i = 0; i < 100; i++)
        {
            using var content = new ByteArrayContent(Damage(good, random));
            content.Headers.ContentType = new(Json);
            using var response = await scene.Edge.SendAsync(key, HttpMethod.Post, Chat, content);
            Assert.Contains(response.StatusCode, Blameless);
            if (response.StatusCode == HttpStatusCode.BadRequest)
            {
                refused++;
                await response.ErrorAsync(HttpStatusCode.BadRequest, "INVALID_REQUEST");
            }
        }

        Assert.True(refused > 50, $"Only {refused} bodies were damaged enough to be refused.");
        Assert.DoesNotContain(scene.Edge.Logs.Lines, line => line.Level >= LogLevel.Error);
    }

    [Fact]
    public async Task Rewritten_requests_on_one_connection_do_not_mix()
    {
        var (project, key) = await scene.CreateAsync(new { });
        await scene.Edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{project}", new { model_aliases = new { fast = "gpt-4o-mini-2024-07-18", a_very_long_alias_for_a_model = "o3" } });
        using var client = await RawClient.ConnectAsync(scene.Edge);
        var before = scene.Provider.Requests.Count;

        // All requests are sent at once. If the edge left bytes of one request unread, it would take them for the start of the next request.
        string[] models = ["fast", "a_very_long_alias_for_a_model", "gpt-4o", "fast"];
        foreach (var model in models)
        {
            var body = $$"""{"model":"{{model}}","messages":[]}""";
            await client.SendHeadAsync(key, Chat, Json, $"Content-Length: {body.Length}");
            await client.SendAsync(body);
        }

        foreach (var _ in models)
        {
            Assert.Equal(200, (await client.ReadResponseAsync()).Status);
        }

        string[] meant = ["gpt-4o-mini-2024-07-18", "o3", "gpt-4o", "gpt-4o-mini-2024-07-18"];
        Assert.Equal(
            meant.Select(model => $$"""{"model":"{{model}}","messages":[]}"""),
            scene.Provider.Requests.Skip(before).Select(request => request.BodyText));
    }

    private static byte[] Damage(byte[] good, Random random)
    {
        var bytes = good.ToList();
        for (var wounds = random.Next(1, 4); wounds > 0; wounds--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(4))
            {
                case 0:
                    bytes.RemoveRange(at, bytes.Count - at);
                    bytes.Add((byte)random.Next(256));
                    break;
                case 1:
                    bytes.Insert(at, (byte)random.Next(256));
                    break;
                case 2:
                    bytes[at] = (byte)random.Next(256);
                    break;
                default:
                    bytes.RemoveAt(at);
                    break;
            }
        }

        return [.. bytes];
    }

    private static byte[] RandomBytes(int count)
    {
        var bytes = new byte[count];
        new Random(1).NextBytes(bytes);
        return bytes;
    }
}
