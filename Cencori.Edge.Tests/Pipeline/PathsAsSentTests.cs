using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Pipeline;

/// <summary>Paths and methods on the wire that no HTTP client of .NET would send.</summary>
public sealed class PathsAsSentTests(RespondingEdge openai) : IClassFixture<RespondingEdge>
{
    [Theory]
    [InlineData("/v1/files/a%2Fb", "/v1/files/a%2Fb")]
    [InlineData("/v1/files/a%2fb/content?x=%2f&y=%7E", "/v1/files/a%2fb/content?x=%2f&y=%7E")]
    [InlineData("/api/v1/files/a%20b%C3%A9%7E%41", "/v1/files/a%20b%C3%A9%7E%41")]
    [InlineData("/v1/files/100%25", "/v1/files/100%25")]
    [InlineData("/v1/files/ft:a:b@c(d)'!*", "/v1/files/ft:a:b@c(d)'!*")]
    [InlineData("/v1/files/a/", "/v1/files/a")]
    [InlineData("/v1/files/?limit=1", "/v1/files?limit=1")]
    [InlineData("/v1/files/a%2Fb/", "/v1/files/a%2Fb")]
    [InlineData("/v1/x/../files/a", "/v1/files/a")]
    [InlineData("/openai/v1/files/org%2Fx", "/v1/files/org%2Fx")]
    [InlineData("/v1/openai/v1/files/a%2Fb", "/v1/files/a%2Fb")]
    public async Task A_path_keeps_the_callers_encoding(string sent, string received)
    {
        foreach (var baseUrl in (string?[])[new Uri(openai.Provider.Address, "own/base").AbsoluteUri, null])
        {
            await openai.Edge.StoreProviderKeyAsync(openai.ProjectId, "openai", baseUrl: baseUrl);
            var response = await SendAsync("GET", sent, openai.Key);

            Assert.Equal(200, response.Status);
            Assert.Equal(baseUrl is null ? received : received.Replace("/v1/", "/own/base/", StringComparison.Ordinal), openai.Provider.Requests[^1].Target);
        }
    }

    [Theory]
    [InlineData("/v1/chat/completions/")]
    [InlineData("/api/v1/chat/completions/")]
    [InlineData("/v1/%63hat/completions/")]
    public async Task A_slash_at_the_end_leads_to_the_same_endpoint(string path)
    {
        using var client = await RawClient.ConnectAsync(openai.Edge);
        await client.PostAsync(openai.Key, path, ScriptedEdge.StreamedChat);
        var response = await client.ReadResponseAsync();

        Assert.Equal(200, response.Status);
        var received = openai.Provider.Requests[^1];
        Assert.Equal("/v1/chat/completions", Uri.UnescapeDataString(received.Target));
        Assert.Contains("include_usage", received.BodyText, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/v1/files/x%2F..%2F..%2Fchat%2Fcompletions")]
    [InlineData("/v1/files/x%2f%2e%2e%2fy")]
    [InlineData("/v1/files/x%252F..%252Fy")]
    [InlineData("/v1/files/x%5C..%5Cy")]
    [InlineData("/v1//files")]
    public async Task An_ambiguous_path_reaches_no_provider(string path)
    {
        var before = openai.Provider.Requests.Count;

        var response = await SendAsync("GET", path, openai.Key);

        Assert.Equal((404, "NOT_FOUND"), (response.Status, response.ErrorCode));
        Assert.Equal(before, openai.Provider.Requests.Count);
    }

    [Theory]
    [InlineData("BREW", "/v1/chat/completions")]
    [InlineData("BREW", "/.provider/openai/x")]
    [InlineData("BREW", "/health/live")]
    [InlineData("A.VERY-LONG_ONE", "/nowhere")]
    public async Task An_invented_method_gives_405_at_any_path(string method, string path)
    {
        var response = await SendAsync(method.Replace("LONG", new string('X', 6_000), StringComparison.Ordinal), path, openai.Key);

        Assert.Equal((405, "METHOD_NOT_ALLOWED"), (response.Status, response.ErrorCode));
        Assert.Equal(["GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS"], response.Headers["Allow"]);
        Assert.DoesNotContain("XXX", response.Body, StringComparison.Ordinal);
    }

    private async Task<RawResponse> SendAsync(string method, string target, string key)
    {
        using var client = await RawClient.ConnectAsync(openai.Edge);
        await client.SendAsync($"{method} {target} HTTP/1.1\r\nHost: edge\r\nAuthorization: Bearer {key}\r\n\r\n");
        return await client.ReadResponseAsync();
    }
}
