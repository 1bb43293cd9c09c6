using System.Text;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Keys;

/// <summary>Origins that no client library sends.</summary>
public sealed class OriginsOnTheWireTests(TwoProvidersEdge fixture) : IClassFixture<TwoProvidersEdge>
{
    private static readonly string[] Domains = ["*.Example.com.", "bücher.example", "::1", "EXAMPLE.com", "*.example.com"];

    [Theory]
    [InlineData("Origin: https://app.example.com", 200)]
    [InlineData("Origin:   https://EXAMPLE.com.:8443\t", 200)]
    [InlineData("Origin: http://[::1]:3000", 200)]
    [InlineData("Origin: https://xn--bcher-kva.example", 200)]
    [InlineData("Origin: https://bücher.example", 200)]
    [InlineData("Referer: https://bücher.example/seite", 200)]
    [InlineData("Referer: https://app.example.com/a?b#c", 200)]
    [InlineData("Origin: https://app.example.com\r\nOrigin: https://app.example.com", 403)]
    [InlineData("Origin: https://app.example.com\r\nOrigin: https://evil.net", 403)]
    [InlineData("Origin: https://app.example.com, https://evil.net", 403)]
    [InlineData("Origin: https://app.example.com https://evil.net", 403)]
    [InlineData("Origin:\r\nReferer: https://app.example.com/", 403)]
    [InlineData("Origin: null\r\nReferer: https://app.example.com/", 403)]
    [InlineData("Origin: https://evil.net\r\nReferer: https://app.example.com/", 403)]
    [InlineData("Origin: https://app.example.com/\r\nReferer: https://app.example.com/", 403)]
    [InlineData("Referer: https://app.example.com/\r\nReferer: https://app.example.com/", 403)]
    [InlineData("Referer: https://app.example.com@evil.net/", 403)]
    [InlineData("Referer: https://evil.net/#https://app.example.com/", 403)]
    [InlineData("Origin: https://evil-example.com", 403)]
    [InlineData("Origin: https://example.com.evil.net", 403)]
    [InlineData("Origin: https://example.com@evil.net", 403)]
    [InlineData("Origin: https://exam\tple.com", 403)]
    [InlineData("Origin: https://büchér.example", 403)]
    [InlineData("Origin: file://example.com", 403)]
    [InlineData("X-Forwarded-Host: app.example.com", 403)]
    public async Task A_publishable_key_works_for_the_pages_it_lists(string headers, int status)
    {
        var key = await fixture.Edge.CreateKeyAsync(fixture.ProjectId, "publishable", more: new { allowed_domains = Domains });
        using var client = await RawClient.ConnectAsync(fixture.Edge);
        await client.PostAsync(key, "/v1/chat/completions", ScriptedEdge.Chat, headers + "\r\n");

        var response = await client.ReadResponseAsync();
        Assert.Equal(status, response.Status);
        Assert.Equal(status == 403, response.Body.Contains("\"reason\":\"origin_not_allowed\"", StringComparison.Ordinal));

        // The response allows one origin that a browser could have sent, or none.
        var allowed = response.Headers["Access-Control-Allow-Origin"].ToList();
        Assert.True(allowed.Count <= 1);
        Assert.All(allowed, origin => Assert.Contains("Origin: " + origin, headers.Replace("  ", "", StringComparison.Ordinal), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Invalid_UTF_8_matches_no_page()
    {
        var key = await fixture.Edge.CreateKeyAsync(fixture.ProjectId, "publishable", more: new { allowed_domains = Domains });
        using var client = await RawClient.ConnectAsync(fixture.Edge);
        await client.SendAsync((byte[])[.. Encoding.ASCII.GetBytes($"GET /v1/models HTTP/1.1\r\nHost: edge\r\nAuthorization: Bearer {key}\r\nOrigin: https://b"), 0xC3, 0xBC, 0x80, .. "cher.example\r\n\r\n"u8]);

        var response = await client.ReadResponseAsync();
        Assert.Equal(403, response.Status);
        Assert.False(response.Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task A_keys_domains_are_stored_in_one_spelling_and_once()
    {
        var created = await fixture.Edge.SendAdminAsync(HttpMethod.Post, $"/api/projects/{fixture.ProjectId}/api-keys",
            new { name = "page", key_type = "publishable", environment = "test", allowed_domains = Domains });
        Assert.Equal("""["*.example.com","xn--bcher-kva.example","[::1]","example.com"]""", created["apiKey"]!["allowed_domains"]!.ToJsonString());

        string[] changes = ["LOCALHOST."];
        var changed = await fixture.Edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{fixture.ProjectId}/api-keys/{created["apiKey"]!["id"]}", new { allowed_domains = changes });
        Assert.Equal("""["localhost"]""", changed["apiKey"]!["allowed_domains"]!.ToJsonString());
    }
}
