using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Databases;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;

namespace Cencori.Edge.Tests.Startup;

/// <summary>The HTTP proxy in the process environment.</summary>
[Trait(SlowestTests.Trait, "A process starts.")]
public sealed class EnvironmentProxyTests : IDisposable
{
    private const string Token = "a-token-that-only-tests-know";

    private readonly string _directory = Directory.CreateTempSubdirectory("edge-process-").FullName;

    [Fact]
    public async Task The_proxy_is_used_for_providers_except_NO_PROXY_hosts_and_loopback()
    {
        await using var proxy = new ScriptedProvider();
        await using var direct = new ScriptedProvider();
        proxy.Respond((_, response) => response.JsonAsync(200, "{}"));
        direct.Respond((_, response) => response.JsonAsync(200, "{}"));
        await MigratedDatabase.PrepareAsync(_directory);
        await using var edge = EdgeProcess.Start(
            _directory,
            [("HTTP_PROXY", ""), ("http_proxy", proxy.Address.ToString()), ("NO_PROXY", "direct.example")],
            "--urls=http://127.0.0.1:0", "--Admin:Token=" + Token, "--" + RunningEdge.Destination("openai", new Uri("http://provider.example")), "--" + RunningEdge.Destination("groq", direct.Address));
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = await edge.ListeningAsync() };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        var project = (string)(await PostAsync(http, "/api/projects", new { name = "p" }))["project"]!["id"]!;
        await PostAsync(http, $"/api/projects/{project}/provider-keys", new { provider = "openai", apiKey = RunningEdge.ProviderKey, environment = "production" });
        await PostAsync(http, $"/api/projects/{project}/provider-keys", new { provider = "groq", apiKey = RunningEdge.ProviderKey, environment = "production" });
        var key = (string)(await PostAsync(http, $"/api/projects/{project}/api-keys", new { name = "k", key_type = "secret", environment = "production" }))["apiKey"]!["full_key"]!;
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);

        await PostAsync(http, "/v1/chat/completions", JsonNode.Parse(ScriptedEdge.ChatOf("openai/x"))!);
        await PostAsync(http, "/v1/chat/completions", JsonNode.Parse(ScriptedEdge.ChatOf("groq/x"))!);

        Assert.Equal("http://provider.example/v1/chat/completions", Assert.Single(proxy.Requests).Target);
        Assert.Equal("/openai/v1/chat/completions", Assert.Single(direct.Requests).Target);
    }

    public void Dispose() => RunDirectory.Delete(_directory);

    private static async Task<JsonNode> PostAsync(HttpClient http, string path, object body)
    {
        using var response = await http.PostAsync(path, RunningEdge.Json(body));
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
    }
}
