using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Databases;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Admin;

/// <summary>Null characters, which PostgreSQL can neither store nor search, in every text that a client can send.</summary>
public sealed class NullCharacterTests
{
    private static readonly string[] Queries =
    [
        "/api/audit?actor=%00", "/api/audit?action=a%00", "/api/audit?project=%00b", "/api/audit?format=csv&actor=%00", "/api/projects/{p}/logs?model=%00", "/api/projects/{p}/logs?key=%00",
        "/api/projects/{p}/logs?agent=%00", "/api/projects/{p}/logs?prompt=%00", "/api/projects/{p}/logs?cursor=%00", "/api/projects/{p}/agents/{a}/actions?status=%00",
        "/api/projects/%00", "/api/projects/{p}/agents/%00", "/api/projects/{p}/agents/{a}/actions/%00", "/api/projects/{p}/api-keys/%00", "/api/projects/{p}/prompts/%00", "/api/projects/{p}/routes/%00",
    ];

    private static readonly (string Method, string Path, string Body)[] Bodies =
    [
        ("POST", "", """{"name":"\u0000"}"""),
        ("PATCH", "/{p}", """{"name":"a\u0000"}"""),
        ("PATCH", "/{p}", """{"default_model":"a\u0000"}"""),
        ("PATCH", "/{p}", """{"default_provider":"\u0000"}"""),
        ("PATCH", "/{p}", """{"model_aliases":{"\u0000":"a"}}"""),
        ("PATCH", "/{p}", """{"model_aliases":{"a":"\u0000"}}"""),
        ("POST", "/{p}/api-keys", """{"name":"\u0000","key_type":"secret","environment":"test"}"""),
        ("POST", "/{p}/api-keys", """{"name":"a","key_type":"secret","environment":"test","allowed_models":["\u0000"]}"""),
        ("POST", "/{p}/api-keys", """{"name":"a","key_type":"agent","environment":"test","agent_id":"\u0000"}"""),
        ("POST", "/{p}/api-keys", """{"name":"a","key_type":"publishable","environment":"test","allowed_domains":["\u0000"]}"""),
        ("POST", "/{p}/api-keys", """{"name":"a","key_type":"secret","environment":"test","allowed_cidrs":["10.0.0.0/8\u0000"]}"""),
        ("PUT", "/{p}/networking", """{"access_mode":"restricted","allowed_cidrs":["\u0000"]}"""),
        ("POST", "/{p}/provider-keys", """{"provider":"\u0000","apiKey":"sk-1234567890","environment":"production"}"""),
        ("POST", "/{p}/provider-keys", """{"provider":"openai","apiKey":"sk-\u0000","environment":"production"}"""),
        ("POST", "/{p}/provider-keys", """{"provider":"openai","apiKey":"sk-1234567890","environment":"production","baseUrl":"https://example.com/\u0000"}"""),
        ("PUT", "/{p}/prices", """{"prices":[{"provider":"openai","model":"\u0000","input":1,"output":1}]}"""),
        ("PUT", "/{p}/budget", """{"monthly_budget_usd":1,"webhook_url":"https://example.com/\u0000","webhook_secret":"0123456789abcdef"}"""),
        ("POST", "/{p}/agents", """{"name":"\u0000"}"""),
        ("POST", "/{p}/agents", """{"name":"a","description":"\u0000"}"""),
        ("POST", "/{p}/agents", """{"name":"a","config":{"model":"\u0000"}}"""),
        ("POST", "/{p}/agents", """{"name":"a","config":{"system_prompt":"\u0000"}}"""),
        ("PATCH", "/{p}/agents/{a}", """{"config":{"tools":["\u0000"]}}"""),
        ("POST", "/{p}/agents/{a}/keys", """{"name":"\u0000"}"""),
        ("POST", "/{p}/agents/{a}/actions/act_1/approve", """{"decided_by":"\u0000"}"""),
        ("POST", "/{p}/routes/r/explain", """{"request":{"model":"a"},"key":"\u0000","route":{"groups":[{"targets":[{"model":"openai/gpt-4o"}]}]}}"""),
        ("POST", "/{p}/prompts", """{"name":"\u0000","content":"a"}"""),
        ("POST", "/{p}/prompts", """{"name":"b","content":"\u0000"}"""),
        ("POST", "/{p}/prompts", """{"name":"b","content":"a","description":"\u0000"}"""),
        ("POST", "/{p}/prompts", """{"name":"b","content":"a","change_message":"\u0000"}"""),
    ];

    [Theory, OnSqlite, OnPostgres]
    [Trait(SlowestTests.Trait, "Each field of each route is tried.")]
    public async Task A_null_character_is_refused_or_matches_nothing(string system)
    {
        await using var own = await DatabaseEdge.StartAsync(system);
        var edge = own.Edge;
        var project = await edge.CreateProjectAsync("openai");
        var agent = await edge.CreateAgentAsync(project);
        var key = await edge.CreateKeyAsync(project);

        string Of(string path) => path.Replace("{p}", project, StringComparison.Ordinal).Replace("{a}", agent, StringComparison.Ordinal);
        async Task AssertRefusedAsync(string what, Task<HttpResponseMessage> asking)
        {
            using var response = await asking;
            Assert.True((int)response.StatusCode is 400 or 404, $"{what}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
        }

        foreach (var path in Queries)
        {
            await AssertRefusedAsync(path, edge.Admin.GetAsync(Of(path)));
        }

        foreach (var (method, path, body) in Bodies)
        {
            await AssertRefusedAsync(method + path + body, edge.Admin.SendAsync(new(new(method), "/api/projects" + Of(path)) { Content = RunningEdge.Json(body) }));
        }

        var prompt = (await edge.SendAdminAsync(HttpMethod.Post, $"/api/projects/{project}/prompts", new { name = "guide", content = "Hello." }))["prompt"]!;
        await AssertRefusedAsync("deploy", edge.Admin.PostAsync($"/api/projects/{project}/prompts/{prompt["id"]}/deploy", RunningEdge.Json("""{"version_id":"\u0000"}""")));
        await AssertRefusedAsync("agents", edge.SendAsync(key, HttpMethod.Get, "/v1/agents/%00"));
        await AssertRefusedAsync("stored", edge.SendAsync(key, HttpMethod.Get, "/v1/responses/%00"));
        using var poll = await edge.SendAsync(key, HttpMethod.Get, "/v1/agent/actions/poll?ids=%00,act_%00");
        Assert.Equal((200, """{"actions":{},"all_resolved":false,"any_rejected":false}"""), ((int)poll.StatusCode, await poll.Content.ReadAsStringAsync()));
        using var earlier = await edge.PostAsync(key, "/v1/responses", """{"input":"x","previous_response_id":"\u0000"}""");
        Assert.NotEqual(500, (int)earlier.StatusCode);
    }
}
