using System.Net.WebSockets;
using System.Text;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace Cencori.Edge.Tests.Pipeline.Streams;

/// <summary>A WebSocket session is admitted and gets the credential like a request. Then frames pass in both directions.</summary>
public sealed class RealtimeTests
{
    [Fact]
    public async Task A_realtime_session_reaches_the_provider_with_its_credential_and_frames_pass_both_ways()
    {
        await using var echo = await EchoAsync();
        await using var edge = await RunningEdge.StartAsync([RunningEdge.Destination("openai", new Uri(echo.Urls.First()))]);
        var key = await edge.CreateOpenAIKeyAsync();
        using var limit = new CancellationTokenSource(Eventually.Timeout, TimeProvider.System);
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", "Bearer " + key);
        socket.Options.SetRequestHeader("OpenAI-Organization", "org-private");
        socket.Options.SetRequestHeader("OpenAI-Beta", "realtime=v1");

        await socket.ConnectAsync(new UriBuilder(edge.Address) { Scheme = "ws", Path = "/v1/realtime", Query = "model=gpt-realtime" }.Uri, limit.Token);
        var greeting = await ReceiveAsync(socket, limit.Token);
        await socket.SendAsync("{\"type\":\"x\"}"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, limit.Token);
        var response = await ReceiveAsync(socket, limit.Token);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "done", limit.Token);

        Assert.StartsWith("/v1/realtime?model=gpt-realtime\n", greeting, StringComparison.Ordinal);
        Assert.Contains($"\nAuthorization: Bearer {RunningEdge.ProviderKey}\n", greeting, StringComparison.Ordinal);
        Assert.Contains("\nOpenAI-Beta: realtime=v1\n", greeting, StringComparison.Ordinal);
        Assert.DoesNotContain(key, greeting, StringComparison.Ordinal);
        Assert.DoesNotContain("private", greeting, StringComparison.Ordinal);
        Assert.Equal("{\"type\":\"x\"}", response);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, socket.CloseStatus);
    }

    [Fact]
    public async Task A_realtime_session_without_a_key_is_rejected_before_the_upgrade()
    {
        await using var edge = await RunningEdge.StartAsync();
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;

        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(new UriBuilder(edge.Address) { Scheme = "ws", Path = "/v1/realtime", Query = "model=gpt-realtime" }.Uri, default));

        Assert.Equal(401, (int)socket.HttpStatusCode);
    }

    // Starts a WebSocket server that first sends back the request that it received, and then echoes each frame.
    internal static async Task<WebApplication> EchoAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.UseWebSockets();
        app.Run(async context =>
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            var reported = $"{context.Request.Path}{context.Request.QueryString}\n{string.Concat(context.Request.Headers.Select(header => $"{header.Key}: {header.Value}\n"))}";
            await socket.SendAsync(Encoding.UTF8.GetBytes(reported), WebSocketMessageType.Text, endOfMessage: true, context.RequestAborted);
            var buffer = new byte[4096];
            ValueWebSocketReceiveResult frame;
            while ((frame = await socket.ReceiveAsync(buffer.AsMemory(), context.RequestAborted)).MessageType != WebSocketMessageType.Close)
            {
                await socket.SendAsync(buffer.AsMemory(0, frame.Count), frame.MessageType, frame.EndOfMessage, context.RequestAborted);
            }

            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, context.RequestAborted);
        });
        await app.StartAsync();
        return app;
    }

    internal static async Task<string> ReceiveAsync(WebSocket socket, CancellationToken limit)
    {
        var buffer = new byte[8192];
        var frame = await socket.ReceiveAsync(buffer.AsMemory(), limit);
        return Encoding.UTF8.GetString(buffer, 0, frame.Count);
    }
}
