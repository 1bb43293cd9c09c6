using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Databases;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;

namespace Cencori.Edge.Tests.Startup;

/// <summary>Edits of yarp.json while a process runs. Yarp trap 35.</summary>
[Trait(SlowestTests.Trait, "A file is polled every second, and each change is read twice.")]
public sealed class ProviderReloadTests : IDisposable
{
    private const string Token = "a-token-that-only-tests-know";

    private readonly string _directory = Directory.CreateTempSubdirectory("edge-process-").FullName;

    [Fact]
    public async Task A_provider_added_at_runtime_is_usable_and_a_broken_file_changes_nothing()
    {
        await using var provider = new ScriptedProvider();
        provider.Respond((_, response) => response.JsonAsync(200, "{}"));
        var shipped = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "yarp.json"));
        var file = Path.Combine(_directory, "yarp.json");
        await File.WriteAllTextAsync(file, shipped);
        await MigratedDatabase.PrepareAsync(_directory);
        await using var edge = EdgeProcess.Start(_directory, "--urls=http://127.0.0.1:0", "--Admin:Token=" + Token);
        using var http = new HttpClient { BaseAddress = await edge.ListeningAsync() };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        var project = (string)(await PostAsync(http, "/api/projects", new { name = "p" }))["project"]!["id"]!;
        var key = (string)(await PostAsync(http, $"/api/projects/{project}/api-keys", new { name = "k", key_type = "secret", environment = "production" }))["apiKey"]!["full_key"]!;
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        Assert.Equal(404, await ChatAsync(http, "added-model"));

        var edited = JsonNode.Parse(shipped)!;
        edited["ReverseProxy"]!["Routes"]!["provider/added"] = JsonNode.Parse(
            """{ "Match": { "Path": "/.provider/added/{**path}" }, "AuthorizationPolicy": "nobody", "ClusterId": "added" }""");
        edited["ReverseProxy"]!["Clusters"]!["added"] = JsonNode.Parse(
            $$$"""{ "Destinations": { "default": { "Address": "{{{provider.Address}}}" } }, "Metadata": { "Credential": "None", "PathBase": "/base", "Models": "added-*" } }""");
        await File.WriteAllTextAsync(file, edited.ToJsonString());
        await Eventually.IsTrueAsync(async () => await ChatAsync(http, "added-model") == 400);

        // The project must enable the provider, although it needs no credential.
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        await PostAsync(http, $"/api/projects/{project}/provider-keys", new { provider = "added", environment = "production" });
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        Assert.Equal(200, await ChatAsync(http, "added-model"));
        Assert.Equal("/base/chat/completions", provider.Requests[^1].Target);

        await File.WriteAllTextAsync(file, "{ broken");
        await Eventually.IsTrueAsync(() => edge.Output.Contains("ReloadMonitor[43]", StringComparison.Ordinal));
        Assert.Equal(200, await ChatAsync(http, "added-model"));

        await File.WriteAllTextAsync(file, shipped);
        await Eventually.IsTrueAsync(async () => await ChatAsync(http, "added-model") == 404);
    }

    public void Dispose() => RunDirectory.Delete(_directory);

    private static async Task<JsonNode> PostAsync(HttpClient http, string path, object body)
    {
        using var response = await http.PostAsync(path, RunningEdge.Json(body));
        Assert.Equal(201, (int)response.StatusCode);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
    }

    private static async Task<int> ChatAsync(HttpClient http, string model)
    {
        using var response = await http.PostAsync("/v1/chat/completions", RunningEdge.Json(new { model, messages = Array.Empty<object>() }));
        return (int)response.StatusCode;
    }
}
