using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Keys;

/// <summary>Which requests present a valid key, tested on a whole edge.</summary>
public sealed class KeyPresentationTests(TwoProvidersEdge fixture) : IClassFixture<TwoProvidersEdge>
{
    private readonly RunningEdge _edge = fixture.Edge;

    [Theory]
    [InlineData("Authorization: Bearer KEY", true)]
    [InlineData("Authorization: bearer KEY", true)]
    [InlineData("Authorization: BEARER   KEY  ", true)]
    [InlineData("authorization: Bearer KEY", true)]
    [InlineData("CENCORI_API_KEY: KEY", true)]
    [InlineData("CENCORI_API_KEY:    KEY  ", true)]
    [InlineData("cencori_api_key: KEY", true)]
    [InlineData("CENCORI_API_KEY: KEY|Authorization: Bearer KEY", true)]
    [InlineData("CENCORI_API_KEY: KEY|Authorization: Basic dXNlcjpwYXNz", true)]
    [InlineData("CENCORI_API_KEY: |Authorization: Bearer KEY", true)]
    [InlineData("CENCORI_API_KEY: KEY|Authorization: Bearer OTHER", false)]
    [InlineData("CENCORI_API_KEY: KEY|Authorization: Bearer nonsense", false)]
    [InlineData("CENCORI_API_KEY: nonsense|Authorization: Bearer KEY", false)]
    [InlineData("Authorization: Bearer KEY|Authorization: Bearer KEY", false)]
    [InlineData("CENCORI_API_KEY: KEY|CENCORI_API_KEY: KEY", false)]
    [InlineData("Authorization: Basic KEY", false)]
    [InlineData("Authorization: KEY", false)]
    [InlineData("Authorization: Bearer KEYa", false)]
    [InlineData("Authorization: Bearer KEY KEY", false)]
    [InlineData("Authorization: Bearer KEY, Bearer KEY", false)]
    [InlineData("Authorization: Bearer LONG", false)]
    [InlineData("CENCORI_API_KEY: LONG", false)]
    [InlineData("x-api-key: KEY", true)]
    [InlineData("api-key: KEY", true)]
    [InlineData("X-Goog-Api-Key:  KEY ", true)]
    [InlineData("x-api-key: KEY|Authorization: Bearer KEY", true)]
    [InlineData("x-api-key: KEY|api-key: KEY|x-goog-api-key: KEY|CENCORI_API_KEY: KEY|Authorization: Bearer KEY", true)]
    [InlineData("x-api-key: |Authorization: Bearer KEY", true)]
    [InlineData("api-key: KEY|Authorization: Basic dXNlcjpwYXNz", true)]
    [InlineData("x-api-key: OTHER|Authorization: Bearer KEY", false)]
    [InlineData("x-api-key: sk-ant-nonsense|Authorization: Bearer KEY", false)]
    [InlineData("x-api-key: KEY|api-key: OTHER", false)]
    [InlineData("x-goog-api-key: nonsense|CENCORI_API_KEY: KEY", false)]
    [InlineData("x-api-key: KEY|x-api-key: KEY", false)]
    [InlineData("api-key: KEY, KEY", false)]
    [InlineData("api-key: Bearer KEY", false)]
    [InlineData("x-api-key: LONG", false)]
    [InlineData("", false)]
    public async Task A_request_is_accepted_with_exactly_one_key(string headers, bool letIn)
    {
        var key = await _edge.CreateKeyAsync(fixture.ProjectId);
        var other = await _edge.CreateKeyAsync(fixture.ProjectId);
        var lines = headers.Replace("KEY", "\0").Replace("CENCORI_API_\0", "CENCORI_API_KEY").Replace("\0", key)
            .Replace("OTHER", other).Replace("LONG", "csk_" + new string('a', 20_000));

        // Raw bytes: an HTTP client would join, trim or refuse some of these lines.
        using var client = await RawClient.ConnectAsync(_edge);
        await client.SendAsync(string.Join("\r\n", ["GET /v1/models HTTP/1.1", "Host: edge", "Connection: close", .. lines.Split('|', StringSplitOptions.RemoveEmptyEntries), "", ""]));
        var (response, wasReset) = await client.ReadToEndAsync();

        Assert.StartsWith(letIn ? "HTTP/1.1 200 " : "HTTP/1.1 401 ", response, StringComparison.Ordinal);
        Assert.Equal(letIn, !response.Contains("INVALID_API_KEY", StringComparison.Ordinal));
        Assert.False(wasReset);
    }

    /// <summary>Field trap 17 in docs/traps.md: a request without a key is refused on every path.</summary>
    [Theory]
    [InlineData("GET", "/v1/models")]
    [InlineData("GET", "/v1/models/gpt-4o")]
    [InlineData("POST", "/v1/chat/completions")]
    [InlineData("POST", "/api/v1/chat/completions")]
    [InlineData("POST", "/v1/responses")]
    [InlineData("POST", "/v1/embeddings")]
    [InlineData("GET", "/v1/files")]
    [InlineData("POST", "/v1/nothing-known")]
    public async Task Nothing_is_open_without_a_key(string method, string path)
    {
        var refusal = await _edge.SendAsync(null, new(method), path, method == "POST" ? RunningEdge.Json(new { model = "gpt-4o" }) : null).ErrorAsync();

        Assert.Equal((401, "INVALID_API_KEY"), (refusal.Status, refusal.Code));
    }
}
