using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Pipeline.Errors;

/// <summary>Bodies with broken framing, written by hand because no client sends them.</summary>
public sealed class ErrorsOfFramingTests(ScriptedEdge at) : IClassFixture<ScriptedEdge>
{
    [Theory]
    [InlineData("/v1/chat/completions", "application/json", "zz")]
    [InlineData("/v1/audio/transcriptions", "multipart/form-data; boundary=b", "zz")]
    [InlineData("/v1/chat/completions", "application/json", "ffffffffffffffff1")]
    [InlineData("/v1/chat/completions", "application/json", "ffffffff")]
    [InlineData("/v1/chat/completions", "application/json", "-1")]
    [InlineData("/v1/audio/transcriptions", "multipart/form-data; boundary=b", "ffffffffffffffff1")]
    [InlineData("/v1/files", "multipart/form-data; boundary=b", "ffffffffffffffff1")]
    public async Task A_chunk_with_an_invalid_length_gives_400(string path, string contentType, string length)
    {
        var response = await SendAsync(path, $"Content-Type: {contentType}\r\nTransfer-Encoding: chunked\r\n\r\n{length}\r\n");

        Assert.StartsWith("HTTP/1.1 400 ", response, StringComparison.Ordinal);
        Assert.Contains("\"code\":\"INVALID_REQUEST\"", response, StringComparison.Ordinal);
        Assert.Contains("X-Request-Id: req_", response, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_length_over_the_limit_gives_413_before_the_body_is_sent()
    {
        var response = await SendAsync("/v1/chat/completions", "Content-Type: application/json\r\nContent-Length: 99999999\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 413 ", response, StringComparison.Ordinal);
        Assert.Contains("\"code\":\"REQUEST_TOO_LARGE\"", response, StringComparison.Ordinal);
        Assert.Contains("x-should-retry: false", response, StringComparison.Ordinal);
    }

    private async Task<string> SendAsync(string path, string rest)
    {
        using var client = await RawClient.ConnectAsync(at.Edge);
        await client.SendAsync($"POST {path} HTTP/1.1\r\nHost: edge\r\nAuthorization: Bearer {at.Key}\r\n{rest}");
        var response = await client.ReadResponseAsync();
        Assert.Single(response.Headers["Content-Length"]);
        return $"{response.Head}\r\n\r\n{response.Body}";
    }
}
