using System.Text.Json.Nodes;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Memory;

/// <summary>Calls of the memory endpoints with one key.</summary>
internal sealed class MemoryClient(RunningEdge edge, string key, params (string Name, string Value)[] headers)
{
    public string Key => key;

    /// <summary>A client with a test key of a new project without limits, so that the sandbox embeds.</summary>
    public static async Task<MemoryClient> CreateAsync(RunningEdge edge) => new(edge, await edge.CreateKeyAsync(await edge.CreateProjectAsync(), environment: "test"));

    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, object? body = null) =>
        edge.SendAsync(key, method, $"/api/memory{path}", body is null ? null : RunningEdge.Json(body), headers);

    /// <summary>Fails the test unless the response has this status.</summary>
    public async Task<JsonNode> CallAsync(HttpMethod method, string path, object? body = null, int status = 200)
    {
        using var response = await SendAsync(method, path, body);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(status == (int)response.StatusCode, $"{method} {path}: {(int)response.StatusCode} {text}");
        return JsonNode.Parse(text)!;
    }

    public Task<JsonNode> CreateAsync(string name, object? more = null)
    {
        var body = JsonNode.Parse(System.Text.Json.JsonSerializer.Serialize(more ?? new { dimensions = 64 }))!;
        body["name"] = name;
        return CallAsync(HttpMethod.Post, "/namespaces", body, 201);
    }

    /// <summary>Returns the id of the stored entry.</summary>
    public async Task<string> StoreAsync(string space, string content, object? more = null)
    {
        var body = JsonNode.Parse(System.Text.Json.JsonSerializer.Serialize(more ?? new { }))!;
        (body["namespace"], body["content"]) = (space, content);
        return (string)(await CallAsync(HttpMethod.Post, "/store", body, 201))["id"]!;
    }

    public async Task<JsonArray> SearchAsync(string space, string query, object? more = null)
    {
        var body = JsonNode.Parse(System.Text.Json.JsonSerializer.Serialize(more ?? new { threshold = 0, limit = 1000 }))!;
        (body["namespace"], body["query"]) = (space, query);
        return (await CallAsync(HttpMethod.Post, "/search", body))["results"]!.AsArray();
    }

    public async Task<int> CountAsync(string space) => (int)(await CallAsync(HttpMethod.Get, $"/namespaces/{space}"))["memoryCount"]!;
}
