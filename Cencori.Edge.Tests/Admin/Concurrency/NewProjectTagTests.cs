using System.Text.Json.Nodes;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Admin.Concurrency;

public sealed class NewProjectTagTests(ScriptedEdge scene) : IClassFixture<ScriptedEdge>
{
    [Fact]
    public async Task A_new_project_has_the_same_ETag_as_when_it_is_read()
    {
        using var created = await scene.Edge.Admin.PostAsync("/api/projects", RunningEdge.Json(new { name = "tagged" }));
        var id = (string)JsonNode.Parse(await created.Content.ReadAsStringAsync())!["project"]!["id"]!;
        using var read = await scene.Edge.Admin.GetAsync($"/api/projects/{id}");
        Assert.Equal(created.Headers.ETag, read.Headers.ETag);
        using var key = await scene.Edge.Admin.PostAsync($"/api/projects/{id}/api-keys", RunningEdge.Json(new { name = "k", key_type = "secret", environment = "production", allowed_domains = Array.Empty<string>() }));
        var made2 = JsonNode.Parse(await key.Content.ReadAsStringAsync())!["apiKey"]!["id"]!;
        using var readKey = await scene.Edge.Admin.GetAsync($"/api/projects/{id}/api-keys/{made2}");
        Assert.Equal(key.Headers.ETag, readKey.Headers.ETag);
    }
}
