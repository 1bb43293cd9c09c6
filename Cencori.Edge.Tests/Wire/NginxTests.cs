using System.Net;
using System.Net.WebSockets;
using Cencori.Edge.Admin.Description;
using Cencori.Edge.Endpoints;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Network;
using Cencori.Edge.Tests.Infrastructure.Providers;
using Cencori.Edge.Tests.Pipeline.Streams;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Cencori.Edge.Tests.Wire;

/// <summary>Requests through nginx, with the configuration that ships.</summary>
public class NginxTests
{
    [NginxFact]
    public async Task Each_event_of_a_stream_arrives_before_the_provider_sends_the_next()
    {
        var gates = Enumerable.Range(0, 3).Select(_ => new TaskCompletionSource()).ToArray();
        await using var provider = new ScriptedProvider();
        provider.Respond(async (_, response) =>
        {
            await response.SendHeadAsync(200, ("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"));
            foreach (var gate in gates)
            {
                await response.SendChunkAsync("data: {}\n\n");
                await response.HoldAsync(gate.Task);
            }

            await response.EndChunksAsync();
        });
        await using var edge = await RunningEdge.StartAsync(provider);
        await using var nginx = await Nginx.StartAsync(edge.Address, edge.Address);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(nginx.Address, "/v1/chat/completions")) { Content = RunningEdge.Json(ScriptedEdge.StreamedChat) };

        // nginx drops header names with underscores by default.
        request.Headers.TryAddWithoutValidation("CENCORI_API_KEY", await edge.CreateOpenAIKeyAsync());
        using var edgeResponse = await edge.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

        using var events = new StreamReader(await edgeResponse.Content.ReadAsStreamAsync());
        foreach (var gate in gates)
        {
            Assert.Equal("data: {}", await events.ReadLineAsync());
            Assert.Equal("", await events.ReadLineAsync());
            gate.SetResult();
        }

        Assert.Null(await events.ReadLineAsync());
    }

    [NginxFact]
    public async Task An_address_that_a_caller_writes_is_removed()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        await using var app = builder.Build();
        app.Run(context => context.Response.WriteAsync(context.Request.Headers["X-Forwarded-For"].ToString()));
        await app.StartAsync();
        var address = new Uri(app.Urls.First());
        await using var nginx = await Nginx.StartAsync(address, address);
        using var http = new HttpClient();
        http.DefaultRequestHeaders.TryAddWithoutValidation("X-Forwarded-For", "203.0.113.1");

        Assert.Equal("127.0.0.1", await http.GetStringAsync(new Uri(nginx.Address, "/v1/x")));
    }

    /// <summary>Each target in the list is text for the first line of a request.</summary>
    [NginxFact]
    public async Task Only_the_paths_that_callers_need_are_reachable_in_any_notation()
    {
        await using var edge = await RunningEdge.StartAsync();
        await using var nginx = await Nginx.StartAsync(edge.Address, edge.Address);
        string[] targets =
        [
            "/api/projects", "/api/projects/p/api-keys", "/API/Projects", "/api/%70rojects", "/api/projects?/v1/", "//api/projects", "/./api/projects",
            "/v1/../api/projects", "/v1/%2e%2e/api/projects", "/v1/.%2E/api/projects", "/v1/%2e./api/projects", "/v1%2f../api/projects", "/v1/..%2fapi/projects",
            "/x%2fy/../api/projects", "/v1/x%2fy/../../api/projects", "/v1/x%2F../../../api/projects", "/v1/x/../../api/projects", "/v1/#/../../api/projects", "/v1/a#b/../../api/projects",
            "/v1/%252e%252e/api/projects", "/v1/..%252fapi/projects", "/v1/..%5capi/projects", "/v1/..\\api/projects", "/v1/..;/api/projects", "/v1/%c0%ae%c0%ae/api/projects",
            "/api/v1/../projects", "/api/v1/%2e%2e/projects", "/openai/../api/projects", "/health/live/../../api/projects", "/v1/..", "/v1/.", "/v1/x/..?y", "/v1/x/%2e%2e#z",
            "/", "/metrics", "/health", "/health/live/x", "/v1x/chat/completions", "/.provider/openai/x", "/.env", "/dashboard", "*", "http://edge/api/projects", "http://edge/v1/../api/projects",
        ];
        foreach (var target in targets)
        {
            using var client = await RawClient.ConnectAsync(nginx.Address);
            await client.SendAsync($"GET {target} HTTP/1.1\r\nHost: edge\r\nAuthorization: Bearer {edge.Admin.DefaultRequestHeaders.Authorization!.Parameter}\r\n\r\n");
            var response = await client.ReadResponseAsync();
            Assert.True(response.Status is 400 or 404, $"{target}: {response.Head} {response.Body}");
            Assert.DoesNotContain("X-Request-Id", response.Head, StringComparison.OrdinalIgnoreCase);
        }
    }

    /// <summary>The targets in the list must arrive at the edge exactly as they are written here.</summary>
    [NginxFact]
    public async Task Callers_paths_pass_unchanged()
    {
        await using var provider = new ScriptedProvider();
        provider.Respond((request, response) => response.JsonAsync(200, "{}"));
        await using var edge = await RunningEdge.StartAsync(provider);
        var key = await edge.CreateOpenAIKeyAsync();
        await using var nginx = await Nginx.StartAsync(edge.Address, edge.Address);
        string[] targets =
        [
            "/v1/files/a%2Fb", "/v1/files/..a", "/v1/files/a..b/...", "/v1/files/.hidden", "/v1/files/a.b%2Ec", "/v1/files?path=/../x&q=%2e%2e", "/api/v1/files/x", "/V1/files/x", "/v1/files/a%20b",
        ];
        foreach (var target in targets)
        {
            using var client = await RawClient.ConnectAsync(nginx.Address);
            await client.SendAsync($"GET {target} HTTP/1.1\r\nHost: edge\r\nAuthorization: Bearer {key}\r\n\r\n");
            Assert.Equal((target, 200), (target, (await client.ReadResponseAsync()).Status));
        }

        foreach (var target in (string[])["/health/live", "/health/ready", "/v1/health"])
        {
            using var health = await edge.Http.GetAsync(new Uri(nginx.Address, target));
            Assert.Equal(200, (int)health.StatusCode);
        }
    }

    /// <summary>Tests every path in the edge's own tables of caller endpoints, also with the alternative prefixes.</summary>
    [NginxFact]
    public async Task Every_endpoint_for_callers_is_reachable()
    {
        await using var edge = await RunningEdge.StartAsync();
        await using var nginx = await Nginx.StartAsync(edge.Address, edge.Address);
        var paths = DataPlane.All.Select(row => row.Path.Replace('{', 'x').Replace('}', 'x')).Concat(EndpointTable.KeyPaths.Select(row => row.Path)).Distinct().ToList();
        var aliases = paths.Where(path => path.StartsWith("/v1/", StringComparison.Ordinal)).SelectMany(path => (string[])["/api" + path, "/openai" + path]);
        Assert.Contains("/api/memory/search", paths);

        foreach (var path in paths.Concat(aliases).Append("/openai/deployments/gpt-4o/chat/completions"))
        {
            using var response = await edge.Http.GetAsync(new Uri(nginx.Address, path));

            // The edge alone sets it.
            Assert.True(response.Headers.Contains("X-Request-Id"), $"{path}: {(int)response.StatusCode} comes from nginx.");
        }
    }

    [NginxFact]
    public async Task A_header_of_20_KB_passes()
    {
        await using var edge = await RunningEdge.StartAsync();
        await using var nginx = await Nginx.StartAsync(edge.Address, edge.Address);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(nginx.Address, "/v1/models"));
        request.Headers.Authorization = new("Bearer", edge.Welcome.TestKey);
        request.Headers.TryAddWithoutValidation("X-Cencori-Prompt-Vars", $$"""{"name":"{{new string('a', 20_000)}}"}""");

        using var response = await edge.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [NginxFact]
    public async Task A_base_URL_without_v1_gets_the_same_error_as_from_the_edge()
    {
        await using var edge = await RunningEdge.StartAsync();
        await using var nginx = await Nginx.StartAsync(edge.Address, edge.Address);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(nginx.Address, "/chat/completions")) { Content = RunningEdge.Json(ScriptedEdge.Chat) };

        using var response = await edge.Http.SendAsync(request);

        Assert.Equal((HttpStatusCode.NotFound, "application/json; charset=utf-8"), (response.StatusCode, response.Content.Headers.ContentType?.ToString()));
        var error = System.Text.Json.Nodes.JsonNode.Parse(await response.Content.ReadAsStringAsync())!["error"]!;
        Assert.Equal(("NOT_FOUND", "invalid_request_error"), ((string?)error["code"], (string?)error["type"]));
        Assert.Contains("/v1", (string)error["message"]!, StringComparison.Ordinal);
    }

    [NginxFact]
    public async Task A_body_that_is_too_large_gets_the_edges_own_error()
    {
        await using var edge = await RunningEdge.StartAsync();
        await using var nginx = await Nginx.StartAsync(edge.Address, edge.Address);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(nginx.Address, "/v1/chat/completions")) { Content = new ByteArrayContent(new byte[(32 * 1024 * 1024) + 1]) };
        request.Content.Headers.ContentType = new("application/json");
        request.Headers.Authorization = new("Bearer", edge.Welcome.TestKey);

        using var response = await edge.Http.SendAsync(request);

        await response.ErrorAsync(HttpStatusCode.RequestEntityTooLarge, "REQUEST_TOO_LARGE");
    }

    [NginxFact]
    public async Task Frames_of_a_WebSocket_pass_both_ways()
    {
        await using var echo = await RealtimeTests.EchoAsync();
        await using var edge = await RunningEdge.StartAsync([RunningEdge.Destination("openai", new Uri(echo.Urls.First()))]);
        await using var nginx = await Nginx.StartAsync(edge.Address, edge.Address);
        using var limit = new CancellationTokenSource(Eventually.Timeout, TimeProvider.System);
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", "Bearer " + await edge.CreateOpenAIKeyAsync());

        await socket.ConnectAsync(new UriBuilder(nginx.Address) { Scheme = "ws", Path = "/v1/realtime", Query = "model=gpt-realtime" }.Uri, limit.Token);
        await RealtimeTests.ReceiveAsync(socket, limit.Token);
        await socket.SendAsync("{}"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, limit.Token);

        Assert.Equal("{}", await RealtimeTests.ReceiveAsync(socket, limit.Token));
    }
}
