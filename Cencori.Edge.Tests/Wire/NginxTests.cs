using System.Net;
using System.Net.WebSockets;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Pipeline;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Cencori.Edge.Tests.Wire;

/// <summary>What arrives through nginx, with the configuration that ships.</summary>
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

        // nginx drops header names with underscores unless told otherwise.
        request.Headers.TryAddWithoutValidation("CENCORI_API_KEY", await edge.CreateOpenAIKeyAsync());
        using var answer = await edge.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

        using var events = new StreamReader(await answer.Content.ReadAsStreamAsync());
        foreach (var gate in gates)
        {
            Assert.Equal("data: {}", await events.ReadLineAsync());
            Assert.Equal("", await events.ReadLineAsync());
            gate.SetResult();
        }

        Assert.Null(await events.ReadLineAsync());
    }

    [NginxFact]
    public async Task What_a_caller_writes_as_its_address_ends_here()
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

        Assert.Equal("127.0.0.1", await http.GetStringAsync(nginx.Address));
    }

    [NginxFact]
    public async Task The_administration_is_not_there()
    {
        await using var edge = await RunningEdge.StartAsync();
        await using var nginx = await Nginx.StartAsync(edge.Address, edge.Address);
        foreach (var path in (string[])["/api/projects", "/api/projects/p/api-keys", "/API/Projects", "/api/%70rojects", "/v1/../api/projects"])
        {
            using var answer = await edge.Admin.GetAsync(new Uri(nginx.Address, path));
            Assert.Equal(404, (int)answer.StatusCode);
        }
    }

    [NginxFact]
    public async Task A_body_that_is_too_large_is_refused_in_the_edges_words()
    {
        await using var edge = await RunningEdge.StartAsync();
        await using var nginx = await Nginx.StartAsync(edge.Address, edge.Address);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(nginx.Address, "/v1/chat/completions")) { Content = new ByteArrayContent(new byte[(32 * 1024 * 1024) + 1]) };
        request.Content.Headers.ContentType = new("application/json");
        request.Headers.Authorization = new("Bearer", edge.Welcome.TestKey);

        using var answer = await edge.Http.SendAsync(request);

        await answer.ErrorAsync(HttpStatusCode.RequestEntityTooLarge, "REQUEST_TOO_LARGE");
    }

    [NginxFact]
    public async Task Frames_of_a_WebSocket_go_both_ways()
    {
        await using var echo = await RealtimeTests.EchoAsync();
        await using var edge = await RunningEdge.StartAsync([RunningEdge.Destination("openai", new Uri(echo.Urls.First()))]);
        await using var nginx = await Nginx.StartAsync(edge.Address, edge.Address);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20), TimeProvider.System);
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", "Bearer " + await edge.CreateOpenAIKeyAsync());

        await socket.ConnectAsync(new UriBuilder(nginx.Address) { Scheme = "ws", Path = "/v1/realtime", Query = "model=gpt-realtime" }.Uri, limit.Token);
        await RealtimeTests.ReceiveAsync(socket, limit.Token);
        await socket.SendAsync("{}"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, limit.Token);

        Assert.Equal("{}", await RealtimeTests.ReceiveAsync(socket, limit.Token));
    }
}
