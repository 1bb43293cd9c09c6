using System.Net;
using System.Text.Json.Nodes;
using Cencori.Edge.Admin.Providers;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Admin.Providers;

/// <summary>Several credentials of a project for one provider, in the administration.</summary>
public sealed class CredentialsTests(RespondingEdge scene) : IClassFixture<RespondingEdge>
{
    private const string Second = "sk-second-0123456789abcdefghijkl2222";

    private RunningEdge Edge => scene.Edge;

    [Fact]
    public async Task Without_names_there_is_one_credential_and_storing_again_replaces_it()
    {
        var path = await ProjectAsync();
        var first = (await Edge.SendAdminAsync(HttpMethod.Post, path, new { provider = "openai", apiKey = RunningEdge.ProviderKey }))["provider"]!;
        Assert.Matches("^cr_[0-9a-f]{32}$", (string)first["id"]!);
        Assert.Equal(
            ["id", "provider", "environment", "name", "keyHint", "baseUrl", "weight", "rank", "models", "enabled", "limits", "createdAt"],
            first.AsObject().Select(member => member.Key));
        Assert.Equal(("default", 1, 0, null, true), ((string)first["name"]!, (int)first["weight"]!, (int)first["rank"]!, first["models"], (bool)first["enabled"]!));

        var again = (await Edge.SendAdminAsync(HttpMethod.Post, path, new { provider = "openai", apiKey = Second }))["provider"]!;
        Assert.Equal(((string)first["id"]!, "...2222"), ((string)again["id"]!, (string)again["keyHint"]!));
        Assert.Single(await ListAsync(path));

        await Edge.SendAdminAsync(HttpMethod.Delete, path + "/openai");
        Assert.Empty(await ListAsync(path));
    }

    [Fact]
    public async Task Another_name_is_another_credential_and_each_is_found_by_name_and_by_id()
    {
        var path = await ProjectAsync();
        await Edge.SendAdminAsync(HttpMethod.Post, path, new { provider = "openai", apiKey = RunningEdge.ProviderKey });
        var stored = (await Edge.SendAdminAsync(HttpMethod.Post, path, new { provider = "openai", apiKey = Second, name = "backup", weight = 3, rank = 2, models = new[] { "gpt-*" }, enabled = false }))["provider"]!;
        await Edge.SendAdminAsync(HttpMethod.Post, path, new { provider = "openai", apiKey = Second, environment = "test", name = "backup" });

        Assert.Equal(["default", "backup", "backup"], (await ListAsync(path)).Select(one => (string)one!["name"]!));
        var byId = await Edge.SendAdminAsync(HttpMethod.Get, $"{path}/{stored["id"]}");
        Assert.Equal(stored.ToJsonString(), byId["provider"]!.ToJsonString());
        Assert.Equal(byId.ToJsonString(), (await Edge.SendAdminAsync(HttpMethod.Get, $"{path}/openai?name=backup")).ToJsonString());

        // Rotation keeps the other settings.
        var rotated = (await Edge.SendAdminAsync(HttpMethod.Post, path, new { provider = "openai", apiKey = RunningEdge.ProviderKey, name = "backup" }))["provider"]!;
        Assert.Equal((3, 2, """["gpt-*"]""", false), ((int)rotated["weight"]!, (int)rotated["rank"]!, rotated["models"]!.ToJsonString(), (bool)rotated["enabled"]!));
        var cleared = (await Edge.SendAdminAsync(HttpMethod.Post, path, """{"provider":"openai","apiKey":"sk-0123456789012345","name":"backup","models":null,"enabled":true}"""))["provider"]!;
        Assert.Equal((null, true), (cleared["models"], (bool)cleared["enabled"]!));

        await Edge.SendAdminAsync(HttpMethod.Delete, path + "/openai?environment=test&name=backup");
        await Edge.SendAdminAsync(HttpMethod.Delete, $"{path}/{stored["id"]}");
        Assert.Equal(["default"], (await ListAsync(path)).Select(one => (string)one!["name"]!));
    }

    [Fact]
    public async Task A_patch_changes_only_its_members_and_needs_no_key()
    {
        var path = await ProjectAsync();
        var one = $"{path}/{await StoreAsync(path, new { provider = "openai", apiKey = Second, baseUrl = "https://llm.example.com/v1" })}";

        var changed = (await Edge.SendAdminAsync(HttpMethod.Patch, one, new { name = "main", weight = 0, rank = 9, models = new[] { "openai:gpt-4o" }, enabled = false, baseUrl = "https://llm.example.com/v2?api-version=1" }))["provider"]!;
        Assert.Equal(
            ("main", 0, 9, """["openai:gpt-4o"]""", false, "https://llm.example.com/v2?api-version=1", "...2222"),
            ((string)changed["name"]!, (int)changed["weight"]!, (int)changed["rank"]!, changed["models"]!.ToJsonString(), (bool)changed["enabled"]!, (string)changed["baseUrl"]!, (string)changed["keyHint"]!));
        var after = (await Edge.SendAdminAsync(HttpMethod.Patch, one, """{"models":null}"""))["provider"]!;
        Assert.Equal(("main", 0, 9, null), ((string)after["name"]!, (int)after["weight"]!, (int)after["rank"]!, after["models"]));
        Assert.Equal(after.ToJsonString(), (await Edge.SendAdminAsync(HttpMethod.Patch, one, new { }))["provider"]!.ToJsonString());
    }

    [Theory]
    [InlineData("https://elsewhere.example.com/v1")]
    [InlineData("https://llm.example.com:8443/v1")]
    [InlineData("http://llm.example.com/v1")]
    [InlineData(null)]
    public async Task A_stored_key_is_never_sent_to_another_server(string? address)
    {
        var path = await ProjectAsync();
        var one = $"{path}/{await StoreAsync(path, new { provider = "openai", apiKey = Second, baseUrl = "https://llm.example.com/v1" })}";
        var body = new JsonObject { ["baseUrl"] = address };

        var refusal = await SendAsync(HttpMethod.Patch, one, body.ToJsonString()).ErrorAsync();

        Assert.Equal((400, "INVALID_REQUEST", "baseUrl"), (refusal.Status, refusal.Code, refusal.Param));
        Assert.Equal("https://llm.example.com/v1", (string?)(await Edge.SendAdminAsync(HttpMethod.Get, one))["provider"]!["baseUrl"]);
    }

    [Fact]
    public async Task The_server_may_change_if_no_key_is_stored()
    {
        var path = await ProjectAsync();
        var one = $"{path}/{await StoreAsync(path, new { provider = "ollama", baseUrl = "https://one.example.com/v1" })}";

        await Edge.SendAdminAsync(HttpMethod.Patch, one, new { baseUrl = "https://two.example.com/v1" });
        Assert.Equal("https://two.example.com/v1", (string?)(await Edge.SendAdminAsync(HttpMethod.Get, one))["provider"]!["baseUrl"]);
    }

    [Fact]
    public async Task Limits_of_a_credential_are_stored_read_and_cleared()
    {
        var path = await ProjectAsync();
        var one = $"{path}/{await StoreAsync(path, new { provider = "openai", apiKey = Second, limits = new { requests_per_minute = 60, concurrent_requests = 5 } })}";
        async Task<JsonNode?> LimitsAsync() => (await Edge.SendAdminAsync(HttpMethod.Get, one))["provider"]!["limits"];
        const string Whole = """{"requests_per_minute":60,"burst":60,"tokens_per_minute":null,"concurrent_requests":5}""";
        Assert.Equal(Whole, (await LimitsAsync())!.ToJsonString());

        // A body without limits keeps the stored limits. A body with limits replaces all of them.
        await StoreAsync(path, new { provider = "openai", apiKey = Second });
        Assert.Equal(Whole, (await LimitsAsync())!.ToJsonString());
        await Edge.SendAdminAsync(HttpMethod.Patch, one, """{"limits":{"tokens_per_minute":7}}""");
        Assert.Equal("""{"requests_per_minute":null,"burst":null,"tokens_per_minute":7,"concurrent_requests":null}""", (await LimitsAsync())!.ToJsonString());
        foreach (var none in new[] { "null", "{}" })
        {
            await Edge.SendAdminAsync(HttpMethod.Patch, one, $$"""{"limits":{{none}}}""");
            Assert.Null(await LimitsAsync());
        }
    }

    [Fact]
    public async Task An_unknown_field_inside_limits_is_named()
    {
        var path = await ProjectAsync();
        var id = await StoreAsync(path, new { provider = "openai", apiKey = Second });
        var refusal = await SendAsync(HttpMethod.Patch, $"{path}/{id}", """{"limits":{"request_per_minute":3}}""").ErrorAsync();
        Assert.Equal("Unknown field 'request_per_minute'. Did you mean 'requests_per_minute'?", refusal.Message);
    }

    [Theory]
    [InlineData("""{"name":""}""", "name")]
    [InlineData("""{"name":" "}""", "name")]
    [InlineData("""{"name":"a\u0007"}""", "name")]
    [InlineData("""{"weight":-1}""", "weight")]
    [InlineData("""{"weight":1001}""", "weight")]
    [InlineData("""{"limits":{"requests_per_minute":0}}""", "limits.requests_per_minute")]
    [InlineData("""{"limits":{"burst":3}}""", "limits.burst")]
    [InlineData("""{"limits":{"requests":3}}""", "limits")]
    [InlineData("""{"limits":7}""", "limits")]
    [InlineData("""{"weight":1.5}""", "weight")]
    [InlineData("""{"rank":-1}""", "rank")]
    [InlineData("""{"rank":10}""", "rank")]
    [InlineData("""{"models":["*x"]}""", "models")]
    [InlineData("""{"models":[""]}""", "models")]
    [InlineData("""{"models":"gpt"}""", "models")]
    [InlineData("""{"enabled":"yes"}""", "enabled")]
    [InlineData("""{"wieght":1}""", "wieght")]
    public async Task An_invalid_value_is_refused_and_its_field_named(string json, string field)
    {
        var path = await ProjectAsync();
        var id = await StoreAsync(path, new { provider = "openai", apiKey = Second });
        var whole = JsonNode.Parse(json)!.AsObject();
        (whole["provider"], whole["apiKey"]) = ("openai", Second);

        foreach (var (method, address, body) in new[] { (HttpMethod.Patch, $"{path}/{id}", json), (HttpMethod.Post, path, whole.ToJsonString()) })
        {
            var refusal = await SendAsync(method, address, body).ErrorAsync();
            Assert.Equal((400, "INVALID_REQUEST", field), (refusal.Status, refusal.Code, refusal.Param));
        }

        Assert.Equal(["default"], (await ListAsync(path)).Select(one => (string)one!["name"]!));
    }

    [Fact]
    public async Task A_credential_is_for_at_most_a_hundred_models()
    {
        var path = await ProjectAsync();
        var models = Enumerable.Range(0, 101).Select(number => $"model-{number}").ToList();
        var refusal = await SendAsync(HttpMethod.Post, path, System.Text.Json.JsonSerializer.Serialize(new { provider = "openai", apiKey = Second, models })).ErrorAsync();
        Assert.Equal((400, "models"), (refusal.Status, refusal.Param));
        await StoreAsync(path, new { provider = "openai", apiKey = Second, models = models[..100] });
        await StoreAsync(path, new { provider = "groq", apiKey = Second, models = Array.Empty<string>() });
    }

    [Fact]
    public async Task A_name_has_at_most_a_hundred_characters_and_is_unique()
    {
        var path = await ProjectAsync();
        var longest = new string('é', 100);
        var id = await StoreAsync(path, new { provider = "openai", apiKey = Second, name = longest });
        await StoreAsync(path, new { provider = "openai", apiKey = Second });
        await StoreAsync(path, new { provider = "openai", apiKey = Second, environment = "test", name = "free" });

        Assert.Equal("name", (await SendAsync(HttpMethod.Patch, $"{path}/{id}", $$"""{"name":"{{longest}}é"}""").ErrorAsync()).Param);
        var taken = await SendAsync(HttpMethod.Patch, $"{path}/{id}", """{"name":"default"}""").ErrorAsync();
        Assert.Equal((409, "CONFLICT", "name"), (taken.Status, taken.Code, taken.Param));
        await Edge.SendAdminAsync(HttpMethod.Patch, $"{path}/{id}", new { name = longest });
        await Edge.SendAdminAsync(HttpMethod.Patch, $"{path}/{id}", new { name = "free" });
    }

    [Fact]
    public async Task A_provider_and_environment_have_at_most_32_credentials()
    {
        var path = await ProjectAsync();
        for (var i = 0; i < ProviderKeyEditor.MaxCredentials; i++)
        {
            await StoreAsync(path, new { provider = "openai", apiKey = Second, name = $"n{i}" });
        }

        var refusal = await SendAsync(HttpMethod.Post, path, $$"""{"provider":"openai","apiKey":"{{Second}}"}""").ErrorAsync();
        Assert.Equal((400, "INVALID_REQUEST"), (refusal.Status, refusal.Code));
        Assert.Contains("at most 32", refusal.Message);

        // A replacement does not count as a new credential. Each provider and each environment has its own limit.
        await StoreAsync(path, new { provider = "openai", apiKey = Second, name = "n7" });
        await StoreAsync(path, new { provider = "openai", apiKey = Second, environment = "test" });
        await StoreAsync(path, new { provider = "groq", apiKey = Second });
    }

    [Fact]
    public async Task An_ETag_guards_changes_and_deletion()
    {
        var path = await ProjectAsync();
        using var stored = await SendAsync(HttpMethod.Post, path, $$"""{"provider":"openai","apiKey":"{{Second}}"}""");
        var id = (string)JsonNode.Parse(await stored.Content.ReadAsStringAsync())!["provider"]!["id"]!;
        var old = stored.Header("ETag")!;
        using var changed = await SendAsync(HttpMethod.Patch, $"{path}/{id}", """{"weight":5}""", old);
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);

        foreach (var (method, body) in new[] { (HttpMethod.Patch, """{"weight":6}"""), (HttpMethod.Delete, null) })
        {
            var late = await SendAsync(method, $"{path}/{id}", body, old).ErrorAsync();
            Assert.Equal((412, "CONFLICT", "If-Match"), (late.Status, late.Code, late.Param));
        }

        using var read = await Edge.Admin.GetAsync($"{path}/{id}");
        Assert.Equal(changed.Header("ETag"), read.Header("ETag"));
        using var deleted = await SendAsync(HttpMethod.Delete, $"{path}/{id}", null, read.Header("ETag"));
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
    }

    [Fact]
    public async Task Unknown_credentials_get_404_and_an_id_allows_no_other_selector()
    {
        var path = await ProjectAsync();
        var id = await StoreAsync(path, new { provider = "openai", apiKey = Second });
        var other = await ProjectAsync();
        foreach (var address in new[] { $"{other}/{id}", $"{path}/cr_{new string('0', 32)}", $"{path}/openai?name=none", $"{path}/openai?environment=test" })
        {
            Assert.Equal(404, (await SendAsync(HttpMethod.Get, address).ErrorAsync()).Status);
            Assert.Equal(404, (await SendAsync(HttpMethod.Patch, address, "{}").ErrorAsync()).Status);
            Assert.Equal(404, (await SendAsync(HttpMethod.Delete, address).ErrorAsync()).Status);
            Assert.Equal(404, (await SendAsync(HttpMethod.Post, address.Insert(address.IndexOf('?') is >= 0 and var query ? query : address.Length, "/test")).ErrorAsync()).Status);
        }

        foreach (var query in new[] { "environment=test", "name=default" })
        {
            var refusal = await SendAsync(HttpMethod.Delete, $"{path}/{id}?{query}").ErrorAsync();
            Assert.Equal((400, query.Split('=')[0]), (refusal.Status, refusal.Param));
        }

        Assert.Single(await ListAsync(path));
    }

    [Fact]
    public async Task The_named_credential_is_tested_even_if_disabled_and_the_log_names_it()
    {
        var path = await ProjectAsync();
        await StoreAsync(path, new { provider = "openai", apiKey = RunningEdge.ProviderKey });
        var id = await StoreAsync(path, new { provider = "openai", apiKey = Second, name = "backup", enabled = false, rank = 9 });

        var test = (await Edge.SendAdminAsync(HttpMethod.Post, $"{path}/{id}/test"))["test"]!;
        Assert.Equal(("works", id), ((string)test["result"]!, (string)test["credential"]!));
        Assert.Equal($"Bearer {Second}", Authorization());

        // Another credential of the same provider can be tested at once: the minimum time between two tests applies per credential.
        await Edge.SendAdminAsync(HttpMethod.Post, $"{path}/openai/test");
        Assert.Equal($"Bearer {RunningEdge.ProviderKey}", Authorization());
        Assert.Equal(429, (await SendAsync(HttpMethod.Post, $"{path}/openai/test?name=backup").ErrorAsync()).Status);

        var project = path.Split('/')[3];
        var noted = (await Edge.SendAdminAsync(HttpMethod.Get, $"/api/audit?project={project}&action=provider.tested"))["entries"]!.AsArray();
        Assert.Contains(noted, entry => (string?)entry!["object"] == id);

        string Authorization() => scene.Provider.Requests[^1].Headers.First(header => header.Name.Equals("Authorization", StringComparison.OrdinalIgnoreCase)).Value;
    }

    [Fact]
    public async Task A_test_uses_a_model_that_the_credential_allows()
    {
        var path = await ProjectAsync();
        var id = await StoreAsync(path, new { provider = "openai", apiKey = Second, models = new[] { "gpt-4.1" } });
        Assert.Equal("gpt-4.1", (string?)(await Edge.SendAdminAsync(HttpMethod.Post, $"{path}/{id}/test"))["test"]!["model"]);
        Assert.Equal("model", (await SendAsync(HttpMethod.Post, $"{path}/{id}/test", """{"model":"gpt-4o"}""").ErrorAsync()).Param);
    }

    [Fact]
    public async Task The_audit_log_has_the_changed_members_and_no_secret()
    {
        var path = await ProjectAsync();
        var id = await StoreAsync(path, new { provider = "openai", apiKey = Second, name = "main" });
        await Edge.SendAdminAsync(HttpMethod.Patch, $"{path}/{id}", new { weight = 7, enabled = false });

        var project = path.Split('/')[3];
        var entries = (await Edge.SendAdminAsync(HttpMethod.Get, $"/api/audit?project={project}"))["entries"]!.AsArray();
        var changed = entries.Single(entry => (string?)entry!["action"] == "provider_key.changed")!;
        Assert.Equal((id, """{"is_enabled":true,"weight":1}""", """{"is_enabled":false,"weight":7}"""), ((string)changed["object"]!, changed["before"]!.ToJsonString(), changed["after"]!.ToJsonString()));
        Assert.Contains("\"name\":\"main\"", entries.Single(entry => (string?)entry!["action"] == "provider_key.created")!["after"]!.ToJsonString());
        Assert.DoesNotContain(Second, entries.ToJsonString());
    }

    [Fact]
    public async Task A_request_uses_the_first_enabled_credential_and_a_change_affects_the_next_request()
    {
        var path = await ProjectAsync();
        var key = await Edge.CreateKeyAsync(path.Split('/')[3]);
        await StoreAsync(path, new { provider = "openai", apiKey = RunningEdge.ProviderKey, rank = 1 });
        Assert.Equal(RunningEdge.ProviderKey, await UsedAsync());
        var id = await StoreAsync(path, new { provider = "openai", apiKey = Second, name = "first" });
        Assert.Equal(Second, await UsedAsync());
        await Edge.SendAdminAsync(HttpMethod.Patch, $"{path}/{id}", new { enabled = false });
        Assert.Equal(RunningEdge.ProviderKey, await UsedAsync());
        await Edge.SendAdminAsync(HttpMethod.Patch, $"{path}/{id}", new { enabled = true });
        Assert.Equal(Second, await UsedAsync());
        await Edge.SendAdminAsync(HttpMethod.Delete, $"{path}/{id}");
        Assert.Equal(RunningEdge.ProviderKey, await UsedAsync());

        async Task<string> UsedAsync()
        {
            using var response = await Edge.PostAsync(key, "/v1/chat/completions", new { model = "gpt-4o", messages = new[] { new { role = "user", content = "hi" } } });
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            return scene.Provider.Requests[^1].Headers.First(header => header.Name.Equals("Authorization", StringComparison.OrdinalIgnoreCase)).Value["Bearer ".Length..];
        }
    }

    private async Task<string> ProjectAsync() => $"/api/projects/{await Edge.CreateProjectAsync()}/provider-keys";

    private async Task<string> StoreAsync(string path, object body) => (string)(await Edge.SendAdminAsync(HttpMethod.Post, path, body))["provider"]!["id"]!;

    private async Task<JsonArray> ListAsync(string path) => (await Edge.SendAdminAsync(HttpMethod.Get, path))["providers"]!.AsArray();

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? body = null, string? ifMatch = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : RunningEdge.Json(body) };
        if (ifMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        }

        return await Edge.Admin.SendAsync(request);
    }
}
