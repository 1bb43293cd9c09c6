using System.Net;
using System.Text.Json.Nodes;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Pipeline;

public class ModelsApiTests(ShippedEdge shared) : IClassFixture<ShippedEdge>
{
    private static readonly string[] SomeModels = ["openai:gpt-4o*", "claude-sonnet-4-5", "fast"];

    private readonly RunningEdge _edge = shared.Edge;

    [Fact]
    public async Task The_list_has_exactly_the_shape_of_the_API()
    {
        var response = await GetAsync(_edge.Welcome.TestKey!, "/v1/models");

        Assert.Equal(["object", "data"], response.Select(member => member.Key));
        Assert.Equal("list", (string?)response["object"]);
        Assert.All(response["data"]!.AsArray(), model =>
        {
            Assert.Equal(["id", "object", "created", "owned_by"], model!.AsObject().Select(member => member.Key));
            Assert.Equal("model", (string?)model["object"]);
            Assert.IsType<int>((int?)model["created"]);
        });
        Assert.DoesNotContain(Ids(response), id => id.Contains('*', StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_production_key_sees_only_models_that_its_project_can_call()
    {
        var key = await _edge.CreateKeyAsync(await _edge.CreateProjectAsync("anthropic"));

        var owners = (await GetAsync(key, "/v1/models"))["data"]!.AsArray().Select(model => (string?)model!["owned_by"]).Distinct();

        Assert.Equal(["anthropic", "sandbox"], owners.Order());
    }

    [Fact]
    public async Task A_test_key_sees_every_listed_model_because_the_sandbox_serves_them()
    {
        var ids = Ids(await GetAsync(_edge.Welcome.TestKey!, "/v1/models"));

        Assert.Contains("gpt-4o", ids);
        Assert.Contains("claude-sonnet-4-5", ids);
        Assert.Contains("sandbox/echo", ids);
        Assert.Equal(ids.Distinct().Order(StringComparer.Ordinal), ids);
    }

    [Fact]
    public async Task Aliases_are_listed_under_their_own_name_with_the_real_owner()
    {
        var project = await CreateAliasedProjectAsync("openai", "anthropic");

        var list = await GetAsync(await _edge.CreateKeyAsync(project), "/v1/models");

        Assert.Equal("anthropic", (string?)list["data"]!.AsArray().Single(model => (string?)model!["id"] == "fast")!["owned_by"]);
    }

    [Fact]
    public async Task A_key_with_allowed_models_sees_only_those()
    {
        var project = await CreateAliasedProjectAsync("openai", "anthropic");
        var some = await _edge.CreateKeyAsync(project, more: new { allowed_models = SomeModels });
        var none = await _edge.CreateKeyAsync(project, more: new { allowed_models = Array.Empty<string>() });

        Assert.Equal(["claude-sonnet-4-5", "fast", "gpt-4o", "gpt-4o-mini"], Ids(await GetAsync(some, "/v1/models")));
        Assert.Empty(Ids(await GetAsync(none, "/v1/models")));
        using var refused = await _edge.SendAsync(some, HttpMethod.Get, "/v1/models/claude-opus-4-1");
        Assert.Equal("model_not_allowed", (await refused.ErrorAsync(HttpStatusCode.Forbidden, "INSUFFICIENT_PERMISSIONS")).Reason);
    }

    [Theory]
    [InlineData("gpt-4o", "openai")]
    [InlineData("gpt-not-listed-but-served", "openai")]
    [InlineData("sandbox/echo", "sandbox")]
    [InlineData("openrouter/openai/gpt-4o", "openrouter")]
    [InlineData("openrouter%2Fopenai%2fgpt-4o", "openrouter")]
    [InlineData("ft:gpt-4o:org::id", "openai")]
    public async Task One_model_is_found_by_its_id(string id, string owner)
    {
        var model = await GetAsync(_edge.Welcome.TestKey!, "/v1/models/" + id);

        Assert.Equal(["id", "object", "created", "owned_by"], model.Select(member => member.Key));
        Assert.Equal((Uri.UnescapeDataString(id), owner), ((string?)model["id"], (string?)model["owned_by"]));
    }

    [Fact]
    public async Task The_official_SDK_lists_models_and_finds_one_with_a_slash()
    {
        var client = _edge.OpenAI(_edge.Welcome.TestKey!).GetOpenAIModelClient();

        Assert.Contains((await client.GetModelsAsync()).Value, model => model.Id == "gpt-4o");
        Assert.Equal("openai", (await client.GetModelAsync("openai/gpt-4o")).Value.OwnedBy);
    }

    [Theory]
    [InlineData("/v1/models/nobody-knows-me")]
    [InlineData("/api/v1/models/nobody/knows/me")]
    public async Task An_unknown_model_is_not_found(string path)
    {
        using var response = await _edge.SendAsync(_edge.Welcome.TestKey, HttpMethod.Get, path);

        await response.ErrorAsync(HttpStatusCode.NotFound, "MODEL_NOT_FOUND");
    }

    private static List<string> Ids(JsonObject list) => [.. list["data"]!.AsArray().Select(model => (string)model!["id"]!)];

    private async Task<string> CreateAliasedProjectAsync(params string[] providers)
    {
        var project = await _edge.CreateProjectAsync(providers);
        await _edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{project}", new { model_aliases = new { fast = "claude-haiku-4-5", dead = "nobody-knows-me" } });
        return project;
    }

    private async Task<JsonObject> GetAsync(string key, string path)
    {
        using var response = await _edge.SendAsync(key, HttpMethod.Get, path);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!.AsObject();
    }
}
