using System.Text.Json.Nodes;
using Cencori.Edge.Tests.Infrastructure.Edges;
using static Cencori.Edge.Tests.Routing.FleetEdge;
using static Cencori.Edge.Tests.Routing.RouteFleet;

namespace Cencori.Edge.Tests.Routing.Routes;

/// <summary>The sandbox in routes: as replacement for targets without a test credential, and as a configured target.</summary>
public sealed class SandboxRouteTests(RouteFleet fleet) : IClassFixture<RouteFleet>
{
    private static readonly string Fast = ScriptedEdge.ChatOf("fast");

    [Theory]
    [InlineData("openai:model-of-openai", 200)]
    [InlineData("groq:*", 200)]
    [InlineData("fast", 200)]
    [InlineData("openai:other", 403)]
    public async Task A_test_keys_model_list_refers_to_the_replaced_targets(string allowed, int status)
    {
        var project = await CreateAsync();
        var key = await fleet.Edge.CreateKeyAsync(project, environment: "test", more: new { allowed_models = new[] { allowed } });
        using var response = await fleet.ChatAsync(key, Fast);
        Assert.Equal(status, (int)response.StatusCode);
    }

    [Theory]
    [InlineData("openai", 200)]
    [InlineData("mistral", 400)]
    public async Task A_test_key_may_name_a_provider_that_the_sandbox_replaces(string provider, int status)
    {
        var key = await fleet.Edge.CreateKeyAsync(await CreateAsync(), environment: "test");
        using var response = await fleet.ChatAsync(key, Fast, ("X-Cencori-Provider", provider));
        Assert.Equal(status, (int)response.StatusCode);
    }

    [Fact]
    public async Task A_sandbox_error_in_one_project_does_not_affect_another()
    {
        var (first, second) = (await CreateWithItAsync("error-401"), await CreateWithItAsync("echo"));
        using var refused = await fleet.ChatAsync(first.Key, Fast);
        Assert.Equal((200, 1), ((int)refused.StatusCode, first.Other.Count));
        using var response = await fleet.ChatAsync(second.Key, Fast);
        Assert.Equal((200, 0), ((int)response.StatusCode, second.Other.Count));
    }

    [Fact]
    public async Task The_sandbox_does_not_replace_a_target_whose_credential_cannot_be_used()
    {
        var project = await CreateAsync();
        var key = await fleet.Edge.CreateKeyAsync(project, environment: "test");
        var explained = await fleet.Edge.SendAdminAsync(HttpMethod.Post, $"/api/projects/{project}/routes/fast/explain", new { request = JsonNode.Parse(Fast), environment = "test" });
        Assert.Equal(["sandbox/model-of-openai ready", "groq/model-of-groq no_credential"], explained["targets"]!.AsArray().Select(target => $"{target!["model"]} {target["state"]}"));

        await fleet.Edge.SendAdminAsync(HttpMethod.Post, $"/api/projects/{project}/provider-keys", new { provider = "openai", environment = "test", apiKey = "sk-test-of-another-model", models = new[] { "other" } });
        using var response = await fleet.ChatAsync(key, Fast);
        Assert.Equal("PROVIDER_NOT_CONFIGURED", (string?)(await ErrorOf(response))["code"]);
    }

    private async Task<string> CreateAsync()
    {
        var (project, _, _) = await fleet.CreateProvidersAsync(RespondOk(), RespondOk());
        await fleet.SetRouteAsync(project, "fast", new JsonObject { ["groups"] = new JsonArray(Group(Target(0)), Group(Target(1))) });
        return project;
    }

    private async Task<(string Key, Account Other)> CreateWithItAsync(string model)
    {
        var (project, key, accounts) = await fleet.CreateProvidersAsync(RespondOk());
        await fleet.SetRouteAsync(project, "fast", new JsonObject { ["groups"] = new JsonArray(Group(new JsonObject { ["model"] = "sandbox/" + model }), Group(Target(0))) });
        return (key, accounts[0]);
    }
}
