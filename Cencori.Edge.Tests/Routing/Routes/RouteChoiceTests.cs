using System.Text.Json.Nodes;
using Cencori.Edge.Tests.Infrastructure.Edges;
using static Cencori.Edge.Tests.Routing.FleetEdge;
using static Cencori.Edge.Tests.Routing.RouteFleet;

namespace Cencori.Edge.Tests.Routing.Routes;

/// <summary>Which targets a request of a route can use: by what it asks for, its length, its key, and the route's rules. The explanation must match the real routing.</summary>
public sealed class RouteChoiceTests(RouteFleet fleet) : IClassFixture<RouteFleet>
{
    private const string Tools = """{"model":"fast","messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"f"}}]}""";
    private const string Image = """{"model":"fast","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}}]}]}""";
    private const string Schema = """{"model":"fast","messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{}}}}""";
    private const string Audio = """{"model":"fast","messages":[{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"AA==","format":"wav"}}]}]}""";

    private static readonly string Fast = ScriptedEdge.ChatOf("fast");

    [Theory]
    [InlineData("tools", Tools)]
    [InlineData("images", Image)]
    [InlineData("json_schema", Schema)]
    [InlineData("audio", Audio)]
    public async Task A_target_that_lacks_an_ability_is_not_asked(string ability, string body)
    {
        var (project, key, accounts) = await fleet.CreateProvidersAsync(RespondOk(), RespondOk());
        var first = Target(0);
        first["without"] = new JsonArray(ability);
        await fleet.SetRouteAsync(project, "fast", new JsonObject { ["groups"] = new JsonArray(Group(first), Group(Target(1))) });
        await AssertGoesToAsync(project, key, body, "groq");
        await AssertGoesToAsync(project, key, Fast, "openai");
        accounts[1].Script = Refuse(500);
        using var response = await fleet.ChatAsync(key, body);
        Assert.Equal(500, (int)response.StatusCode);
        Assert.Equal([1, 2], accounts.Select(account => account.Count));
    }

    [Fact]
    public async Task If_no_target_has_the_ability_the_caller_is_told()
    {
        var (project, key, _) = await fleet.CreateProvidersAsync(RespondOk());
        var only = Target(0);
        only["without"] = new JsonArray("tools", "images");
        await fleet.SetRouteAsync(project, "fast", new JsonObject { ["groups"] = new JsonArray(Group(only)) });
        using var response = await fleet.ChatAsync(key, Tools);
        Assert.Equal(400, (int)response.StatusCode);
        Assert.Contains("No target of the route 'fast' can do what the request asks for: tools.", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Targets_with_too_small_a_context_are_skipped_and_if_all_are_the_first_one_refuses()
    {
        var (project, key, accounts) = await fleet.CreateProvidersAsync(RespondOk(), RespondOk());
        await fleet.SetRouteAsync(project, "fast", new JsonObject { ["groups"] = new JsonArray(Group(Sized(0, 2_000)), Group(Sized(1, 20_000))) });
        string Chat(int characters) => $$"""{"model":"fast","max_tokens":1000,"messages":[{"role":"user","content":"{{new string('x', characters)}}"}]}""";
        await AssertGoesToAsync(project, key, Chat(100), "openai");
        await AssertGoesToAsync(project, key, Chat(20_000), "groq");
        accounts[0].Script = Refuse(400);
        using var tooLong = await fleet.ChatAsync(key, Chat(200_000));
        Assert.Equal(400, (int)tooLong.StatusCode);
        Assert.Equal([2, 1], accounts.Select(account => account.Count));
    }

    [Fact]
    public async Task Embeddings_come_from_one_model_only()
    {
        var (project, key, accounts) = await fleet.CreateProvidersAsync(Refuse(500), RespondOk(), RespondOk());
        var (same, other) = (Target(1), Target(2));
        same["model"] = "groq/makers/model-of-openai";
        await fleet.SetRouteAsync(project, "fast", new JsonObject { ["groups"] = new JsonArray(Group(Target(0)), Group(other), Group(same)) });
        using var response = await fleet.Edge.PostAsync(key, "/v1/embeddings", """{"model":"fast","input":"x"}""");
        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal([1, 1, 0], accounts.Select(account => account.Count));
    }

    [Theory]
    [InlineData("openai:model-of-openai", "openai")]
    [InlineData("groq:*", "groq")]
    [InlineData("fast", "openai")]
    [InlineData("gpt-4o", null)]
    public async Task A_keys_model_list_applies_to_every_target_and_may_name_the_route(string allowed, string? provider)
    {
        var (project, _, accounts) = await fleet.CreateProvidersAsync(Refuse(503), Refuse(503));
        await fleet.SetRouteAsync(project, "fast", new JsonObject { ["groups"] = new JsonArray(Group(Target(0)), Group(Target(1))) });
        var key = await fleet.Edge.CreateKeyAsync(project, more: new { allowed_models = new[] { allowed } });
        using var response = await fleet.ChatAsync(key, Fast);
        Assert.Equal(provider is null ? 403 : 503, (int)response.StatusCode);
        Assert.Equal(provider switch { null => [0, 0], "groq" => [0, 1], _ => allowed == "fast" ? [1, 1] : [1, 0] }, accounts.Select(account => account.Count));
        using var models = await fleet.Edge.SendAsync(key, HttpMethod.Get, "/v1/models");
        Assert.Equal(provider is not null, (await models.Content.ReadAsStringAsync()).Contains("\"fast\"", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"input_tokens":{"over":1000}}""", false)]
    [InlineData("""{"input_tokens":{"under":1000}}""", true)]
    [InlineData("""{"stream":false}""", true)]
    [InlineData("""{"stream":true}""", false)]
    [InlineData("""{"has":["tools"]}""", false)]
    [InlineData("""{"endpoints":["/v1/chat/completions"]}""", true)]
    [InlineData("""{"endpoints":["/embeddings"]}""", false)]
    [InlineData("""{"environment":"test"}""", false)]
    [InlineData("""{"headers":{"x-tier":["free","trial"]}}""", true)]
    [InlineData("""{"headers":{"x-tier":["gold"]}}""", false)]
    [InlineData("""{"headers":{"x-missing":[]}}""", false)]
    [InlineData("""{"headers":{"x-tier":[]}}""", true)]
    [InlineData("""{"metadata":{"team":["red"]}}""", true)]
    [InlineData("""{"metadata":{"team":["blue"]}}""", false)]
    [InlineData("""{"users":["u-1"]}""", true)]
    [InlineData("""{"users":["u-2"]}""", false)]
    [InlineData("""{"users":["u-1"],"stream":true}""", false)]
    public async Task The_first_matching_rule_decides(string condition, bool fits)
    {
        var (project, key, _) = await fleet.CreateProvidersAsync(RespondOk(), RespondOk());
        await fleet.SetRouteAsync(project, "fast", new JsonObject
        {
            ["groups"] = new JsonArray(Group(Target(0))),
            ["when"] = new JsonArray(
                new JsonObject { ["if"] = JsonNode.Parse("""{"headers":{"x-never":[]}}"""), ["groups"] = new JsonArray(Group(Target(0))) },
                new JsonObject { ["if"] = JsonNode.Parse(condition), ["groups"] = new JsonArray(Group(Target(1))) }),
        });
        const string Body = """{"model":"fast","user":"u-1","metadata":{"team":"red"},"messages":[{"role":"user","content":"Hello!"}]}""";
        await AssertGoesToAsync(project, key, Body, fits ? "groq" : "openai", rule: fits ? 2 : null, ("x-tier", "free"));
    }

    [Fact]
    public async Task A_more_expensive_target_is_asked_only_if_the_budget_has_room()
    {
        var (project, key, accounts) = await fleet.CreateRouteAsync(null, Refuse(500), RespondOk());
        await fleet.Edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{project}/prices", new { prices = new[] { Price(0, 1), Price(1, 50_000) } });
        await fleet.Edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{project}/budget", new { monthly_budget_usd = 10 });
        using var refused = await fleet.ChatAsync(key, Fast);
        Assert.Equal(402, (int)refused.StatusCode);
        Assert.Equal([1, 0], accounts.Select(account => account.Count));

        await fleet.Edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{project}/budget", new { monthly_budget_usd = 1_000_000 });
        using var completed = await fleet.ChatAsync(key, Fast);
        Assert.Equal(200, (int)completed.StatusCode);
        await fleet.Edge.AssertLedgerClosesAsync(project);
    }

    [Fact]
    public async Task Aliases_default_models_and_agents_may_name_a_route()
    {
        var (project, key, _) = await fleet.CreateProvidersAsync(RespondOk(), RespondOk());
        await fleet.SetRouteAsync(project, "fast", new JsonObject { ["groups"] = new JsonArray(Group(Target(1))) });
        await fleet.Edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{project}", new { default_model = "fast", model_aliases = new { quick = "fast" } });
        using var byAlias = await fleet.ChatAsync(key, ScriptedEdge.ChatOf("quick"));
        using var byDefault = await fleet.Edge.PostAsync(key, "/api/ai/chat", """{"messages":[{"role":"user","content":"x"}]}""");
        using var byAgent = await fleet.ChatAsync(await fleet.Edge.CreateAgentKeyAsync(project, new { model = "fast" }), ScriptedEdge.ChatOf("gpt-4o"));
        Assert.Equal(["fast", "fast", "fast"], ((HttpResponseMessage[])[byAlias, byDefault, byAgent]).Select(response => Header(response, "x-cencori-route")));
        Assert.Equal(["groq", "groq", "groq"], ((HttpResponseMessage[])[byAlias, byDefault, byAgent]).Select(response => Header(response, "x-cencori-provider")));
    }

    [Fact]
    public async Task A_test_key_costs_nothing_until_its_project_stores_a_test_credential()
    {
        var (project, _, accounts) = await fleet.CreateRouteAsync(null, RespondOk(), RespondOk());
        using var response = await fleet.ChatAsync(await fleet.Edge.CreateKeyAsync(project, environment: "test"), Fast);
        Assert.Equal((200, "sandbox", "fast"), ((int)response.StatusCode, Header(response, "x-cencori-provider"), Header(response, "x-cencori-route")));
        Assert.Equal([0, 0], accounts.Select(account => account.Count));
    }

    [Fact]
    public async Task Targets_in_cool_down_or_without_credential_are_explained()
    {
        var (project, key, accounts) = await fleet.CreateRouteAsync(null, Refuse(429, ("Retry-After", "60")), RespondOk());
        (await fleet.ChatAsync(key, Fast)).Dispose();
        var saved = await ExplainAsync(project, key: null, Fast, route: null);
        Assert.Equal(["left_alone", "ready"], saved["targets"]!.AsArray().Select(target => (string?)target!["state"]));
        Assert.Equal(("rate_limited", 0d, 1d), ((string?)saved["targets"]![0]!["why"], (double)saved["targets"]![0]!["share"]!, (double)saved["targets"]![1]!["share"]!));
        Assert.InRange((long)saved["targets"]![0]!["retry_after_ms"]!, 50_000, 66_000);

        var unsaved = await ExplainAsync(project, key: null, Fast, new JsonObject { ["groups"] = new JsonArray(Group(Target(2), Target(1))) });
        Assert.Equal(["no_credential", "ready"], unsaved["targets"]!.AsArray().Select(target => (string?)target!["state"]));
        Assert.Equal([1, 1], accounts.Select(account => account.Count));
    }

    [Fact]
    public async Task A_body_with_half_a_surrogate_pair_is_explained()
    {
        var (project, _, _) = await fleet.CreateRouteAsync(null, RespondOk(), RespondOk());
        using var response = await fleet.Edge.Admin.PostAsync(
            $"/api/projects/{project}/routes/fast/explain", RunningEdge.Json("""{"request":{"model":"fast","messages":[{"role":"user","content":"\ud800"}]}}"""));
        var explained = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, explained);
    }

    private async Task AssertGoesToAsync(string project, string key, string body, string provider, int? rule = null, params (string Name, string Value)[] headers)
    {
        using var response = await fleet.ChatAsync(key, body, headers);
        Assert.Equal((200, provider), ((int)response.StatusCode, Header(response, "x-cencori-provider")));
        var explained = await ExplainAsync(project, key: null, body, route: null, headers);
        var first = explained["targets"]!.AsArray().First(target => (double)target!["share"]! > 0)!;
        Assert.Equal((rule, provider), ((int?)explained["rule"], ((string)first["model"]!).Split('/')[0]));
    }

    private Task<JsonNode> ExplainAsync(string project, string? key, string body, JsonNode? route, params (string Name, string Value)[] headers) => fleet.Edge.SendAdminAsync(
        HttpMethod.Post, $"/api/projects/{project}/routes/fast/explain", new { request = JsonNode.Parse(body), key, route, headers = headers.ToDictionary(header => header.Name, header => header.Value) });

    private static JsonObject Sized(int place, int tokens)
    {
        var target = Target(place);
        target["context_tokens"] = tokens;
        return target;
    }

    private static object Price(int place, int usd) => new { provider = Names[place], model = ModelOf(place), input = usd, output = usd, from = "2026-01-01" };
}
