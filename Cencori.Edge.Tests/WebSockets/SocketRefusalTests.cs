using System.Net;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.WebSockets;

/// <summary>WebSockets that the edge rejects, for some callers or for all. No provider sees such a request.</summary>
public sealed class SocketRefusalTests(ScriptedEdge openai) : IClassFixture<ScriptedEdge>
{
    private const string Handshake = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n";

    private static readonly string[] Models = ["gpt-4o-mini"];

    [Theory]
    [InlineData("models", "model_not_allowed")]
    [InlineData("no models", "model_not_allowed")]
    [InlineData("project tokens", "not_metered")]
    [InlineData("project budget", "not_metered")]
    [InlineData("key budget", "not_metered")]
    public async Task A_caller_with_a_limit_on_models_or_usage_gets_no_WebSocket_in_any_form(string limit, string reason)
    {
        var key = await LimitedAsync(limit);
        var requests = openai.Provider.Requests.Count;

        foreach (var path in (string[])["/v1/realtime?model=gpt-4o-mini", "/api/v1/realtime?model=gpt-4o-mini", "/v1/responses", "/V1/Responses", "/v1/realtime/", "/v1/anything/else", "/v1/chat/completions"])
        {
            foreach (var upgrade in (string[])["Connection: Upgrade\r\nUpgrade: websocket", "connection: keep-alive, UPGRADE\r\nUPGRADE: WebSocket", "Connection: upgrade\r\nUpgrade: h2c, websocket", "Connection: upgrade\r\nUpgrade: foo/1\r\nUpgrade: websocket"])
            {
                var error = await RefusedAsync(path, upgrade, $"Authorization: Bearer {key}\r\n");
                Assert.Equal((403, "INSUFFICIENT_PERMISSIONS", true), (error.Status, error.Code, error.Body.Contains($"\"reason\":\"{reason}\"", StringComparison.Ordinal)));
            }

            Assert.Equal(403, (await RefusedAsync(path, "Connection: Upgrade\r\nUpgrade: websocket", $"Sec-WebSocket-Protocol: openai-insecure-api-key.{key}\r\n")).Status);
        }

        Assert.Equal(requests, openai.Provider.Requests.Count);
    }

    [Theory]
    [InlineData("GET", "spdy/3.1", "")]
    [InlineData("GET", "h2c", "")]
    [InlineData("GET", "foo", "")]
    [InlineData("GET", "websocket/13", "")]
    [InlineData("POST", "websocket", "")]
    [InlineData("DELETE", "websocket", "")]
    [InlineData("GET", "websocket", "Sec-WebSocket-Protocol: realtime, KEY\r\n")]
    [InlineData("GET", "websocket", "Sec-WebSocket-Protocol: realtime, x.KEY.y\r\n")]
    [InlineData("GET", "websocket", "Sec-WebSocket-Protocol: \"openai-insecure-api-key.KEY\"\r\n")]
    public async Task Any_other_upgrade_is_rejected(string method, string protocol, string more)
    {
        var requests = openai.Provider.Requests.Count;

        var error = await RefusedAsync("/v1/realtime", $"Connection: Upgrade\r\nUpgrade: {protocol}", $"Authorization: Bearer {openai.Key}\r\n{more.Replace("KEY", openai.Key, StringComparison.Ordinal)}", method);

        Assert.Equal((400, "INVALID_REQUEST", false), (error.Status, error.Code, error.Body.Contains(openai.Key, StringComparison.Ordinal)));
        Assert.Equal(requests, openai.Provider.Requests.Count);
    }

    [Theory]
    [InlineData("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n")]
    [InlineData("Connection: upgrade\r\n")]
    [InlineData("Upgrade: websocket\r\n")]
    public async Task A_request_without_a_valid_upgrade_is_an_ordinary_request(string headers)
    {
        openai.Provider.Enqueue((_, response) => response.JsonAsync(200, "{}"));
        using var client = await RawClient.ConnectAsync(openai.Edge);
        await client.SendAsync($"GET /v1/files HTTP/1.1\r\nHost: edge\r\nAuthorization: Bearer {openai.Key}\r\n{headers}\r\n");

        Assert.StartsWith("HTTP/1.1 200 ", (await client.ReadResponseAsync()).Head, StringComparison.Ordinal);
        var received = openai.Provider.Requests[^1];
        Assert.Empty(received.Values("Upgrade"));
        Assert.Empty(received.Values("Connection"));
    }

    [Fact]
    public async Task A_provider_that_switches_protocols_without_a_request_gives_502()
    {
        openai.Provider.Enqueue(async (_, response) =>
        {
            await response.SendHeadAsync(101, ("Connection", "Upgrade"), ("Upgrade", "websocket"));
            await response.CloseAsync();
        });
        using var client = await RawClient.ConnectAsync(openai.Edge);
        await client.SendAsync($"GET /v1/files HTTP/1.1\r\nHost: edge\r\nConnection: upgrade\r\nAuthorization: Bearer {openai.Key}\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 502 ", (await client.ReadResponseAsync()).Head, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Authorization: Bearer OTHER\r\nSec-WebSocket-Protocol: openai-insecure-api-key.KEY\r\n")]
    [InlineData("CENCORI_API_KEY: KEY\r\nSec-WebSocket-Protocol: openai-insecure-api-key.OTHER\r\n")]
    [InlineData("Sec-WebSocket-Protocol: openai-insecure-api-key.KEY\r\nSec-WebSocket-Protocol: openai-insecure-api-key.OTHER\r\n")]
    [InlineData("Sec-WebSocket-Protocol: realtime, openai-insecure-api-key.sk-not-ours\r\n")]
    [InlineData("Sec-WebSocket-Protocol: realtime\r\n")]
    [InlineData("")]
    public async Task A_WebSocket_without_exactly_one_valid_key_gives_401(string headers)
    {
        var error = await RefusedAsync("/v1/realtime", "Connection: Upgrade\r\nUpgrade: websocket", headers
            .Replace("CENCORI_API_KEY", "CENCORI_API_\0", StringComparison.Ordinal).Replace("KEY", openai.Key, StringComparison.Ordinal).Replace("\0", "KEY", StringComparison.Ordinal)
            .Replace("OTHER", await openai.Edge.CreateKeyAsync(openai.ProjectId), StringComparison.Ordinal));

        Assert.Equal((401, "INVALID_API_KEY"), (error.Status, error.Code));
    }

    [Fact]
    public async Task A_key_in_a_subprotocol_of_an_ordinary_request_is_ignored_and_not_passed_on()
    {
        openai.Provider.Enqueue((_, response) => response.JsonAsync(200, "{}"));
        using var heldLock = await openai.Edge.SendAsync(null, HttpMethod.Get, "/v1/files", null, ("Sec-WebSocket-Protocol", "openai-insecure-api-key." + openai.Key));
        using var beside = await openai.Edge.SendAsync(openai.Key, HttpMethod.Get, "/v1/files", null, ("Sec-WebSocket-Protocol", "openai-insecure-api-key." + openai.Key));

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.OK), (heldLock.StatusCode, beside.StatusCode));
        Assert.DoesNotContain(openai.Key, openai.Provider.Requests[^1].HeadText, StringComparison.Ordinal);
    }

    private async Task<string> LimitedAsync(string limit)
    {
        var project = await openai.Edge.CreateProjectAsync("openai");
        var created = (await openai.Edge.SendAdminAsync(HttpMethod.Post, $"/api/projects/{project}/api-keys", new
        {
            name = "limited",
            key_type = "secret",
            environment = "production",
            allowed_models = limit switch { "models" => Models, "no models" => [], _ => null },
        }))["apiKey"]!;
        var budget = new { monthly_budget_usd = 0.0001, enforce = true };
        await (limit switch
        {
            "project tokens" => openai.Edge.SetLimitsAsync(project, new { tokens_per_minute = 1_000_000 }),
            "project budget" => openai.Edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{project}/budget", budget),
            "key budget" => openai.Edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{project}/api-keys/{created["id"]}/budget", budget),
            _ => Task.CompletedTask,
        });
        return (string)created["full_key"]!;
    }

    private async Task<(int Status, string Code, string Body)> RefusedAsync(string path, string upgrade, string headers, string method = "GET")
    {
        using var client = await RawClient.ConnectAsync(openai.Edge);
        await client.SendAsync($"{method} {path} HTTP/1.1\r\nHost: edge\r\n{upgrade}\r\n{Handshake}{headers}\r\n");
        var response = await client.ReadResponseAsync();
        return (response.Status, (string)System.Text.Json.Nodes.JsonNode.Parse(response.Body)!["error"]!["code"]!, response.Body);
    }
}
