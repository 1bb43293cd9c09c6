using System.Net;
using System.Text;
using Cencori.Edge.Tests.Bodies;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;

namespace Cencori.Edge.Tests.Pipeline.Bodies;

/// <summary>The edge decodes an encoded request body before it sends the body to a provider.</summary>
public sealed class BodiesEncodedTests(RespondingEdge openai) : IClassFixture<RespondingEdge>
{
    private const string Chat = "/v1/chat/completions";

    private static readonly string[] AllowedModels = ["gpt-4o"];

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    [InlineData("raw deflate")]
    [InlineData("zstd")]
    [InlineData("gzip", "br")]
    [InlineData("zstd", "deflate", "gzip")]
    public async Task A_provider_gets_the_body_with_its_length_and_without_its_encoding(params string[] encodings)
    {
        foreach (var chunked in (bool[])[false, true])
        {
            using var response = await SendAsync(Chat, "application/json", ScriptedEdge.ChatOf("openai/gpt-4o"), encodings, chunked);
            var received = await openai.Provider.NextRequestAsync();

            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal((ScriptedEdge.Chat, BodyFraming.ContentLength), (received.BodyText, received.Framing));
            Assert.Empty(received.Values("Content-Encoding"));
        }
    }

    [Theory]
    [InlineData("/v1/audio/transcriptions", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nsound\r\n--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nopenai/whisper-1\r\n--b--\r\n")]
    [InlineData("/v1/audio/transcriptions", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nopenai/whisper-1\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nsound\r\n--b--\r\n")]
    [InlineData("/v1/files", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nlines\r\n--b--\r\n")]
    [InlineData("/v1/anything", "application/x-something", "bytes")]
    [InlineData("/v1/anything", "application/json", "{\"model\":\"gpt-4o\"}")]
    public async Task Forms_and_other_bodies_are_decoded_too(string path, string contentType, string body)
    {
        foreach (var chunked in (bool[])[false, true])
        {
            using var response = await SendAsync(path, contentType, body, ["gzip"], chunked);
            var received = await openai.Provider.NextRequestAsync();

            var expected = body.Replace("openai/", "", StringComparison.Ordinal);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal((expected, BodyFraming.ContentLength), (received.BodyText, received.Framing));
            Assert.Equal([$"{expected.Length}"], received.Values("Content-Length"));
            Assert.Empty(received.Values("Content-Encoding"));
        }
    }

    [Theory]
    [InlineData("identity")]
    [InlineData("")]
    [InlineData(" , Identity")]
    public async Task The_encoding_identity_is_ignored(string header)
    {
        using var content = RunningEdge.Json(ScriptedEdge.Chat);
        content.Headers.TryAddWithoutValidation("Content-Encoding", header);
        using var response = await openai.Edge.SendAsync(openai.Key, HttpMethod.Post, Chat, content);
        var received = await openai.Provider.NextRequestAsync();

        Assert.Equal((HttpStatusCode.OK, ScriptedEdge.Chat), (response.StatusCode, received.BodyText));
        Assert.Empty(received.Values("Content-Encoding"));
    }

    [Theory]
    [InlineData("compress")]
    [InlineData("gzip, snappy")]
    [InlineData("gzip, gzip, gzip, gzip")]
    public async Task An_unknown_encoding_is_rejected_with_a_list_of_the_supported_ones(string header)
    {
        using var content = RunningEdge.Json(ScriptedEdge.Chat);
        content.Headers.TryAddWithoutValidation("Content-Encoding", header);
        using var response = await openai.Edge.SendAsync(openai.Key, HttpMethod.Post, Chat, content);

        await response.ErrorAsync(HttpStatusCode.UnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE");
        Assert.Equal("gzip, br, deflate, zstd", response.Header("Accept-Encoding"));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    [InlineData("zstd")]
    public async Task A_body_that_does_not_match_its_encoding_gives_400(string encoding)
    {
        using var content = RunningEdge.Json(ScriptedEdge.Chat);
        content.Headers.ContentEncoding.Add(encoding);
        using var response = await openai.Edge.SendAsync(openai.Key, HttpMethod.Post, Chat, content);

        await response.ErrorAsync(HttpStatusCode.BadRequest, "INVALID_REQUEST");
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("zstd", "br")]
    public async Task A_decompression_bomb_gives_413(params string[] encodings)
    {
        using var response = await SendAsync(Chat, "application/json", ScriptedEdge.Chat.PadRight(33 * 1024 * 1024), encodings, chunked: false);

        await response.ErrorAsync(HttpStatusCode.RequestEntityTooLarge, "REQUEST_TOO_LARGE");
    }

    [Fact]
    public async Task A_limited_key_cannot_hide_a_model_in_an_encoded_body()
    {
        var key = await openai.Edge.CreateKeyAsync(openai.ProjectId, more: new { allowed_models = AllowedModels });

        using var refused = await SendAsync(Chat, "application/json", ScriptedEdge.ChatOf("gpt-4.1"), ["gzip"], chunked: false, key);
        using var unread = await SendAsync("/v1/anything", "text/plain", ScriptedEdge.ChatOf("gpt-4.1"), ["gzip"], chunked: false, key);

        Assert.Equal((403, 403), ((int)refused.StatusCode, (int)unread.StatusCode));
    }

    private async Task<HttpResponseMessage> SendAsync(string path, string contentType, string body, string[] encodings, bool chunked, string? key = null)
    {
        using var content = new ByteArrayContent(EncodedBodyTests.Encode(Encoding.UTF8.GetBytes(body), encodings));
        content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        content.Headers.TryAddWithoutValidation("Content-Encoding", EncodedBodyTests.Header(encodings));
        return await openai.Edge.SendAsync(key ?? openai.Key, HttpMethod.Post, path, content, chunked ? [("Transfer-Encoding", "chunked")] : []);
    }
}
