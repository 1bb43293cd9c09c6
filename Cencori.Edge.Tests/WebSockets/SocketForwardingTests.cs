using System.Net;
using System.Net.WebSockets;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Network;
using Cencori.Edge.Tests.Infrastructure.Providers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Cencori.Edge.Tests.WebSockets;

/// <summary>WebSockets that are allowed: what the provider gets, what the caller gets, and what is recorded.</summary>
public sealed class SocketForwardingTests
{
    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task A_WebSocket_works_with_and_without_TLS_and_with_a_credentials_own_base_URL(bool providerOverTls, bool ownOverTls)
    {
        await using var scene = await SocketEdge.StartAsync(providerOverTls);
        await using var own = await SocketProvider.StartAsync(ownOverTls);
        using var common = await scene.ConnectAsync();
        var atProvider = await scene.Provider.NextRequestAsync();
        Assert.Equal("hi", await scene.SayAsync(common, "hi"));

        await scene.Edge.StoreProviderKeyAsync(scene.ProjectId, "openai", baseUrl: new Uri(own.Address, "deployment/v1").AbsoluteUri);
        using var special = await scene.ConnectAsync();
        var atOwn = await own.NextRequestAsync();
        Assert.Equal("hi", await scene.SayAsync(special, "hi"));

        Assert.Equal(("GET", "/v1/realtime?model=gpt-realtime"), (atProvider.Method, atProvider.Target));
        Assert.Equal(("GET", "/deployment/v1/realtime?model=gpt-realtime"), (atOwn.Method, atOwn.Target));
        Assert.Equal(["Bearer " + RunningEdge.ProviderKey], atOwn.Values("Authorization"));
    }

    [Theory]
    [InlineData("2.0", "RequestVersionOrLower")]
    [InlineData("2", "RequestVersionExact")]
    [InlineData("1.1", "RequestVersionOrHigher")]
    public async Task A_WebSocket_uses_HTTP_1_even_if_requests_use_another_version(string version, string policy)
    {
        await using var scene = await SocketEdge.StartAsync(overTls: true, [$"ReverseProxy:Clusters:openai:HttpRequest:Version={version}", $"ReverseProxy:Clusters:openai:HttpRequest:VersionPolicy={policy}"]);
        using var socket = await scene.ConnectAsync();

        Assert.Equal("hi", await scene.SayAsync(socket, "hi"));
        Assert.Equal("GET", (await scene.Provider.NextRequestAsync()).Method);
    }

    [Theory]
    [InlineData(new[] { "realtime", "KEY", "openai-beta.realtime-v1" }, "realtime", "realtime, openai-beta.realtime-v1")]
    [InlineData(new[] { "KEY", "openai-organization.org-1", "b", "a" }, "a", "b, a")]
    [InlineData(new[] { "KEY" }, null, null)]
    [InlineData(new[] { "KEY", "realtime" }, null, "realtime")]
    public async Task Subprotocols_reach_the_provider_and_the_chosen_one_comes_back(string[] offered, string? chosen, string? seen)
    {
        await using var scene = await SocketEdge.StartAsync();
        scene.Provider.Choose = _ => chosen;
        using var socket = await scene.ConnectAsync("", options => Array.ForEach(offered, name => options.AddSubProtocol(name == "KEY" ? "openai-insecure-api-key." + scene.Key : name)));
        var request = await scene.Provider.NextRequestAsync();

        Assert.Equal("hi", await scene.SayAsync(socket, "hi"));
        Assert.Equal(chosen ?? "", socket.SubProtocol ?? "");
        Assert.Equal(seen is null ? [] : [seen], request.Values("Sec-WebSocket-Protocol"));
        Assert.DoesNotContain(request.Headers, header => header.Value.Contains(scene.Key, StringComparison.OrdinalIgnoreCase));
        Assert.Equal(["Bearer " + RunningEdge.ProviderKey], request.Values("Authorization"));
        Assert.DoesNotContain(socket.HttpResponseHeaders!, header => header.Value.Any(value => value.Contains(scene.Key, StringComparison.OrdinalIgnoreCase)));
        Assert.DoesNotContain(scene.Edge.Logs.Lines, line => line.ToString().Contains(scene.Key, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_WebSocket_over_HTTP_2_works_in_the_same_way()
    {
        await using var scene = await SocketEdge.StartAsync(settings: ["Limits:MaxRequestBodyBytes=1000"], configure: Http2Beside);
        var address = new UriBuilder(new Uri(HttpTwo(scene))) { Scheme = "ws", Path = "/v1/realtime", Query = "model=gpt-realtime" }.Uri;
        using var client = new HttpMessageInvoker(new SocketsHttpHandler());
        using var socket = await ConnectAsync(scene.Key);
        var request = await scene.Provider.NextRequestAsync();

        var text = new string('x', 10_000);
        Assert.Equal(text, await scene.SayAsync(socket, text));
        Assert.Equal(("GET", "realtime"), (request.Method, socket.SubProtocol));
        Assert.Empty(request.Values("Transfer-Encoding"));
        Assert.DoesNotContain(request.Headers, header => header.Value.Contains(scene.Key, StringComparison.OrdinalIgnoreCase));
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, scene.Limit);
        Assert.Equal((RequestOutcome.Success, null, "GET /v1/*"), ((await scene.RecordAsync()).Outcome, (await scene.RecordAsync()).CostUsd, (await scene.RecordAsync()).Endpoint));

        var (_, limited) = await scene.CreateKeyAsync(new { allowed_models = Array.Empty<string>() });
        var failure = await Assert.ThrowsAsync<WebSocketException>(async () => (await ConnectAsync(limited)).Dispose());
        Assert.Contains("403", failure.ToString(), StringComparison.Ordinal);
        Assert.Equal(1, scene.Provider.Count);

        async Task<ClientWebSocket> ConnectAsync(string key)
        {
            var two = new ClientWebSocket();
            two.Options.HttpVersion = HttpVersion.Version20;
            two.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
            two.Options.AddSubProtocol("openai-insecure-api-key." + key);
            two.Options.AddSubProtocol("realtime");
            two.Options.SetRequestHeader("Content-Type", "application/json");
            await two.ConnectAsync(address, client, scene.Limit);
            return two;
        }
    }

    [Theory]
    [InlineData(400, 400, "told by the provider")]
    [InlineData(404, 404, "told by the provider")]
    [InlineData(429, 429, "told by the provider")]
    [InlineData(500, 500, "told by the provider")]
    [InlineData(401, 502, "PROVIDER_AUTH_FAILED")]
    public async Task A_providers_error_response_to_the_handshake_reaches_the_caller(int status, int seen, string text)
    {
        await using var scene = await SocketEdge.StartAsync();
        scene.Provider.Refuse = context =>
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsJsonAsync(new { error = new { message = "told by the provider" } });
        };
        using var client = await RawClient.ConnectAsync(scene.Edge);
        await client.SendAsync($"GET /v1/realtime HTTP/1.1\r\nHost: edge\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nAuthorization: Bearer {scene.Key}\r\n\r\n");
        var response = await client.ReadResponseAsync();

        Assert.Equal(seen, response.Status);
        Assert.Contains(text, response.Body, StringComparison.Ordinal);
        var record = await scene.RecordAsync();
        Assert.Equal((seen, RequestOutcome.Error, 0m), (record.Status, record.Outcome, record.CostUsd));
    }

    [Fact]
    public async Task An_unreachable_provider_gives_503_and_costs_nothing()
    {
        await using var scene = await SocketEdge.StartAsync();
        await scene.Edge.StoreProviderKeyAsync(scene.ProjectId, "openai", baseUrl: $"http://127.0.0.1:{LoopbackPort.Next()}/v1");

        await Assert.ThrowsAsync<WebSocketException>(() => scene.ConnectAsync());

        var record = await scene.RecordAsync();
        Assert.Equal((503, "PROVIDER_UNAVAILABLE", 0m), (record.Status, record.ErrorCode, record.CostUsd));
    }

    [Fact]
    public async Task A_session_is_recorded_with_its_duration_and_an_unknown_cost()
    {
        await using var scene = await SocketEdge.StartAsync();
        await scene.Edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{scene.ProjectId}/budget", new { monthly_budget_usd = 0.0001, enforce = false });
        using var socket = await scene.ConnectAsync();
        await scene.SayAsync(socket, "hi");
        await RealTime.PassesAsync(TimeSpan.FromMilliseconds(300), "The session must last as long as its record says.", scene.Limit);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "done", scene.Limit);

        var record = await scene.RecordAsync();
        Assert.Equal((101, RequestOutcome.Success, null, "gpt-realtime", "openai"), (record.Status, record.Outcome, record.ErrorCode, record.ModelServed, record.Provider));
        Assert.Equal((null, 0, 0, false), (record.CostUsd, record.PromptTokens, record.CompletionTokens, record.IsStream));
        Assert.True(record.DurationMicroseconds >= 300_000);
        Assert.True(record.EdgeMicroseconds < 300_000, $"{record.EdgeMicroseconds} us are the edge's own.");
        Assert.Null(record.Attempts);
        Assert.Equal((WebSocketCloseStatus.NormalClosure, "done"), (socket.CloseStatus, socket.CloseStatusDescription));
        Assert.Equal(WebSocketCloseStatus.NormalClosure, await (await scene.Provider.NextRequestAsync()).Ended);
    }

    [Fact]
    public async Task An_open_WebSocket_holds_one_slot_and_counts_as_one_request()
    {
        await using var scene = await SocketEdge.StartAsync();
        await scene.Edge.SetLimitsAsync(scene.ProjectId, new { concurrent_requests = 1, requests_per_minute = 2 });
        using var socket = await scene.ConnectAsync();
        Assert.Equal("1", socket.HttpResponseHeaders!["X-RateLimit-Remaining"].Single());
        Assert.Equal(429, await RefusedAsync());

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, scene.Limit);
        using var next = await EventuallyAsync();
        await next.CloseAsync(WebSocketCloseStatus.NormalClosure, null, scene.Limit);
        Assert.Equal(429, await RefusedAsync());

        async Task<int> RefusedAsync()
        {
            using var refused = await scene.Edge.SendAsync(scene.Key, HttpMethod.Get, "/v1/files");
            return (int)refused.StatusCode;
        }

        // The slot is freed a moment after the caller has the last bytes.
        async Task<ClientWebSocket> EventuallyAsync()
        {
            ClientWebSocket? opened = null;
            await Eventually.IsTrueAsync(async () =>
            {
                try
                {
                    opened = await scene.ConnectAsync();
                    return true;
                }
                catch (WebSocketException)
                {
                    return false;
                }
            });
            return opened!;
        }
    }

    [Fact]
    public async Task Large_and_compressed_messages_pass_unchanged()
    {
        await using var scene = await SocketEdge.StartAsync();
        using var socket = await scene.ConnectAsync(options: options => options.DangerousDeflateOptions = new WebSocketDeflateOptions());
        var text = new string('x', 50_000);

        Assert.Equal(text, await scene.SayAsync(socket, text));
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal($"{i}", await scene.SayAsync(socket, $"{i}"));
        }
    }

    private static void Http2Beside(WebApplicationBuilder builder) => builder.WebHost.ConfigureKestrel(kestrel =>
    {
        kestrel.Listen(IPAddress.Loopback, 0);
        kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
    });

    private static string HttpTwo(SocketEdge scene) => scene.Edge.Urls.Last();
}
