using System.Net.Http.Json;
using System.Text.Json;

namespace Cencori.Edge.Bench.Subjects;

/// <summary>The parts of an edge's administration API that the benchmark needs.</summary>
internal sealed class EdgeApi(int port, string token)
{
    private static readonly HttpClient Client = new();

    /// <summary>Creates a key in a new project with a credential for the benchmark's provider.</summary>
    /// <param name="requestsPerMinute">The request limit. Limits on tokens and concurrency are set too, out of reach, so that all limits are checked.</param>
    /// <param name="rules">Policy rules of the project. Default: none.</param>
    public async Task<string> CreateKeyAsync(long requestsPerMinute, IEnumerable<object>? rules = null)
    {
        var project = (await SendAsync(HttpMethod.Post, "api/projects", new { name = "bench" })).GetProperty("project").GetProperty("id").GetString();
        await SendAsync(HttpMethod.Put, $"api/projects/{project}/rate-limits", new { requests_per_minute = requestsPerMinute, tokens_per_minute = 100_000_000, concurrent_requests = 1_000_000 });
        await SendAsync(HttpMethod.Post, $"api/projects/{project}/provider-keys", new { provider = "openai", apiKey = "sk-bench-0123456789abcdef" });
        if (rules is not null)
        {
            await SendAsync(HttpMethod.Put, $"api/projects/{project}/policies", new { rules });
        }

        var key = await SendAsync(HttpMethod.Post, $"api/projects/{project}/api-keys", new { name = "bench", key_type = "secret", environment = "production" });
        return key.GetProperty("apiKey").GetProperty("full_key").GetString()!;
    }

    private async Task<JsonElement> SendAsync(HttpMethod method, string path, object body)
    {
        using var request = new HttpRequestMessage(method, $"http://127.0.0.1:{port}/{path}") { Content = JsonContent.Create(body) };
        request.Headers.Authorization = new("Bearer", token);
        using var response = await Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode ? JsonDocument.Parse(text).RootElement : throw new BenchException($"{method} {path}: {(int)response.StatusCode} {text}");
    }
}
