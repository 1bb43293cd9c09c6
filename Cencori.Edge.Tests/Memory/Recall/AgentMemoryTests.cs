using System.Net;
using System.Text.Json.Nodes;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Memory.Recall;

/// <summary>The memory that an agent uses for its chats.</summary>
public sealed class AgentMemoryTests(RecallingEdge at) : IClassFixture<RecallingEdge>
{
    private const string Chat = """{"model":"gpt-4o","messages":[{"role":"user","content":"Where?"}]}""";

    [Theory]
    [InlineData("/v1/chat/completions")]
    [InlineData("/api/v1/chat/completions")]
    [InlineData("/openai/deployments/gpt-4o/chat/completions?api-version=1")]
    [InlineData("/api/ai/chat")]
    public async Task An_agents_chats_use_its_memory_by_default(string path)
    {
        var name = at.Memory.Add("one", "two");
        var key = await at.Edge.CreateAgentKeyAsync(at.ProjectId, new { system_prompt = "Be brief.", memory = new { @namespace = name, limit = 1, threshold = 0.3 } });

        var sent = JsonNode.Parse(await at.SentAsync(key, Chat, path))!;

        Assert.Equal("Be brief.", (string?)sent["messages"]![0]!["content"]);
        Assert.Equal(RecallingEdge.Block("one") + "\n\nWhere?", RecallingEdge.Unfenced((string)sent["messages"]![1]!["content"]!));
        Assert.Equal((name, "Where?", 1, 0.3), at.Memory.Asked.Last());
    }

    [Fact]
    public async Task The_memory_of_a_request_overrides_that_of_the_agent()
    {
        var (own, other) = (at.Memory.Add("own"), at.Memory.Add("other"));
        var key = await at.Edge.CreateAgentKeyAsync(at.ProjectId, new { memory = new { @namespace = own } });

        Assert.Contains("\\nother\\n", await at.SentAsync(key, Chat[..^1] + $$$""","memory":{"namespace":"{{{other}}}"}}""", "/api/ai/chat"), StringComparison.Ordinal);
        Assert.Contains("\\nown\\n", await at.SentAsync(key, Chat[..^1] + ""","memory":null}""", "/api/ai/chat"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_endpoints_do_not_use_an_agents_memory()
    {
        var key = await at.Edge.CreateAgentKeyAsync(at.ProjectId, new { memory = new { @namespace = at.Memory.Add("own") } });
        at.Provider.Respond((_, response) => response.JsonAsync(200, """{"object":"list","data":[],"usage":{"prompt_tokens":1,"total_tokens":1}}"""));

        using var edgeResponse = await at.Edge.PostAsync(key, "/v1/embeddings", """{"model":"text-embedding-3-small","input":"Where?"}""");

        Assert.Equal((HttpStatusCode.OK, null), (edgeResponse.StatusCode, edgeResponse.Header("X-Cencori-Memory-Retrieved")));
    }

    [Fact]
    public async Task A_missing_namespace_is_an_error()
    {
        var key = await at.Edge.CreateAgentKeyAsync(at.ProjectId, new { memory = new { @namespace = "gone" } });

        var error = await at.Edge.PostAsync(key, "/v1/chat/completions", Chat).NestedErrorAsync();

        Assert.Equal((404, "NOT_FOUND", "agent.memory.namespace"), (error.Status, error.Code, error.Param));
    }

    [Fact]
    public async Task An_agents_memory_can_be_set_read_changed_and_removed()
    {
        var id = await at.Edge.CreateAgentAsync(at.ProjectId, new { memory = new { @namespace = "notes" } });
        var path = $"/api/projects/{at.ProjectId}/agents/{id}";

        Assert.Equal("""{"namespace":"notes","limit":5,"threshold":null,"store":false}""", (await at.Edge.SendAdminAsync(HttpMethod.Get, path))["config"]!["memory"]!.ToJsonString());
        var changed = await at.Edge.SendAdminAsync(HttpMethod.Patch, path, new { config = new { memory = new { @namespace = "others", limit = 20, threshold = 1, store = true } } });
        Assert.Equal("""{"namespace":"others","limit":20,"threshold":1,"store":true}""", changed["config"]!["memory"]!.ToJsonString());
        Assert.NotNull((await at.Edge.SendAdminAsync(HttpMethod.Patch, path, new { name = "another" }))["config"]!["memory"]);
        Assert.Null((await at.Edge.SendAdminAsync(HttpMethod.Patch, path, """{"config":{"memory":null}}"""))["config"]!["memory"]);
    }

    [Theory]
    [InlineData("""{"namespace":""}""", "config.memory.namespace")]
    [InlineData("""{"namespace":"a","limit":21}""", "config.memory.limit")]
    [InlineData("""{"namespace":"a","threshold":2}""", "config.memory.threshold")]
    [InlineData("""{"limit":2}""", "config.memory")]
    [InlineData("""{"namespace":"a","more":2}""", null)]
    public async Task Invalid_settings_are_refused(string memory, string? param)
    {
        using var response = await at.Edge.Admin.PostAsync($"/api/projects/{at.ProjectId}/agents", RunningEdge.Json($$$"""{"name":"x","config":{"memory":{{{memory}}}}}"""));

        var error = await response.ErrorAsync();
        Assert.Equal(400, error.Status);
        Assert.True(param is null || error.Param == param, error.Param);
    }
}
