using System.Net.Http.Headers;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Admin;

/// <summary>A change takes effect for the next request (field trap 25 in docs/traps.md).</summary>
public sealed class AdminEffectTests(TwoProvidersEdge fixture) : IClassFixture<TwoProvidersEdge>
{
    private static readonly string[] OneModel = ["o3"];

    private readonly RunningEdge _edge = fixture.Edge;

    [Fact]
    public async Task New_limits_take_effect_at_once()
    {
        var project = await _edge.CreateProjectAsync("openai");
        var key = await _edge.CreateKeyAsync(project);
        Assert.Equal(200, await ChatAsync(key));
        await _edge.SetLimitsAsync(project, new { requests_per_minute = 1 });
        Assert.Equal((200, 429), (await ChatAsync(key), await ChatAsync(key)));
        await _edge.SetLimitsAsync(project, new { });
        Assert.Equal(200, await ChatAsync(key));
    }

    [Fact]
    public async Task New_aliases_take_effect_at_once()
    {
        var project = await _edge.CreateProjectAsync("openai");
        var key = await _edge.CreateKeyAsync(project);
        Assert.Equal(404, await ChatAsync(key, "my-model"));
        await _edge.SendAdminAsync(HttpMethod.Patch, "/api/projects/" + project, new { model_aliases = new Dictionary<string, string> { ["my-model"] = "gpt-4o" } });
        Assert.Equal(200, await ChatAsync(key, "my-model"));
        await _edge.SendAdminAsync(HttpMethod.Patch, "/api/projects/" + project, new { model_aliases = (object?)null });
        Assert.Equal(404, await ChatAsync(key, "my-model"));
    }

    [Fact]
    public async Task Storing_replacing_and_deleting_credentials_takes_effect_at_once()
    {
        var project = await _edge.CreateProjectAsync();
        var path = $"/api/projects/{project}/provider-keys";
        var key = await _edge.CreateKeyAsync(project);
        Assert.Equal(400, await ChatAsync(key));
        foreach (var credential in (string[])["sk-first-credential", "sk-second-credential"])
        {
            await _edge.SendAdminAsync(HttpMethod.Post, path, new { provider = "openai", apiKey = credential });
            Assert.Equal(200, await ChatAsync(key));
            Assert.Equal(["Bearer " + credential], fixture.Provider.Requests[^1].Values("Authorization"));
        }

        await _edge.SendAdminAsync(HttpMethod.Delete, path + "/openai");
        Assert.Equal(400, await ChatAsync(key));
    }

    [Fact]
    public async Task New_settings_of_a_key_take_effect_at_once()
    {
        var project = await _edge.CreateProjectAsync("openai");
        var path = $"/api/projects/{project}/api-keys";
        var key = await _edge.CreateKeyAsync(project);
        var id = (string)(await _edge.SendAdminAsync(HttpMethod.Get, path))["apiKeys"]![0]!["id"]!;
        Assert.Equal(200, await ChatAsync(key));
        await _edge.SendAdminAsync(HttpMethod.Patch, $"{path}/{id}", new { allowed_models = OneModel });
        Assert.Equal(403, await ChatAsync(key));
    }

    [Fact]
    public async Task Deleting_a_project_ends_its_keys_at_once()
    {
        var project = await _edge.CreateProjectAsync("openai");
        var (warm, cold) = (await _edge.CreateKeyAsync(project), await _edge.CreateKeyAsync(project));
        Assert.Equal(200, await ChatAsync(warm));
        await _edge.SendAdminAsync(HttpMethod.Delete, "/api/projects/" + project);

        Assert.Equal((401, 401), (await ChatAsync(warm), await ChatAsync(cold)));
    }

    [Fact]
    public async Task Projects_with_the_same_name_created_at_once_get_different_slugs()
    {
        var created = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => _edge.SendAdminAsync(HttpMethod.Post, "/api/projects", new { name = "Same Name" })));

        Assert.Equal(12, created.Select(project => (string?)project["project"]!["slug"]).Distinct().Count());
        Assert.Equal(12, created.Select(project => (string?)project["project"]!["id"]).Distinct().Count());
    }

    [Fact]
    public async Task A_credential_stored_many_times_at_once_is_stored_once_and_never_missing()
    {
        var project = await _edge.CreateProjectAsync("openai");
        var key = await _edge.CreateKeyAsync(project);
        var storing = Task.WhenAll(Enumerable.Range(0, 12).Select(_ => _edge.StoreProviderKeyAsync(project, "openai")));
        while (!storing.IsCompleted)
        {
            Assert.Equal(200, await ChatAsync(key));
        }

        await storing;
        Assert.Single((await _edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/provider-keys"))["providers"]!.AsArray());
    }

    private async Task<int> ChatAsync(string key, string model = "gpt-4o")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = RunningEdge.Json(new { model, messages = Array.Empty<object>() }) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        using var response = await _edge.Http.SendAsync(request);
        return (int)response.StatusCode;
    }
}
