using System.Text.Json.Nodes;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Admin;

/// <summary>The members of each successful response.</summary>
public class AdminShapeTests
{
    private const string ProjectMembers = "id,name,slug,default_model,default_provider,model_aliases,log_payloads,created_at";

    private const string KeyMembers =
        "id,name,key_prefix,last_four,key_type,environment,allowed_domains,allowed_models,allowed_cidrs,agent_id,created_at,last_used_at,expires_at,revoked_at,revoked,replaced_by,age_days,rotation_due";

    [Fact]
    public async Task Projects()
    {
        await using var edge = await RunningEdge.StartAsync();
        var created = await CallAsync(edge, "POST", "/api/projects", 201, """{"name":"My First Project!"}""");
        AssertMembers("project", created);
        AssertMembers(ProjectMembers, created["project"]!);
        Assert.Equal("my-first-project", (string?)created["project"]!["slug"]);
        var path = "/api/projects/" + (string?)created["project"]!["id"];

        var read = await CallAsync(edge, "GET", path, 200);
        AssertMembers(ProjectMembers, read["project"]!);
        Assert.Equal((string?)created["project"]!["id"], (string?)read["project"]!["id"]);
        var listed = await CallAsync(edge, "GET", "/api/projects", 200);
        AssertMembers("projects", listed);
        Assert.Equal(["default", "My First Project!"], listed["projects"]!.AsArray().Select(project => (string?)project!["name"]));

        var changed = await CallAsync(edge, "PATCH", path, 200, """{"name":"New","default_model":"gpt-4o","default_provider":"groq","model_aliases":{"a":"b"}}""");
        Assert.Equal("""{"a":"b"}""", changed["project"]!["model_aliases"]!.ToJsonString());
        var cleared = (await CallAsync(edge, "PATCH", path, 200, """{"default_model":null}"""))["project"]!;
        Assert.Equal(("New", null, "groq"), ((string?)cleared["name"], (string?)cleared["default_model"], (string?)cleared["default_provider"]));

        await CallAsync(edge, "DELETE", path, 204);
        await CallAsync(edge, "GET", path, 404);
    }

    [Fact]
    public async Task Keys()
    {
        await using var edge = await RunningEdge.StartAsync();
        var path = $"/api/projects/{await edge.CreateProjectAsync()}/api-keys";
        var created = await CallAsync(edge, "POST", path, 201,
            """{"name":"web","key_type":"publishable","environment":"test","allowed_domains":["*.example.com"],"allowed_models":["gpt-*"],"expires_at":"2999-01-01T00:00:00Z"}""");
        AssertMembers("apiKey", created);
        AssertMembers(KeyMembers + ",full_key", created["apiKey"]!);
        var (id, full) = ((string)created["apiKey"]!["id"]!, (string)created["apiKey"]!["full_key"]!);
        Assert.Equal((full[..13], full[^4..]), ((string?)created["apiKey"]!["key_prefix"], (string?)created["apiKey"]!["last_four"]));
        Assert.Equal(("publishable", "test"), ((string?)created["apiKey"]!["key_type"], (string?)created["apiKey"]!["environment"]));

        var listed = await CallAsync(edge, "GET", path, 200);
        AssertMembers("apiKeys", listed);
        AssertMembers(KeyMembers, Assert.Single(listed["apiKeys"]!.AsArray())!);

        var read = await CallAsync(edge, "GET", $"{path}/{id}", 200);
        AssertMembers("apiKey", read);
        AssertMembers(KeyMembers, read["apiKey"]!);

        var changed = await CallAsync(edge, "PATCH", $"{path}/{id}", 200, """{"allowed_models":null}""");
        AssertMembers(KeyMembers, changed["apiKey"]!);
        Assert.Null(changed["apiKey"]!["allowed_models"]);
        Assert.Equal("""["*.example.com"]""", changed["apiKey"]!["allowed_domains"]!.ToJsonString());
        Assert.NotNull(changed["apiKey"]!["expires_at"]);

        var rotated = await CallAsync(edge, "POST", $"{path}/{id}/rotate", 201);
        AssertMembers(KeyMembers + ",full_key", rotated["apiKey"]!);
        Assert.NotEqual(id, (string?)rotated["apiKey"]!["id"]);
        foreach (var member in (string[])["name", "key_type", "environment", "allowed_domains", "allowed_models", "expires_at"])
        {
            Assert.Equal(changed["apiKey"]![member]?.ToJsonString(), rotated["apiKey"]![member]?.ToJsonString());
        }

        var revoked = await CallAsync(edge, "PATCH", $"{path}/{id}", 200, """{"revoked":true}""");
        Assert.True((bool)revoked["apiKey"]!["revoked"]!);
        Assert.NotNull(revoked["apiKey"]!["revoked_at"]);
    }

    [Fact]
    public async Task Provider_keys()
    {
        await using var edge = await RunningEdge.StartAsync();
        var path = $"/api/projects/{await edge.CreateProjectAsync()}/provider-keys";
        var stored = await CallAsync(edge, "POST", path, 201, """{"provider":"openai","apiKey":"sk-proj-0123456789-wxyz"}""");
        AssertMembers("provider", stored);
        AssertMembers("id,provider,environment,name,keyHint,baseUrl,weight,rank,models,enabled,limits,createdAt", stored["provider"]!);
        Assert.Equal(("production", "...wxyz"), ((string?)stored["provider"]!["environment"], (string?)stored["provider"]!["keyHint"]));

        await CallAsync(edge, "POST", path, 201, """{"provider":"openai","apiKey":"sk-another-01234567-abcd"}""");
        await CallAsync(edge, "POST", path, 201, """{"provider":"openai","apiKey":"short","environment":"test","baseUrl":"https://eu.example.com/v1/"}""");
        var listed = await CallAsync(edge, "GET", path, 200);
        AssertMembers("providers", listed);
        Assert.Equal(["...abcd", "..."], listed["providers"]!.AsArray().Select(key => (string?)key!["keyHint"]));
        Assert.Equal("https://eu.example.com/v1", (string?)listed["providers"]![1]!["baseUrl"]);

        await CallAsync(edge, "DELETE", $"{path}/openai?environment=test", 204);
        await CallAsync(edge, "DELETE", $"{path}/openai?environment=test", 404);
        await CallAsync(edge, "DELETE", $"{path}/openai", 204);
    }

    [Fact]
    public async Task Rate_limits()
    {
        await using var edge = await RunningEdge.StartAsync();
        var project = (string)(await CallAsync(edge, "POST", "/api/projects", 201, """{"name":"p"}"""))["project"]!["id"]!;
        var path = $"/api/projects/{project}/rate-limits";
        Assert.Equal(
            """{"requests_per_minute":60,"burst":60,"tokens_per_minute":null,"concurrent_requests":null}""",
            (await CallAsync(edge, "GET", path, 200)).ToJsonString());

        var replaced = await CallAsync(edge, "PUT", path, 200, """{"requests_per_minute":100,"tokens_per_minute":5000,"concurrent_requests":null}""");
        Assert.Equal("""{"requests_per_minute":100,"burst":100,"tokens_per_minute":5000,"concurrent_requests":null}""", replaced.ToJsonString());
        Assert.Equal(replaced.ToJsonString(), (await CallAsync(edge, "GET", path, 200)).ToJsonString());
    }

    [Fact]
    public async Task Networking()
    {
        await using var edge = await RunningEdge.StartAsync();
        var path = $"/api/projects/{await edge.CreateProjectAsync()}/networking";
        Assert.Equal("""{"access_mode":"public","allowed_cidrs":[]}""", (await CallAsync(edge, "GET", path, 200)).ToJsonString());

        var replaced = await CallAsync(edge, "PUT", path, 200, """{"access_mode":"restricted","allowed_cidrs":["::ffff:10.0.0.0/104","10.0.0.0/8","203.0.113.7","2001:DB8:0::/32"]}""");
        Assert.Equal("""{"access_mode":"restricted","allowed_cidrs":["10.0.0.0/8","203.0.113.7/32","2001:db8::/32"]}""", replaced.ToJsonString());
        Assert.Equal(replaced.ToJsonString(), (await CallAsync(edge, "GET", path, 200)).ToJsonString());

        // A client may send back what it received, and nothing changes.
        Assert.Equal(replaced.ToJsonString(), (await CallAsync(edge, "PUT", path, 200, replaced.ToJsonString())).ToJsonString());
        Assert.Equal("""{"access_mode":"public","allowed_cidrs":["10.0.0.0/8"]}""", (await CallAsync(edge, "PUT", path, 200, """{"access_mode":"public","allowed_cidrs":["10.0.0.0/8"]}""")).ToJsonString());

        var empty = await CallAsync(edge, "PUT", path, 200, """{"access_mode":"restricted","allowed_cidrs":[]}""");
        AssertMembers("access_mode,allowed_cidrs,warning", empty);
        Assert.Contains("every request with a key of this project is refused", (string?)empty["warning"], StringComparison.Ordinal);
        var changes = (await CallAsync(edge, "GET", "/api/audit?limit=10", 200))["entries"]!.AsArray();
        Assert.Equal("""project.changed {"access_mode":"public","allowed_cidrs":["10.0.0.0/8"]} {"access_mode":"restricted","allowed_cidrs":[]}""",
            $"{changes[0]!["action"]} {changes[0]!["before"]!.ToJsonString()} {changes[0]!["after"]!.ToJsonString()}");
    }

    private static async Task<JsonNode> CallAsync(RunningEdge edge, string method, string path, int status, string? body = null)
    {
        using var request = new HttpRequestMessage(new(method), path) { Content = body is null ? null : RunningEdge.Json(body) };
        using var response = await edge.Admin.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(status == (int)response.StatusCode, $"{method} {path}: {(int)response.StatusCode} {text}");
        Assert.True(response.Headers.CacheControl?.NoStore, $"{method} {path} may be stored.");
        return text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!;
    }

    private static void AssertMembers(string members, JsonNode node) =>
        Assert.Equal(members.Split(',').Order(), node.AsObject().Select(member => member.Key).Order());
}
