using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Pipeline.Streams;

/// <summary>What happens to the caller's own connection.</summary>
public sealed class ConnectionTests(RespondingEdge openai) : IClassFixture<RespondingEdge>
{
    [Theory]
    [InlineData("no key", 401)]
    [InlineData("not json", 400)]
    [InlineData("unknown model", 404)]
    [InlineData("provider's refusal", 400)]
    [InlineData("provider's 401", 502)]
    public async Task The_connection_survives_an_error_response(string kind, int status)
    {
        if (kind.StartsWith("provider", StringComparison.Ordinal))
        {
            openai.Provider.Enqueue((_, response) => response.JsonAsync(kind.EndsWith("401", StringComparison.Ordinal) ? 401 : 400, "{}"));
        }

        using var client = await RawClient.ConnectAsync(openai.Edge);
        await client.PostAsync(kind == "no key" ? "csk_x" : openai.Key, "/v1/chat/completions", kind switch
        {
            "not json" => "{\"model\":",
            "unknown model" => ScriptedEdge.ChatOf("nobody-knows-it"),
            _ => ScriptedEdge.Chat,
        });
        var refused = await client.ReadResponseAsync();
        await client.PostAsync(openai.Key, "/v1/chat/completions", ScriptedEdge.Chat);
        var completed = await client.ReadResponseAsync();

        Assert.StartsWith($"HTTP/1.1 {status} ", refused.Head, StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200 ", completed.Head, StringComparison.Ordinal);
        Assert.Contains("\"hi\"", completed.Body, StringComparison.Ordinal);
        Assert.All([refused, completed], edgeResponse => Assert.Single(edgeResponse.Headers["Content-Length"]));
        await DrainAsync(kind.StartsWith("provider", StringComparison.Ordinal) ? 2 : 1);
    }

    [Fact]
    public async Task The_connection_survives_a_stream_that_ends_with_an_error_event()
    {
        var read = new TaskCompletionSource();
        openai.Provider.Enqueue(async (_, response) =>
        {
            await response.SendHeadAsync(200, ("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"));
            await response.SendChunkAsync("data: {}\n\n");
            await response.HoldAsync(read.Task);
            await response.CloseAsync();
        });

        using var client = await RawClient.ConnectAsync(openai.Edge);
        await client.PostAsync(openai.Key, "/v1/chat/completions", ScriptedEdge.StreamedChat);
        await client.ReadHeadAsync();
        await client.ReadChunkAsync();
        read.SetResult();
        while ((await client.ReadChunkAsync()).Length > 0)
        {
        }

        await client.PostAsync(openai.Key, "/v1/chat/completions", ScriptedEdge.Chat);
        var completed = await client.ReadResponseAsync();
        Assert.StartsWith("HTTP/1.1 200 ", completed.Head, StringComparison.Ordinal);
        Assert.Single(completed.Headers["Content-Length"]);
        await DrainAsync(2);
    }

    [Fact]
    public async Task A_providers_early_rejection_of_an_upload_reaches_the_caller()
    {
        const int Length = 50_000;

        // A raw socket, because the scripted provider would read the whole upload first.
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var project = await openai.Edge.CreateProjectAsync();
        await openai.Edge.StoreProviderKeyAsync(project, "openai", baseUrl: $"http://{listener.LocalEndpoint}/v1");
        var key = await openai.Edge.CreateKeyAsync(project);

        using var client = await RawClient.ConnectAsync(openai.Edge);
        await client.SendHeadAsync(key, "/v1/files", "application/octet-stream", $"Content-Length: {Length}");
        using var socket = await listener.AcceptSocketAsync();
        await socket.ReceiveAsync(new byte[4096]);
        await socket.SendAsync("HTTP/1.1 422 Unprocessable Entity\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n{\"error\":\"x\"}"u8.ToArray());
        await client.SendAsync(new string('x', Length));

        var response = await client.ReadResponseAsync();

        Assert.StartsWith("HTTP/1.1 422 ", response.Head, StringComparison.Ordinal);
        Assert.Equal("{\"error\":\"x\"}", response.Body);
        Assert.Single(response.Headers["Content-Length"]);
    }

    private async Task DrainAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            await openai.Provider.NextRequestAsync();
        }
    }
}
