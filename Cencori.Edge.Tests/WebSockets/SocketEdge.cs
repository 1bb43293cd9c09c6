using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;
using Cencori.Edge.Tests.Records;
using Microsoft.AspNetCore.Builder;

namespace Cencori.Edge.Tests.WebSockets;

/// <summary>An edge with a provider of WebSockets, and a project without limits that may use it. Each test has its own.</summary>
public sealed class SocketEdge : IAsyncDisposable
{
    private readonly CancellationTokenSource _limit = new(Eventually.Timeout, TimeProvider.System);

    private SocketEdge(SocketProvider provider, RunningEdge edge) => (Provider, Edge) = (provider, edge);

    public SocketProvider Provider { get; }

    public RunningEdge Edge { get; }

    public string ProjectId { get; private set; } = null!;

    public string KeyId { get; private set; } = null!;

    public string Key { get; private set; } = null!;

    /// <summary>The time limit for all waits in a test together.</summary>
    public CancellationToken Limit => _limit.Token;

    public static async Task<SocketEdge> StartAsync(bool overTls = false, IEnumerable<string>? settings = null, Action<WebApplicationBuilder>? configure = null)
    {
        var provider = await SocketProvider.StartAsync(overTls);
        var edge = await RunningEdge.StartAsync(
            [RunningEdge.Destination("openai", provider.Address), "ReverseProxy:Clusters:openai:HttpClient:DangerousAcceptAnyServerCertificate=true", RunningEdge.LoopbackIsOpen, .. settings ?? []], configure);
        var scene = new SocketEdge(provider, edge) { ProjectId = await edge.CreateProjectAsync("openai") };
        (scene.KeyId, scene.Key) = await scene.CreateKeyAsync();
        return scene;
    }

    public async Task<(string Id, string Key)> CreateKeyAsync(object? more = null)
    {
        var body = JsonNode.Parse(System.Text.Json.JsonSerializer.Serialize(more ?? new { }))!.AsObject();
        body["name"] = "test key";
        body["key_type"] = "secret";
        body["environment"] = "production";
        var key = (await Edge.SendAdminAsync(HttpMethod.Post, $"/api/projects/{ProjectId}/api-keys", body))["apiKey"]!;
        return ((string)key["id"]!, (string)key["full_key"]!);
    }

    /// <param name="key">Sent as a Bearer token; null: the project's own key.</param>
    /// <param name="options">Further settings of the client.</param>
    /// <param name="path">The path with its query.</param>
    public async Task<ClientWebSocket> ConnectAsync(string? key = null, Action<ClientWebSocketOptions>? options = null, string path = "/v1/realtime?model=gpt-realtime")
    {
        var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        if (key is not "")
        {
            socket.Options.SetRequestHeader("Authorization", "Bearer " + (key ?? Key));
        }

        options?.Invoke(socket.Options);
        await socket.ConnectAsync(new Uri(new UriBuilder(Edge.Address) { Scheme = "ws" }.Uri, path), Limit);
        return socket;
    }

    /// <summary>Sends a message and then does the same as <see cref="HearAsync"/>.</summary>
    public async Task<string> SayAsync(WebSocket socket, string text)
    {
        await socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, Limit);
        return await HearAsync(socket);
    }

    /// <summary>The next message of the other side; for a close frame, <c>closed</c> with the code and the reason.</summary>
    public async Task<string> HearAsync(WebSocket socket)
    {
        var buffer = new byte[64 * 1024];
        var frame = await socket.ReceiveAsync(buffer.AsMemory(), Limit);
        return frame.MessageType == WebSocketMessageType.Close ? $"closed {(int?)socket.CloseStatus} {socket.CloseStatusDescription}" : Encoding.UTF8.GetString(buffer, 0, frame.Count);
    }

    /// <summary>The only record of the project, as soon as it exists.</summary>
    public async Task<RequestRecord> RecordAsync()
    {
        var records = new List<RequestRecord>();
        await Eventually.IsTrueAsync(async () =>
        {
            await Edge.Records().FlushAsync();
            records = [.. (await Edge.RowsAsync()).Where(record => record.ProjectId == ProjectId)];
            return records.Count > 0;
        });
        return Assert.Single(records);
    }

    public async ValueTask DisposeAsync()
    {
        await Edge.DisposeAsync();
        await Provider.DisposeAsync();
        _limit.Dispose();
    }
}
