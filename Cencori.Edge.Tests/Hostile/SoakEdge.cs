using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Databases;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;

namespace Cencori.Edge.Tests.Hostile;

/// <summary>An edge in a separate process, with one project of honest callers and one of attackers.</summary>
internal sealed class SoakEdge : IAsyncDisposable
{
    private const string Token = "a-token-that-only-tests-know";

    private static readonly string[] LimitedModels = ["dall-e-2"];
    private static readonly string[] Domains = ["app.example.com"];

    private readonly string _directory = Directory.CreateTempSubdirectory("edge-process-").FullName;
    private readonly ScriptedProvider _provider = new() { IsForgetful = true };
    private readonly HttpClient _admin = new();
    private EdgeProcess _process = null!;

    private SoakEdge() => _provider.Respond(RespondAsync);

    public Uri Address { get; private set; } = null!;

    public HttpClient Http { get; private set; } = null!;

    public string HonestProject { get; private set; } = "";

    public string HonestKey { get; private set; } = "";

    public string HostileKey { get; private set; } = "";

    /// <summary>Key of the hostile project that is limited to one model.</summary>
    public string LimitedKey { get; private set; } = "";

    /// <summary>Key of the hostile project for pages of one origin.</summary>
    public string PublishableKey { get; private set; } = "";

    public int LogBytes => _process.Output.Length + _process.Errors.Length;

    public string Log => _process.Output + _process.Errors;

    public long WorkingSet
    {
        get
        {
            using var process = Process.GetProcessById(_process.Id);
            return process.WorkingSet64;
        }
    }

    public static async Task<SoakEdge> StartAsync()
    {
        var edge = new SoakEdge();
        await MigratedDatabase.PrepareAsync(edge._directory);
        edge._process = EdgeProcess.Start(
            edge._directory, "--urls=http://127.0.0.1:0", $"--Admin:Token={Token}",
            $"--{RunningEdge.Destination("openai", edge._provider.Address)}",
            // No process listens on the discard port of a test machine.
            $"--{RunningEdge.Destination("groq", new Uri("http://127.0.0.1:9/"))}");
        edge.Address = await edge._process.ListeningAsync();
        edge.Http = new HttpClient(new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.None }) { BaseAddress = edge.Address, Timeout = TimeSpan.FromMinutes(2) };
        edge._admin.BaseAddress = edge.Address;
        edge._admin.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        edge.HonestProject = await edge.CreateProjectAsync("honest");
        var hostile = await edge.CreateProjectAsync("hostile");
        edge.HonestKey = await edge.CreateKeyAsync(edge.HonestProject, new { name = "k", key_type = "secret", environment = "production" });
        edge.HostileKey = await edge.CreateKeyAsync(hostile, new { name = "k", key_type = "secret", environment = "production" });
        edge.LimitedKey = await edge.CreateKeyAsync(hostile, new { name = "l", key_type = "secret", environment = "production", allowed_models = LimitedModels });
        edge.PublishableKey = await edge.CreateKeyAsync(hostile, new { name = "p", key_type = "publishable", environment = "production", allowed_domains = Domains });
        return edge;
    }

    /// <summary>Checks that every record of the honest project is counted in its sums, limits and budget.</summary>
    public Task AssertLedgerClosesAsync() => _admin.AssertLedgerClosesAsync(HonestProject);

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        await _provider.DisposeAsync();
        Http.Dispose();
        _admin.Dispose();
        RunDirectory.Delete(_directory);
    }

    /// <summary>The model name determines how the provider behaves.</summary>
    private static async Task RespondAsync(ReceivedRequest request, ScriptedResponse response)
    {
        var body = request.BodyText;
        var chunks = ScriptedProvider.ChatChunks("gpt-4o", ["one ", "two ", "three"], (3, 3));
        if (body.Contains("gpt-ends-early", StringComparison.Ordinal))
        {
            await response.SseAsync(chunks.Take(2), done: false);
        }
        else if (body.Contains("gpt-breaks", StringComparison.Ordinal))
        {
            await response.SendHeadAsync(200, ("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"));
            await response.SendChunkAsync($"data: {chunks[0]}\n\ndata: {chunks[1][..20]}");
            await response.ResetAsync();
        }
        else if (body.Contains("gpt-forbids", StringComparison.Ordinal))
        {
            await response.JsonAsync(403, """{"error":{"message":"not in your region","code":"unsupported_country_region_territory"}}""");
        }
        else if (body.Contains("gpt-page", StringComparison.Ordinal))
        {
            await response.SendHeadAsync(503, ("Content-Type", "text/html"), ("Content-Length", "13"), ("Retry-After", "1"));
            await response.SendAsync("<html></html>");
        }
        else if (body.Contains("\"stream\":true", StringComparison.Ordinal))
        {
            await response.SseAsync(chunks);
        }
        else
        {
            await response.JsonAsync(200, ScriptedProvider.ChatCompletion("gpt-4o", "hi", 3, 1));
        }
    }

    private async Task<string> CreateProjectAsync(string name)
    {
        var project = (string)(await SendAsync(HttpMethod.Post, "/api/projects", new { name }))["project"]!["id"]!;
        await SendAsync(HttpMethod.Put, $"/api/projects/{project}/rate-limits", new { requests_per_minute = (int?)null, tokens_per_minute = (int?)null, concurrent_requests = (int?)null });
        foreach (var provider in (string[])["openai", "groq"])
        {
            await SendAsync(HttpMethod.Post, $"/api/projects/{project}/provider-keys", new { provider, apiKey = RunningEdge.ProviderKey, environment = "production" });
        }

        return project;
    }

    private async Task<string> CreateKeyAsync(string project, object body) => (string)(await SendAsync(HttpMethod.Post, $"/api/projects/{project}/api-keys", body))["apiKey"]!["full_key"]!;

    private async Task<JsonNode> SendAsync(HttpMethod method, string path, object body)
    {
        using var request = new HttpRequestMessage(method, path) { Content = RunningEdge.Json(body) };
        using var response = await _admin.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{method} {path}: {(int)response.StatusCode} {text}");
        return JsonNode.Parse(text)!;
    }
}
