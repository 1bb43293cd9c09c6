using Cencori.Edge.Storage;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Memory;

/// <summary>An entry is invisible to all other tenants, through every endpoint.</summary>
public sealed class MemoryIsolationTests(RespondingEdge fixture) : IClassFixture<RespondingEdge>
{
    private const string Secret = "the vault opens with seventeen";

    private static readonly string[] Localhost = ["localhost"];

    private readonly RunningEdge _edge = fixture.Edge;

    [Fact]
    public async Task Other_tenants_can_neither_find_nor_read_an_entry()
    {
        var project = await _edge.CreateProjectAsync("openai");
        var (mine, other) = (await _edge.CreateAgentAsync(project), await _edge.CreateAgentAsync(project));
        var owner = new MemoryClient(_edge, await _edge.CreateKeyAsync(project, environment: "test"));
        var agent = new MemoryClient(_edge, await _edge.CreateKeyAsync(project, "agent", "test", new { agent_id = mine }));
        var space = (string)(await owner.CreateAsync("vault", new { dimensions = 32 }))["id"]!;
        var agents = (string)(await agent.CreateAsync("agents vault", new { dimensions = 32 }))["id"]!;
        var (id, agentsId) = (await owner.StoreAsync("vault", Secret), await agent.StoreAsync("agents vault", Secret));

        // Searches fill the caches first.
        Assert.Single(await owner.SearchAsync("vault", Secret));
        Assert.Single(await agent.SearchAsync("agents vault", Secret));

        var stranger = await _edge.CreateProjectAsync("openai");
        (string Who, MemoryClient Client, bool SeesAgents)[] others =
        [
            ("another project", new(_edge, await _edge.CreateKeyAsync(stranger, environment: "test")), false),
            ("another project's agent", new(_edge, await _edge.CreateKeyAsync(stranger, "agent", "test")), false),
            ("the other environment", new(_edge, await _edge.CreateKeyAsync(project, environment: "production")), false),
            ("the agent in the other environment", new(_edge, await _edge.CreateKeyAsync(project, "agent", "production", new { agent_id = mine })), false),
            ("another agent", new(_edge, await _edge.CreateKeyAsync(project, "agent", "test", new { agent_id = other })), false),
            ("a secret key that acts as another agent", new(_edge, owner.Key, ("X-Agent-ID", other)), false),
            ("the agent", agent, true),
            ("a secret key that acts as the agent", new(_edge, owner.Key, ("X-Agent-ID", mine)), true),
        ];
        foreach (var (who, client, seesAgents) in others)
        {
            foreach (var (name, entry, sees) in ((string, string, bool)[])[("vault", id, false), (space, id, false), ("agents vault", agentsId, seesAgents), (agents, agentsId, seesAgents)])
            {
                foreach (var (method, path, body) in Calls(name, entry))
                {
                    using var response = await client.SendAsync(method, path, body);
                    var text = await response.Content.ReadAsStringAsync();
                    Assert.Equal((who, method, path, sees ? 200 : 404), (who, method, path, (int)response.StatusCode));
                    Assert.Equal((who, method, path, sees), (who, method, path, text.Contains(Secret, StringComparison.Ordinal) || (sees && path.EndsWith(name, StringComparison.Ordinal))));
                }
            }

            var listed = (await client.CallAsync(HttpMethod.Get, "/namespaces")).ToJsonString();
            Assert.Equal((who, false, seesAgents), (who, listed.Contains(space, StringComparison.Ordinal), listed.Contains(agents, StringComparison.Ordinal)));
        }

        // All entries still exist, and the project's secret key also sees those of the agent.
        Assert.Single(await owner.SearchAsync("vault", Secret));
        Assert.Single(await owner.SearchAsync("agents vault", Secret));

        static (HttpMethod, string, object?)[] Calls(string name, string entry) =>
        [
            (HttpMethod.Post, "/search", new { @namespace = name, query = Secret, threshold = 0 }),
            (HttpMethod.Post, "/search", new { @namespace = name, query = "vault", order = "text" }),
            (HttpMethod.Post, "/search", new { @namespace = name, query = "vault", order = "blended", threshold = 0 }),
            (HttpMethod.Get, $"/{entry}", null),
            (HttpMethod.Get, $"/namespaces/{name}", null),
            (HttpMethod.Get, $"/namespaces/{name}/memories", null),
            (HttpMethod.Get, $"/namespaces/{name}/export", null),
        ];
    }

    [Fact]
    public async Task Other_tenants_can_neither_write_nor_delete()
    {
        var owner = await MemoryClient.CreateAsync(_edge);
        var other = await MemoryClient.CreateAsync(_edge);
        await owner.CreateAsync("mine");
        var id = await owner.StoreAsync("mine", "stays");
        foreach (var (method, path, body) in ((HttpMethod, string, object?)[])
            [(HttpMethod.Post, "/store", new { @namespace = "mine", content = "intruder" }), (HttpMethod.Delete, $"/{id}", null), (HttpMethod.Delete, "/namespaces/mine", null),
             (HttpMethod.Post, "/namespaces/mine/reembed", new { embeddingModel = "x" }), (HttpMethod.Delete, "/namespaces/mine/reembed", null), (HttpMethod.Post, "/namespaces/mine/import", "{\"content\":\"intruder\"}")])
        {
            Assert.Equal((path, 404), (path, (await other.SendAsync(method, path, body).FlatErrorAsync()).Status));
        }

        // Another tenant can use the same id for an entry of its own.
        await other.CreateAsync("mine");
        Assert.Equal(id, await other.StoreAsync("mine", "theirs", new { id }));
        Assert.Equal("stays", (string)(await owner.CallAsync(HttpMethod.Get, $"/{id}"))["content"]!);
        await other.CallAsync(HttpMethod.Delete, $"/{id}");
        Assert.Equal("stays", (string)Assert.Single(await owner.SearchAsync("mine", "*"))!["content"]!);
    }

    [Fact]
    public async Task A_publishable_key_has_no_access_to_memory()
    {
        var key = await _edge.CreateKeyAsync(fixture.ProjectId, "publishable", "test", new { allowed_domains = Localhost });
        var client = new MemoryClient(_edge, key, ("Origin", "http://localhost"));
        foreach (var (method, path) in ((string, string)[])[("GET", "/namespaces"), ("POST", "/namespaces"), ("POST", "/store"), ("POST", "/search"), ("GET", "/mem_a"), ("DELETE", "/mem_a"), ("GET", "/namespaces/a/export")])
        {
            var error = await client.SendAsync(new HttpMethod(method), path, method == "POST" ? new { } : null).FlatErrorAsync();
            Assert.Equal((path, 403, "key_type"), (path, error.Status, error.Reason));
        }
    }

    [Fact]
    public async Task Deleting_an_agent_or_a_project_deletes_its_memory()
    {
        var project = await _edge.CreateProjectAsync("openai");
        var agent = await _edge.CreateAgentAsync(project);
        var owner = new MemoryClient(_edge, await _edge.CreateKeyAsync(project, environment: "test"));
        var speaks = new MemoryClient(_edge, await _edge.CreateKeyAsync(project, "agent", "test", new { agent_id = agent }));
        await speaks.CreateAsync("of the agent");
        await owner.CreateAsync("of the project");
        var (agents, own) = (await speaks.StoreAsync("of the agent", "a"), await owner.StoreAsync("of the project", "b"));
        Assert.Equal("a", (string)(await owner.CallAsync(HttpMethod.Get, $"/{agents}"))["content"]!);

        await _edge.SendAdminAsync(HttpMethod.Delete, $"/api/projects/{project}/agents/{agent}");
        Assert.Equal(404, (await owner.SendAsync(HttpMethod.Get, $"/{agents}").FlatErrorAsync()).Status);
        Assert.Equal("of the project", (string)Assert.Single((await owner.CallAsync(HttpMethod.Get, "/namespaces"))["namespaces"]!.AsArray())!["name"]!);
        Assert.Equal("b", (string)(await owner.CallAsync(HttpMethod.Get, $"/{own}"))["content"]!);

        await _edge.SendAdminAsync(HttpMethod.Delete, $"/api/projects/{project}");
        Assert.Equal(401, (await owner.SendAsync(HttpMethod.Get, $"/{own}").FlatErrorAsync()).Status);
        await _edge.UpkeepAsync();
        await using var database = await _edge.Services.GetRequiredService<IDbContextFactory<EdgeDbContext>>().CreateDbContextAsync();
        Assert.False(await database.MemoryNamespaces.AnyAsync(row => row.ProjectId == project) || await database.Memories.AnyAsync(row => row.ProjectId == project) || await database.MemoryVectors.AnyAsync(row => row.ProjectId == project));
    }
}
