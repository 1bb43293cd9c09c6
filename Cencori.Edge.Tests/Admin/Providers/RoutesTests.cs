using System.Net;
using System.Text.Json.Nodes;
using Cencori.Edge.Models;
using Cencori.Edge.Projects;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Databases;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Admin.Providers;

/// <summary>Administration of routes, and its responses.</summary>
public sealed class RoutesTests(RespondingEdge fixture) : IClassFixture<RespondingEdge>
{
    private const string Whole = """
        {"when":[{"if":{"input_tokens":{"over":100000,"under":1000000},"stream":true,"has":["images","json_schema"],"endpoints":["/v1/chat/completions","/responses/"],"keys":["key_1"],"environment":"test","agents":["agt_1"],"users":["u"],"headers":{"X-Tier":["free","free"]},"metadata":{"Team":[]}},
        "groups":[{"targets":[{"model":"google:gemini-2.5-pro"}]}]}],
        "groups":[{"balance":"split","targets":[{"model":"openai/gpt-4o-mini","weight":80},{"model":"groq/llama-3.3-70b-versatile","weight":20,"without":["images"],"context_tokens":131072}]},{"targets":[{"model":"openrouter/anthropic/claude"}]}],
        "attempts":2,"uncertain":"never","first_byte_seconds":30,"max_wait_seconds":5,"affinity":"prompt","on_overflow":"larger","shadow":{"model":"groq:x","monthly_usd":2.5}}
        """;

    private const string Small = """{"groups":[{"targets":[{"model":"openai/gpt-4o"}]}]}""";

    private readonly RunningEdge _edge = fixture.Edge;

    [Theory, OnSqlite, OnPostgres]
    public async Task A_route_is_created_read_replaced_and_deleted(string system)
    {
        await using var started = await DatabaseEdge.StartAsync(system);
        var edge = started.Edge;
        var project = await edge.CreateProjectAsync("openai", "groq", "google", "openrouter");
        var (routes, chat) = ($"/api/projects/{project}/routes", $"/api/projects/{project}/routes/chat");

        var created = await edge.SendAdminAsync(HttpMethod.Put, chat, Whole);

        Assert.Equal(["name", "route", "updated_at", "warnings"], created.AsObject().Select(member => member.Key));
        Assert.Equal("chat", (string?)created["name"]);
        Assert.Equal("[]", created["warnings"]!.ToJsonString());
        Assert.Equal(
            """
            {"when":[{"if":{"input_tokens":{"over":100000,"under":1000000},"stream":true,"has":["images","json_schema"],"endpoints":["/chat/completions","/responses"],"keys":["key_1"],"environment":"test","agents":["agt_1"],"users":["u"],"headers":{"x-tier":["free"]},"metadata":{"Team":[]}},"groups":[{"balance":"weighted","targets":[{"model":"google/gemini-2.5-pro","weight":1}]}]}],"groups":[{"balance":"split","auto_stop":true,"targets":[{"model":"openai/gpt-4o-mini","weight":80},{"model":"groq/llama-3.3-70b-versatile","weight":20,"without":["images"],"context_tokens":131072}]},{"balance":"weighted","targets":[{"model":"openrouter/anthropic/claude","weight":1}]}],"attempts":2,"uncertain":"never","first_byte_seconds":30,"max_wait_seconds":5,"affinity":"prompt","on_overflow":"larger","shadow":{"model":"groq/x","share":0.05,"monthly_usd":2.5}}
            """,
            created["route"]!.ToJsonString());
        Assert.Equal(created.ToJsonString(), (await edge.SendAdminAsync(HttpMethod.Get, chat)).ToJsonString());

        // A route can be sent back as read, and nothing changes.
        Assert.Equal(created.ToJsonString(), (await edge.SendAdminAsync(HttpMethod.Put, chat, created["route"]!.ToJsonString())).ToJsonString());

        await edge.SendAdminAsync(HttpMethod.Put, $"{routes}/a/b", Small);
        Assert.Equal(["a/b", "chat"], (await edge.SendAdminAsync(HttpMethod.Get, routes))["routes"]!.AsArray().Select(route => (string)route!["name"]!));
        Assert.Equal("a/b", (string?)(await edge.SendAdminAsync(HttpMethod.Get, $"{routes}/a%2fb"))["name"]);

        var replaced = await edge.SendAdminAsync(HttpMethod.Put, chat, Small);
        Assert.Equal("""{"groups":[{"balance":"weighted","targets":[{"model":"openai/gpt-4o","weight":1}]}],"attempts":3,"uncertain":"once","first_byte_seconds":120,"max_wait_seconds":0,"affinity":"none","on_overflow":"refuse"}""", replaced["route"]!.ToJsonString());

        await edge.SendAdminAsync(HttpMethod.Delete, chat);
        await edge.SendAdminAsync(HttpMethod.Delete, $"{routes}/a/b");
        Assert.Empty((await edge.SendAdminAsync(HttpMethod.Get, routes))["routes"]!.AsArray());
        using var gone = await edge.Admin.DeleteAsync(chat);
        Assert.Equal(404, (await gone.ErrorAsync()).Status);

        var audit = (await edge.SendAdminAsync(HttpMethod.Get, $"/api/audit?project={project}"))["entries"]!.AsArray();
        Assert.Equal(
            ["route.deleted a/b", "route.deleted chat", "route.changed chat", "route.created a/b", "route.created chat"],
            audit.Select(entry => $"{entry!["action"]} {entry["object"]}").Where(text => text.StartsWith("route.", StringComparison.Ordinal)));
        Assert.Contains("""groq/llama-3.3-70b-versatile""", audit.Single(entry => $"{entry!["action"]} {entry["object"]}" == "route.created chat")!.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_route_cannot_be_deleted_while_it_is_used()
    {
        var project = await _edge.CreateProjectAsync("openai");
        await PutAsync(project, "chat", Small);
        await PutAsync(project, "other", Small);
        await _edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{project}", new { default_model = "chat", model_aliases = new { quick = "chat", slow = "other" } });
        var agent = await _edge.CreateAgentAsync(project, new { model = "chat" });
        var path = $"/api/projects/{project}/routes/chat";

        using (var refused = await _edge.Admin.DeleteAsync(path))
        {
            var error = await refused.ErrorAsync();
            Assert.Equal((409, "CONFLICT"), (error.Status, error.Code));
            Assert.Matches("^The route 'chat' is used by the project's default model, the alias 'quick', the agent '[^']+'\\. Change them first\\.$", error.Message);
        }

        await _edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{project}", new { default_model = (string?)null, model_aliases = new { slow = "other" } });
        using (var refused = await _edge.Admin.DeleteAsync(path))
        {
            Assert.EndsWith("Change it first.", (await refused.ErrorAsync()).Message, StringComparison.Ordinal);
        }

        await _edge.SendAdminAsync(HttpMethod.Delete, $"/api/projects/{project}/agents/{agent}");
        await _edge.SendAdminAsync(HttpMethod.Delete, path);
    }

    [Fact]
    public async Task A_snapshot_has_the_current_routes()
    {
        var project = await _edge.CreateProjectAsync("openai");
        var snapshots = _edge.Services.GetRequiredService<ProjectCache>();
        Assert.Empty((await snapshots.GetAsync(project))!.Routes);

        await PutAsync(project, "chat", Whole);
        var route = (await snapshots.GetAsync(project))!.Routes["chat"];

        Assert.Equal(("chat", 2, UncertainRepeat.Never, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(5), true), (route.Name, route.Attempts, route.Uncertain, route.FirstByte, route.MaxWait, route.KeepsPrompts));
        Assert.Equal((RouteBalance.Split, 2), (route.Groups[0].Balance, route.Groups.Length));
        Assert.Equal(new RouteTarget("groq", "llama-3.3-70b-versatile") { Weight = 20, Without = ModelAbilities.Images, ContextTokens = 131072 }, route.Groups[0].Targets[1]);
        Assert.Equal(new RouteTarget("openrouter", "anthropic/claude"), route.Groups[1].Targets[0]);
        var condition = Assert.Single(route.Rules).If;
        Assert.Equal((100_000, 1_000_000, true, ModelAbilities.Images | ModelAbilities.JsonSchema), (condition.InputOver, condition.InputUnder, condition.Stream, condition.Has));
        Assert.Equal(["/chat/completions", "/responses"], condition.Endpoints.AsEnumerable());
        Assert.Equal(("x-tier", "free", "Team", 0), (condition.Headers[0].Name, condition.Headers[0].Values[0], condition.Metadata[0].Name, condition.Metadata[0].Values.Length));

        await _edge.SendAdminAsync(HttpMethod.Delete, $"/api/projects/{project}/routes/chat");
        Assert.Empty((await snapshots.GetAsync(project))!.Routes);
    }

    [Theory]
    [InlineData("""{}""", "'groups'", "")]
    [InlineData("""{"groups":[]}""", "1 to 4 groups", "groups")]
    [InlineData("""{"groups":[null]}""", "null", "groups[0]")]
    [InlineData("""{"groups":[{"targets":[]}]}""", "1 to 8 targets", "groups[0].targets")]
    [InlineData("""{"groups":[{"targets":[null]}]}""", "null", "groups[0].targets[0]")]
    [InlineData("""{"groups":[{"targets":[{"weight":1}]}]}""", "'model'", "groups[0].targets[0]")]
    [InlineData("""{"groups":[{"targets":[{"model":"gpt-4o"}]}]}""", "'openai/gpt-4o' may be meant", "groups[0].targets[0].model")]
    [InlineData("""{"groups":[{"targets":[{"model":"nothing-known"}]}]}""", "write 'provider/model'", "groups[0].targets[0].model")]
    [InlineData("""{"groups":[{"targets":[{"model":"openai/"}]}]}""", "write 'provider/model'", "groups[0].targets[0].model")]
    [InlineData("""{"groups":[{"targets":[{"model":"openai/gpt-*"}]}]}""", "'*'", "groups[0].targets[0].model")]
    [InlineData("""{"groups":[{"targets":[{"model":"openai/x"}]},{"targets":[{"model":"opnai/x"}]}]}""", "Did you mean 'openai'", "groups[1].targets[0].model")]
    [InlineData("""{"groups":[{"targets":[{"model":"openai/x"},{"model":"openai:x"}]}]}""", "already", "groups[0].targets[1].model")]
    [InlineData("""{"groups":[{"targets":[{"model":"openai/x","weight":-1}]}]}""", "0 to 1000", "groups[0].targets[0].weight")]
    [InlineData("""{"groups":[{"targets":[{"model":"openai/x","weight":1001}]}]}""", "0 to 1000", "groups[0].targets[0].weight")]
    [InlineData("""{"groups":[{"targets":[{"model":"openai/x","context_tokens":0}]}]}""", "1 to", "groups[0].targets[0].context_tokens")]
    [InlineData("""{"groups":[{"targets":[{"model":"openai/x","without":["vision"]}]}]}""", "one of tools, images, audio, json_schema", "groups[0].targets[0].without[0]")]
    [InlineData("""{"groups":[{"balance":"random","targets":[{"model":"openai/x"}]}]}""", "one of weighted, least, fast, cheap, split", "groups[0].balance")]
    [InlineData("""{"groups":[{"targets":[{"model":"openai/x","wieght":1}]}]}""", "Did you mean 'weight'", "groups[0].targets[0].wieght")]
    [InlineData("""{"groups":[{"auto_stop":false,"targets":[{"model":"openai/x"}]}]}""", "split", "groups[0].auto_stop")]
    [InlineData("""G,"attempts":0}""", "1 to 5", "attempts")]
    [InlineData("""G,"attempts":6}""", "1 to 5", "attempts")]
    [InlineData("""G,"first_byte_seconds":0}""", "1 to 600", "first_byte_seconds")]
    [InlineData("""G,"max_wait_seconds":31}""", "0 to 30", "max_wait_seconds")]
    [InlineData("""G,"uncertain":"twice"}""", "one of never, once", "uncertain")]
    [InlineData("""G,"affinity":"user"}""", "one of none, prompt", "affinity")]
    [InlineData("""G,"shadow":{"model":"openai/x"}}""", "'monthly_usd'", "shadow")]
    [InlineData("""G,"shadow":{"model":"opnai/x","monthly_usd":1}}""", "Did you mean 'openai'", "shadow.model")]
    [InlineData("""G,"shadow":{"model":"openai/x","monthly_usd":1,"share":0}}""", "above 0", "shadow.share")]
    [InlineData("""G,"shadow":{"model":"openai/x","monthly_usd":1,"share":1.5}}""", "at most 1", "shadow.share")]
    [InlineData("""G,"shadow":{"model":"openai/x","monthly_usd":0}}""", "above 0", "shadow.monthly_usd")]
    [InlineData("""G,"when":[null]}""", "null", "when[0]")]
    [InlineData("""G,"when":[{"if":{},"groups":[]}]}""", "must not be empty", "when[0].if")]
    [InlineData("""W{"has":[],"headers":{}}E""", "must not be empty", "when[0].if")]
    [InlineData("""W{"input_tokens":{}}E""", "must not be empty", "when[0].if")]
    [InlineData("""W{"stream":true}E,"x":1}""", "Unknown field 'x'", "x")]
    [InlineData("""W{"input_tokens":{"over":5,"under":6}}E""", "no number", "when[0].if.input_tokens")]
    [InlineData("""W{"input_tokens":{"over":-1}}E""", "0 to", "when[0].if.input_tokens.over")]
    [InlineData("""W{"endpoints":["chat/completions"]}E""", "a path", "when[0].if.endpoints[0]")]
    [InlineData("""W{"endpoints":["/"]}E""", "a path", "when[0].if.endpoints[0]")]
    [InlineData("""W{"keys":[""]}E""", "1 to 512", "when[0].if.keys[0]")]
    [InlineData("""W{"keys":[null]}E""", "1 to 512", "when[0].if.keys[0]")]
    [InlineData("""W{"users":["a\u0000"]}E""", "control character", "when[0].if.users[0]")]
    [InlineData("""W{"headers":{"x tier":["a"]}}E""", "must be a valid header name", "when[0].if.headers.x tier")]
    [InlineData("""W{"headers":{"x-tier":"a"}}E""", "a list", "when[0].if.headers.x-tier")]
    [InlineData("""W{"headers":{"x-tier":null}}E""", "list of texts", "when[0].if.headers.x-tier")]
    [InlineData("""W{"headers":{"x-a":["1"],"X-A":["2"]}}E""", "twice", "when[0].if.headers")]
    [InlineData("""W{"headers":{"Authorization":["Bearer x"]}}E""", "secret", "when[0].if.headers.Authorization")]
    [InlineData("""W{"headers":{"cencori_api_key":["x"]}}E""", "secret", "when[0].if.headers.cencori_api_key")]
    [InlineData("""W{"headers":{"cookie":[]}}E""", "secret", "when[0].if.headers.cookie")]
    [InlineData("""W{"headers":{"X-Api-Key":[]}}E""", "secret", "when[0].if.headers.X-Api-Key")]
    [InlineData("""W{"metadata":{"":["a"]}}E""", "1 to 64", "when[0].if.metadata.")]
    [InlineData("""W{"environment":"staging"}E""", "one of production, test", "when[0].if.environment")]
    public async Task An_invalid_route_is_refused_and_the_path_named(string body, string tells, string place)
    {
        body = body.Replace("G,", """{"groups":[{"targets":[{"model":"openai/x"}]}],""", StringComparison.Ordinal)
            .Replace("W{", """{"groups":[{"targets":[{"model":"openai/x"}]}],"when":[{"if":{""", StringComparison.Ordinal)
            .Replace("}E,", """},"groups":[{"targets":[{"model":"openai/x"}]}]}],""", StringComparison.Ordinal)
            .Replace("}E", """},"groups":[{"targets":[{"model":"openai/x"}]}]}]}""", StringComparison.Ordinal);
        using var response = await _edge.Admin.PutAsync($"/api/projects/{fixture.ProjectId}/routes/wrong", RunningEdge.Json(body));
        var error = await response.ErrorAsync();

        Assert.Equal((400, "INVALID_REQUEST", place), (error.Status, error.Code, error.Param ?? ""));
        Assert.Contains(tells, error.Message, StringComparison.Ordinal);
        using var read = await _edge.Admin.GetAsync($"/api/projects/{fixture.ProjectId}/routes/wrong");
        Assert.Equal(HttpStatusCode.NotFound, read.StatusCode);
    }

    [Theory]
    [InlineData("-a")]
    [InlineData(".")]
    [InlineData("a%20b")]
    [InlineData("a//b")]
    [InlineData("a/")]
    [InlineData("gr%C3%B6%C3%9Fe")]
    [InlineData("gpt-*")]
    [InlineData("a%2525")]
    public async Task A_name_must_be_valid_in_URLs_and_headers(string name)
    {
        using var response = await _edge.Admin.PutAsync($"/api/projects/{fixture.ProjectId}/routes/{name}", RunningEdge.Json(Small));

        // A client removes a single dot from a URL.
        Assert.True(response.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.MethodNotAllowed, $"{(int)response.StatusCode}");
    }

    [Fact]
    public async Task Routes_that_would_take_much_memory_are_refused()
    {
        var target = """{"model":"openai/x"}""";
        var values = string.Join(',', Enumerable.Range(0, 100).Select(value => $"\"{value}{new string('v', 500)}\""));
        foreach (var (body, tells) in new[]
        {
            ($$"""{"groups":[{{string.Join(',', Enumerable.Repeat($$"""{"targets":[{{target}}]}""", 5))}}]}""", "1 to 4 groups"),
            ($$"""{"groups":[{"targets":[{{string.Join(',', Enumerable.Range(0, 9).Select(n => $$"""{"model":"openai/{{n}}"}"""))}}]}]}""", "1 to 8 targets"),
            ($$"""{"groups":[{"targets":[{{target}}]}],"when":[{{string.Join(',', Enumerable.Repeat($$"""{"if":{"stream":true},"groups":[{"targets":[{{target}}]}]}""", 17))}}]}""", "at most 16 rules"),
            ($$"""{"groups":[{"targets":[{{target}}]}],"when":[{"if":{"users":[{{values}},"one"]},"groups":[{"targets":[{{target}}]}]}]}""", "at most 100"),
            ($$"""{"groups":[{"targets":[{{target}}]}],"when":[{"if":{"users":[{{values}}],"keys":[{{values}}]},"groups":[{"targets":[{{target}}]}]}]}""", "at most 65536 characters"),
        })
        {
            using var response = await _edge.Admin.PutAsync($"/api/projects/{fixture.ProjectId}/routes/large", RunningEdge.Json(body));
            Assert.Contains(tells, (await response.ErrorAsync()).Message, StringComparison.Ordinal);
        }

        var project = await _edge.CreateProjectAsync();
        for (var number = 0; number < 100; number++)
        {
            await PutAsync(project, $"r{number}", Small);
        }

        using var more = await _edge.Admin.PutAsync($"/api/projects/{project}/routes/more", RunningEdge.Json(Small));
        Assert.Contains("at most 100 routes", (await more.ErrorAsync()).Message, StringComparison.Ordinal);
        await PutAsync(project, "r7", Small);
    }

    [Fact]
    public async Task A_name_is_either_a_route_or_an_alias()
    {
        var project = await _edge.CreateProjectAsync("openai");
        await AliasesAsync(project, """{"fast":"gpt-4o"}""", 200);
        using (var taken = await _edge.Admin.PutAsync($"/api/projects/{project}/routes/fast", RunningEdge.Json(Small)))
        {
            var error = await taken.ErrorAsync();
            Assert.Equal((409, "CONFLICT", "name"), (error.Status, error.Code, error.Param));
            Assert.Contains("'fast' is an alias", error.Message, StringComparison.Ordinal);
        }

        await PutAsync(project, "Fast", Small);
        await AliasesAsync(project, """{"fast":"gpt-4o","Fast":"gpt-4o"}""", 409);
        await AliasesAsync(project, "{}", 200);
        await PutAsync(project, "fast", Small);
        await AliasesAsync(project, """{"fast":"gpt-4o"}""", 409);
    }

    [Fact]
    public async Task If_Match_prevents_lost_updates_of_a_route()
    {
        var path = $"/api/projects/{await _edge.CreateProjectAsync("openai")}/routes/chat";
        Assert.Equal(412, await SendAsync(HttpMethod.Put, path, "*"));
        Assert.Equal(412, await SendAsync(HttpMethod.Put, path, "\"something\""));
        await _edge.SendAdminAsync(HttpMethod.Put, path, Whole);
        using var read = await _edge.Admin.GetAsync(path);
        var tag = read.Header("ETag")!;

        Assert.Equal(412, await SendAsync(HttpMethod.Put, path, "\"something\""));
        Assert.Equal(200, await SendAsync(HttpMethod.Put, path, tag));
        Assert.Equal(412, await SendAsync(HttpMethod.Put, path, tag));
        Assert.Equal(412, await SendAsync(HttpMethod.Delete, path, tag));
        Assert.Equal(204, await SendAsync(HttpMethod.Delete, path, "*"));
    }

    [Fact]
    public async Task A_route_without_usable_targets_has_warnings()
    {
        var project = await _edge.CreateProjectAsync();
        async Task<string> WarningsAsync() => (await PutAsync(project, "chat", """{"groups":[{"targets":[{"model":"openai/gpt-4o"},{"model":"openai/o3"}]},{"targets":[{"model":"groq/llama"}]}]}"""))["warnings"]!.ToJsonString();

        Assert.Equal(
            """["The project has no enabled credential for the provider 'openai': targets of this provider are skipped.","The project has no enabled credential for the provider 'groq': targets of this provider are skipped.","So the route cannot serve any request yet."]""",
            Plain(await WarningsAsync()));
        await _edge.SendAdminAsync(HttpMethod.Post, $"/api/projects/{project}/provider-keys", new { provider = "openai", apiKey = RunningEdge.ProviderKey, models = new[] { "gpt-*" } });
        Assert.Equal(
            """["No enabled credential for the provider 'openai' allows the model 'o3': this target is skipped.","The project has no enabled credential for the provider 'groq': targets of this provider are skipped."]""",
            Plain(await WarningsAsync()));
        Assert.Equal("[]", (await PutAsync(project, "tried", """{"groups":[{"targets":[{"model":"sandbox/gpt-4o"}]}]}"""))["warnings"]!.ToJsonString());
    }

    [Fact]
    public async Task Routes_of_another_project_get_404()
    {
        var (mine, others) = (await _edge.CreateProjectAsync(), await _edge.CreateProjectAsync());
        await PutAsync(others, "chat", Small);

        foreach (var response in new[] { await _edge.Admin.GetAsync($"/api/projects/{mine}/routes/chat"), await _edge.Admin.DeleteAsync($"/api/projects/{mine}/routes/chat"), await _edge.Admin.GetAsync("/api/projects/nowhere/routes") })
        {
            using (response)
            {
                Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
            }
        }

        Assert.Empty((await _edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{mine}/routes"))["routes"]!.AsArray());
    }

    private static string Plain(string json) => json.Replace("\\u0027", "'", StringComparison.Ordinal);

    private Task<JsonNode> PutAsync(string project, string name, string body) => _edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{project}/routes/{name}", body);

    private async Task AliasesAsync(string project, string aliases, int status)
    {
        using var response = await _edge.Admin.PatchAsync($"/api/projects/{project}", RunningEdge.Json($$"""{"model_aliases":{{aliases}}}"""));
        Assert.Equal(status, (int)response.StatusCode);
    }

    private async Task<int> SendAsync(HttpMethod method, string path, string ifMatch)
    {
        using var request = new HttpRequestMessage(method, path) { Content = method == HttpMethod.Put ? RunningEdge.Json(Small) : null };
        request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        using var response = await _edge.Admin.SendAsync(request);
        return (int)response.StatusCode;
    }
}
