using System.Text.Json.Nodes;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Databases;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Admin;

/// <summary>Administration of prompts, and its responses.</summary>
public sealed class PromptsApiTests(RespondingEdge fixture) : IClassFixture<RespondingEdge>
{
    private readonly RunningEdge _edge = fixture.Edge;

    [Theory, OnSqlite, OnPostgres]
    public async Task A_prompt_is_created_versioned_deployed_and_deleted(string system)
    {
        await using var started = await DatabaseEdge.StartAsync(system);
        var edge = started.Edge;
        var prompts = $"/api/projects/{await edge.CreateProjectAsync()}/prompts";

        var created = await edge.SendAdminAsync(HttpMethod.Post, prompts, """{"name":"greeting","content":"Hi {{name}}, {{ city }}!","variables":["city","name"],"description":"Says hello."}""");

        Assert.Equal(["prompt", "version"], Members(created));
        Assert.Equal(["id", "name", "description", "active_version_id", "active_version", "created_at"], Members(created["prompt"]!));
        Assert.Equal(["id", "prompt_id", "version", "content", "variables", "change_message", "created_at"], Members(created["version"]!));
        Assert.Equal(("greeting", "Says hello.", 1), ((string?)created["prompt"]!["name"], (string?)created["prompt"]!["description"], (int)created["prompt"]!["active_version"]!));
        Assert.Equal((string?)created["version"]!["id"], (string?)created["prompt"]!["active_version_id"]);
        Assert.Equal("""["name","city"]""", created["version"]!["variables"]!.ToJsonString());

        var one = $"{prompts}/{created["prompt"]!["id"]}";
        var second = await edge.SendAdminAsync(HttpMethod.Post, one + "/versions", new { content = "Hello.", change_message = "shorter" });
        Assert.Equal((2, "shorter", 1), ((int)second["version"]!["version"]!, (string?)second["version"]!["change_message"], (int)second["prompt"]!["active_version"]!));
        Assert.Equal(created.ToJsonString(), (await edge.SendAdminAsync(HttpMethod.Get, one)).ToJsonString());

        var deployed = await edge.SendAdminAsync(HttpMethod.Post, one + "/deploy", new { version_id = (string?)second["version"]!["id"] });
        Assert.Equal((string?)second["version"]!["id"], (string?)deployed["prompt"]!["active_version_id"]);
        Assert.Equal(second["version"]!.ToJsonString(), deployed["version"]!.ToJsonString());
        Assert.Equal(deployed.ToJsonString(), (await edge.SendAdminAsync(HttpMethod.Get, one)).ToJsonString());
        var versions = await edge.SendAdminAsync(HttpMethod.Get, one + "/versions");
        Assert.Equal([created["version"]!.ToJsonString(), second["version"]!.ToJsonString()], versions["versions"]!.AsArray().Select(version => version!.ToJsonString()));

        var listed = await edge.SendAdminAsync(HttpMethod.Get, prompts);
        Assert.Equal(deployed["prompt"]!.ToJsonString(), Assert.Single(listed["prompts"]!.AsArray())!.ToJsonString());

        // Deploys the earlier version again.
        await edge.SendAdminAsync(HttpMethod.Post, one + "/deploy", new { version_id = (string?)created["version"]!["id"] });
        await edge.SendAdminAsync(HttpMethod.Delete, one);
        Assert.Empty((await edge.SendAdminAsync(HttpMethod.Get, prompts))["prompts"]!.AsArray());
        await edge.SendAdminAsync(HttpMethod.Post, prompts, new { name = "greeting", content = "Again." });
    }

    [Theory]
    [InlineData("""{"name":"a"}""", "missing: 'content'")]
    [InlineData("""{"content":"x"}""", "missing: 'name'")]
    [InlineData("""{"name":"","content":"x"}""", "name")]
    [InlineData("""{"name":" a","content":"x"}""", "name")]
    [InlineData("""{"name":"größe","content":"x"}""", "name")]
    [InlineData("""{"name":"a\nb","content":"x"}""", "name")]
    [InlineData("""{"name":"a","content":""}""", "content")]
    [InlineData("""{"name":"a","content":null}""", "content")]
    [InlineData("""{"name":"a","content":"{{open"}""", "content")]
    [InlineData("""{"name":"a","content":"a\u0000"}""", "content")]
    [InlineData("""{"name":"a","content":"\ud83d"}""", "content")]
    [InlineData("""{"name":"a","content":["x"]}""", "content")]
    [InlineData("""{"name":"a","content":"{{x}}","variables":[]}""", "'x'")]
    [InlineData("""{"name":"a","content":"{{x}}","variables":["x","y"]}""", "'y'")]
    [InlineData("""{"name":"a","content":"x","variables":[null]}""", "variables")]
    [InlineData("""{"name":"a","content":"x","description":"a\u0000"}""", "description")]
    [InlineData("""{"name":"a","content":"x","versoin":2}""", "versoin")]
    public async Task An_invalid_prompt_is_refused(string body, string tells)
    {
        using var response = await _edge.Admin.PostAsync($"/api/projects/{fixture.ProjectId}/prompts", RunningEdge.Json(body));
        var error = await response.ErrorAsync();

        Assert.Equal((400, "INVALID_REQUEST"), (error.Status, error.Code));
        Assert.Contains(tells, $"{error.Message} {error.Param}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Long_texts_are_refused_and_named()
    {
        foreach (var (field, body) in new (string, object)[]
        {
            ("name", new { name = new string('n', 101), content = "x" }),
            ("content", new { name = "n", content = new string('x', 65_537) }),
            ("description", new { name = "n", content = "x", description = new string('x', 1_001) }),
            ("change_message", new { name = "n", content = "x", change_message = new string('x', 1_001) }),
        })
        {
            using var response = await _edge.Admin.PostAsync($"/api/projects/{fixture.ProjectId}/prompts", RunningEdge.Json(body));
            Assert.Equal((400, field), ((int)response.StatusCode, (await response.ErrorAsync()).Param));
        }
    }

    [Fact]
    public async Task A_name_is_unique_in_its_project()
    {
        var (mine, others) = (await _edge.CreateProjectAsync(), await _edge.CreateProjectAsync());
        await _edge.CreatePromptAsync(mine, "guide", "x");
        await _edge.CreatePromptAsync(others, "guide", "x");
        await _edge.CreatePromptAsync(mine, "Guide", "x");

        using var response = await _edge.Admin.PostAsync($"/api/projects/{mine}/prompts", RunningEdge.Json(new { name = "guide", content = "y" }));
        var error = await response.ErrorAsync();
        Assert.Equal((409, "CONFLICT", "name"), (error.Status, error.Code, error.Param));
    }

    [Fact]
    public async Task Prompts_of_another_project_get_404()
    {
        var (mine, others) = (await _edge.CreateProjectAsync(), await _edge.CreateProjectAsync());
        var prompt = await _edge.CreatePromptAsync(others, "guide", "x");
        var own = await _edge.CreatePromptAsync(mine, "guide", "x");
        var one = $"/api/projects/{mine}/prompts/{prompt["prompt"]!["id"]}";
        var theirVersion = new { version_id = (string?)prompt["version"]!["id"] };

        foreach (var (method, path, body) in new (HttpMethod, string, object?)[]
        {
            (HttpMethod.Get, one, null),
            (HttpMethod.Delete, one, null),
            (HttpMethod.Get, one + "/versions", null),
            (HttpMethod.Post, one + "/versions", new { content = "y" }),
            (HttpMethod.Post, one + "/deploy", theirVersion),
            (HttpMethod.Post, $"/api/projects/{mine}/prompts/{own["prompt"]!["id"]}/deploy", theirVersion),
            (HttpMethod.Get, "/api/projects/nope/prompts", null),
            (HttpMethod.Post, "/api/projects/nope/prompts", new { name = "a", content = "y" }),
        })
        {
            using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : RunningEdge.Json(body) };
            using var response = await _edge.Admin.SendAsync(request);
            Assert.Equal((404, "NOT_FOUND"), ((int)response.StatusCode, (await response.ErrorAsync()).Code));
        }
    }

    [Fact]
    public async Task An_ETag_keeps_one_deployment_from_overwriting_another()
    {
        var prompt = await _edge.CreatePromptAsync(fixture.ProjectId, "tagged", "one");
        var one = $"/api/projects/{fixture.ProjectId}/prompts/{prompt["prompt"]!["id"]}";
        using var read = await _edge.Admin.GetAsync(one);
        await _edge.DeployAsync(fixture.ProjectId, prompt, "two");

        using var request = new HttpRequestMessage(HttpMethod.Post, one + "/deploy") { Content = RunningEdge.Json(new { version_id = (string?)prompt["version"]!["id"] }) };
        request.Headers.IfMatch.Add(read.Headers.ETag!);
        using var response = await _edge.Admin.SendAsync(request);

        Assert.Equal(412, (int)response.StatusCode);
        Assert.Equal("two", (string?)(await _edge.SendAdminAsync(HttpMethod.Get, one))["version"]!["content"]);
    }

    [Fact]
    public async Task Versions_added_at_once_get_different_numbers()
    {
        var prompt = await _edge.CreatePromptAsync(fixture.ProjectId, "busy", "one");
        var versions = $"/api/projects/{fixture.ProjectId}/prompts/{prompt["prompt"]!["id"]}/versions";

        var added = await Task.WhenAll(Enumerable.Range(0, 8).Select(number => _edge.SendAdminAsync(HttpMethod.Post, versions, new { content = $"v{number}" })));

        Assert.Equal(Enumerable.Range(2, 8), added.Select(response => (int)response["version"]!["version"]!).Order());
    }

    private static IEnumerable<string> Members(JsonNode node) => node.AsObject().Select(member => member.Key);
}
