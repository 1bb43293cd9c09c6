using System.Net;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Pipeline.Bodies;

public class BodiesTooLargeTests(ClockedEdge scene) : IClassFixture<ClockedEdge>
{
    private const string Chat = "/v1/chat/completions";
    private const string Json = "application/json";
    private const string Form = "multipart/form-data; boundary=b";
    private const int Mebibyte = 1024 * 1024;
    private const int Size = 33 * Mebibyte;

    private static readonly byte[] Piece = [.. Enumerable.Repeat((byte)' ', Mebibyte)];

    [Theory]
    [InlineData(Chat, Json)]
    [InlineData("/v1/audio/transcriptions", Form)]
    [InlineData("/v1/files", Form)]
    [InlineData("/v1/files", "application/octet-stream")]
    public async Task An_announced_length_over_the_limit_is_rejected_before_the_body_is_sent(string path, string contentType)
    {
        var (_, key) = await scene.CreateAsync(new { });
        using var client = await RawClient.ConnectAsync(scene.Edge);

        await client.SendHeadAsync(key, path, contentType, $"Content-Length: {Size}");
        var response = await client.ReadResponseAsync();

        AssertRefused(response);
    }

    [Theory]
    [InlineData(Chat, Json)]
    [InlineData("/v1/files", Form)]
    public async Task A_client_with_Expect_gets_413_instead_of_100_Continue(string path, string contentType)
    {
        var (_, key) = await scene.CreateAsync(new { });
        using var client = await RawClient.ConnectAsync(scene.Edge);

        await client.SendHeadAsync(key, path, contentType, $"Content-Length: {Size}\r\nExpect: 100-continue");
        var response = await client.ReadResponseAsync();

        AssertRefused(response);
        Assert.True(await client.IsClosedAsync());
    }

    [Fact]
    public async Task A_client_with_Expect_and_a_valid_length_gets_100_Continue()
    {
        const string Body = """{"model":"gpt-4o","messages":[]}""";
        var (_, key) = await scene.CreateAsync(new { });
        using var client = await RawClient.ConnectAsync(scene.Edge);

        await client.SendHeadAsync(key, Chat, Json, $"Content-Length: {Body.Length}\r\nExpect: 100-continue");
        var interim = await client.ReadResponseAsync();
        await client.SendAsync(Body);
        var response = await client.ReadResponseAsync();

        Assert.Equal((100, 200), (interim.Status, response.Status));
        Assert.Equal(Body, scene.Provider.Requests[^1].BodyText);
    }

    [Fact]
    public async Task The_edge_rejects_a_body_that_is_too_large_before_it_has_read_it()
    {
        var (_, key) = await scene.CreateAsync(new { });
        using var client = await RawClient.ConnectAsync(scene.Edge);

        await client.SendHeadAsync(key, Chat, Json, $"Content-Length: {50 * Size}");
        var sent = await client.SendUntilResponseAsync(Piece, 50 * 33);

        Assert.InRange(sent, 0, Size);
    }

    [Theory]
    [InlineData(Chat, Json)]
    [InlineData("/v1/files", "application/octet-stream")]
    public async Task HttpClient_reads_the_413_although_it_is_still_sending(string path, string contentType)
    {
        var (_, key) = await scene.CreateAsync(new { });
        for (var i = 0; i < 5; i++)
        {
            using var content = new ByteArrayContent(new byte[Size]);
            content.Headers.ContentType = new(contentType);
            using var response = await scene.Edge.SendAsync(key, HttpMethod.Post, path, content);
            await response.ErrorAsync(HttpStatusCode.RequestEntityTooLarge, "REQUEST_TOO_LARGE");
        }
    }

    [Theory]
    [InlineData(Chat, Json, "{ ", 33)]
    [InlineData(Chat, Json, "{ ", 48)]
    [InlineData("/v1/audio/transcriptions", Form, "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n", 32)]
    [InlineData("/v1/files", Form, "--b\r\n", 32)]
    public async Task A_chunked_body_is_rejected_when_it_exceeds_the_limit(string path, string contentType, string start, int mebibytes)
    {
        var (_, key) = await scene.CreateAsync(new { });
        using var content = new EndlessContent(start, mebibytes * Mebibyte);
        content.Headers.TryAddWithoutValidation("Content-Type", contentType);

        using var response = await scene.Edge.SendAsync(key, HttpMethod.Post, path, content);

        await response.ErrorAsync(HttpStatusCode.RequestEntityTooLarge, "REQUEST_TOO_LARGE");
        Assert.Equal("false", response.Header("x-should-retry"));
    }

    [Fact]
    public async Task The_limit_is_configurable_and_exact()
    {
        await using var edge = await RunningEdge.StartAsync(["Limits:MaxRequestBodyBytes=100"]);
        var body = """{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}]}""".PadRight(100);

        using var fits = await edge.PostAsync(edge.Welcome.TestKey, Chat, body);
        using var larger = await edge.PostAsync(edge.Welcome.TestKey, Chat, body + " ");

        Assert.Equal(HttpStatusCode.OK, fits.StatusCode);
        await larger.ErrorAsync(HttpStatusCode.RequestEntityTooLarge, "REQUEST_TOO_LARGE");
    }

    private static void AssertRefused(RawResponse response)
    {
        Assert.Equal((413, "REQUEST_TOO_LARGE"), (response.Status, response.ErrorCode));
        Assert.Equal(["false"], response.Headers["x-should-retry"]);
    }

    /// <summary>Content without a known length, which is sent chunked.</summary>
    private sealed class EndlessContent(string start, int size) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(start));
            for (var sent = 0; sent < size; sent += Piece.Length)
            {
                await stream.WriteAsync(Piece);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
