using System.Text.Json.Nodes;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Agents;

/// <summary>Administrators and secret keys create, read, change and delete agents.</summary>
public sealed class AgentsApiTests(RespondingEdge fixture) : IClassFixture<RespondingEdge>
{
    private static readonly string[] Localhost = ["localhost"];

    private readonly RunningEdge _edge = fixture.Edge;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_agent_is_created_read_changed_and_deleted_at_both_endpoints(bool isAdministration)
    {
        var project = await _edge.CreateProjectAsync("openai");
        var key = await _edge.CreateKeyAsync(project);
        var agents = isAdministration ? $"/api/projects/{project}/agents" : "/v1/agents";

        async Task<JsonNode> SendAsync(HttpMethod method, string below, string? body, int status)
        {
            using var request = new HttpRequestMessage(method, agents + below) { Content = body is null ? null : RunningEdge.Json(body) };
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {(isAdministration ? RunningEdge.AdminToken : key)}");
            using var response = await _edge.Http.SendAsync(request);
            var text = await response.Content.ReadAsStringAsync();
            Assert.True(status == (int)response.StatusCode, $"{method} {below}: {(int)response.StatusCode} {text}");
            return text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!;
        }

        Assert.Equal("""{"data":[]}""", (await SendAsync(HttpMethod.Get, "", null, 200)).ToJsonString());
        var created = await SendAsync(HttpMethod.Post, "", """{"name":"a","description":"d","config":{"model":"m","system_prompt":"s","tools":["t"],"temperature":0.5}}""", 201);
        var id = (string)created["id"]!;
        var expected = $$$"""{"id":"{{{id}}}","name":"a","description":"d","is_active":true,"shadow_mode":false,"created_at":"{{{(string)created["created_at"]!}}}","config":{"model":"m","system_prompt":"s","tools":["t"],"temperature":0.5,"memory":null}}""";
        Assert.Equal(expected.Replace("+", "\\u002B", StringComparison.Ordinal), created.ToJsonString());
        Assert.Equal(created.ToJsonString(), (await SendAsync(HttpMethod.Get, "/" + id, null, 200)).ToJsonString());
        Assert.Equal(created.ToJsonString(), (await SendAsync(HttpMethod.Get, "", null, 200))["data"]![0]!.ToJsonString());

        var changed = await SendAsync(HttpMethod.Patch, "/" + id, """{"is_active":false,"shadow_mode":true,"config":{"tools":null,"temperature":0}}""", 200);
        Assert.Equal(("a", false, true, """{"model":"m","system_prompt":"s","tools":null,"temperature":0,"memory":null}"""),
            ((string?)changed["name"], (bool)changed["is_active"]!, (bool)changed["shadow_mode"]!, changed["config"]!.ToJsonString()));

        var full = await SendAsync(HttpMethod.Post, $"/{id}/keys", """{"name":"k"}""", 201);
        Assert.StartsWith("cake_", (string)full["apiKey"]!["full_key"]!, StringComparison.Ordinal);
        Assert.Equal(("agent", id, "production", "k"), ((string?)full["apiKey"]!["key_type"], (string?)full["apiKey"]!["agent_id"], (string?)full["apiKey"]!["environment"], (string?)full["apiKey"]!["name"]));
        Assert.Equal(isAdministration ? null : (string?)full["apiKey"]!["full_key"], (string?)full["full_key"]);
        await SendAsync(HttpMethod.Post, $"/{id}/keys", null, 201);

        Assert.Equal(isAdministration ? "{}" : $$"""{"id":"{{id}}","deleted":true}""", (await SendAsync(HttpMethod.Delete, "/" + id, null, isAdministration ? 204 : 200)).ToJsonString());
        await SendAsync(HttpMethod.Get, "/" + id, null, 404);
        await SendAsync(HttpMethod.Delete, "/" + id, null, 404);
    }

    [Theory]
    [InlineData("""{}""", "name")]
    [InlineData("""{"name":""}""", "name")]
    [InlineData("""{"name":"a","nmae":1}""", "nmae")]
    [InlineData("""{"name":"a","config":{"model":""}}""", "config.model")]
    [InlineData("""{"name":"a","config":{"temperature":2.1}}""", "config.temperature")]
    [InlineData("""{"name":"a","config":{"temperature":-1}}""", "config.temperature")]
    [InlineData("""{"name":"a","config":{"tools":[""]}}""", "config.tools")]
    [InlineData("""{"name":"a","config":{"tools":"all"}}""", "tools")]
    [InlineData("""{"name":"a","config":{"prompt":"x"}}""", "prompt")]
    [InlineData("""{"name":"a","is_active":null}""", "is_active")]
    public async Task A_bad_body_is_refused_and_the_field_is_named(string body, string field)
    {
        using var nested = await _edge.PostAsync(fixture.Key, "/v1/agents", body);
        using var flat = await _edge.Admin.PostAsync($"/api/projects/{fixture.ProjectId}/agents", RunningEdge.Json(body));
        foreach (var response in (HttpResponseMessage[])[nested, flat])
        {
            var refusal = await response.ErrorAsync();
            Assert.Equal((400, "INVALID_REQUEST"), (refusal.Status, refusal.Code));
            Assert.Contains(field, (refusal.Param ?? "") + refusal.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_key_of_an_agent_cannot_have_another_type()
    {
        var agent = await _edge.CreateAgentAsync(fixture.ProjectId);
        using var response = await _edge.PostAsync(fixture.Key, $"/v1/agents/{agent}/keys", """{"key_type":"publishable"}""");
        Assert.Equal((400, "key_type"), ((int)response.StatusCode, (await response.ErrorAsync()).Param));
    }

    [Fact]
    public async Task A_test_key_creates_only_test_keys()
    {
        var project = await _edge.CreateProjectAsync("openai");
        var (test, agent) = (await _edge.CreateKeyAsync(project, environment: "test"), await _edge.CreateAgentAsync(project));
        using var refused = await _edge.PostAsync(test, $"/v1/agents/{agent}/keys", """{"environment":"production"}""");
        Assert.Equal((403, "key_type"), ((int)refused.StatusCode, (await refused.ErrorAsync()).Reason));

        using var created = await _edge.PostAsync(test, $"/v1/agents/{agent}/keys", "{}");
        var key = System.Text.Json.Nodes.JsonNode.Parse(await created.Content.ReadAsStringAsync())!;
        Assert.Equal("test", (string?)key["environment"]);

        // The sandbox responds, because the project has no test credential.
        var before = fixture.Provider.Requests.Count;
        using var response = await _edge.PostAsync((string)key["full_key"]!, "/v1/chat/completions", """{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}]}""");
        Assert.Equal((200, before), ((int)response.StatusCode, fixture.Provider.Requests.Count));
    }

    [Fact]
    public async Task Agents_of_another_project_get_404_everywhere()
    {
        var mine = await _edge.CreateProjectAsync("openai");
        var theirs = await _edge.CreateProjectAsync("openai");
        var key = await _edge.CreateKeyAsync(mine);
        var agent = await _edge.CreateAgentAsync(theirs, isShadow: true);
        await _edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{theirs}/agents/{agent}");
        Assert.Empty((await _edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{mine}/agents"))["data"]!.AsArray());

        var own = $"/api/projects/{mine}/agents/{agent}";
        const string Limits = """{"requests_per_minute":1,"tokens_per_minute":null,"concurrent_requests":null}""";
        foreach (var (method, path, body) in ((string, string, string?)[])[
            ("GET", "", null), ("PATCH", "", "{}"), ("DELETE", "", null), ("POST", "/keys", "{}"),
            ("GET", "/actions", null), ("POST", "/actions/act_1/approve", null), ("POST", "/actions/act_1/reject", null),
            ("GET", "/budget", null), ("PUT", "/budget", """{"monthly_budget_usd":1}"""), ("GET", "/rate-limits", null), ("PUT", "/rate-limits", Limits),
        ])
        {
            using var request = new HttpRequestMessage(new(method), own + path) { Content = body is null ? null : RunningEdge.Json(body) };
            using var response = await _edge.Admin.SendAsync(request);
            Assert.Equal((method + path, 404), (method + path, (int)response.StatusCode));
            if (path is "" or "/keys")
            {
                using var withKey = await _edge.SendAsync(key, new(method), $"/v1/agents/{agent}{path}", body is null ? null : RunningEdge.Json(body));
                Assert.Equal((method + path, 404), (method + path, (int)withKey.StatusCode));
            }
        }

        using var ofKey = await _edge.Admin.PostAsync($"/api/projects/{mine}/api-keys", RunningEdge.Json(new { name = "k", key_type = "agent", environment = "production", agent_id = agent }));
        Assert.Equal((400, "agent_id"), ((int)ofKey.StatusCode, (await ofKey.ErrorAsync()).Param));
        Assert.Single((await _edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{theirs}/agents"))["data"]!.AsArray());
    }

    [Theory]
    [InlineData("publishable")]
    [InlineData("agent")]
    public async Task Only_secret_keys_can_manage_agents(string type)
    {
        var key = await _edge.CreateKeyAsync(fixture.ProjectId, type, more: type == "agent" ? null : new { allowed_domains = Localhost });
        foreach (var (method, path) in ((string, string)[])[("GET", "/v1/agents"), ("POST", "/v1/agents"), ("GET", "/v1/agents/a"), ("PATCH", "/v1/agents/a"), ("DELETE", "/v1/agents/a"), ("POST", "/v1/agents/a/keys")])
        {
            using var response = await _edge.SendAsync(key, new(method), path, method is "POST" or "PATCH" ? RunningEdge.Json(new { }) : null, ("Origin", "http://localhost"));
            Assert.Equal((403, "key_type"), ((int)response.StatusCode, (await response.ErrorAsync()).Reason));
        }
    }
}
