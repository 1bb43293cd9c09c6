using System.Text.Json.Nodes;
using Cencori.Edge.Admin.AsCode;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Startup;
using CsCheck;

namespace Cencori.Edge.Tests.Commands;

/// <summary>What is administered as a document: <c>export</c>, <c>apply</c>, and the endpoints behind them.</summary>
public sealed class ConfigurationTests : IAsyncLifetime
{
    private const string Secret = "sk-recognisable-0123456789";

    private readonly string _directory = Directory.CreateTempSubdirectory("edge-code-").FullName;
    private RunningEdge _edge = null!;
    private string _project = "";

    private string Document => Path.Combine(_directory, "edge.yaml");

    public async Task InitializeAsync()
    {
        _edge = await RunningEdge.StartAsync([RunningEdge.LoopbackIsOpen]);
        _project = await _edge.CreateProjectAsync("openai");
    }

    public async Task DisposeAsync()
    {
        await _edge.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Theory]
    [InlineData("yaml")]
    [InlineData("json")]
    public async Task An_export_applied_changes_nothing_and_has_no_secret(string format)
    {
        await FillAsync();
        var rows = await AuditRowsAsync();

        var exported = await RunAsync("export", "--format", format, "--output", Document);
        Assert.Equal((0, "", ""), exported);
        var text = File.ReadAllText(Document);
        Assert.DoesNotContain(RunningEdge.ProviderKey, text, StringComparison.Ordinal);
        Assert.DoesNotContain("a-webhook-secret", text, StringComparison.Ordinal);
        Assert.DoesNotContain("ops.example/budget", text, StringComparison.Ordinal);
        Assert.Contains("${env:OPENAI_API_KEY}", text, StringComparison.Ordinal);

        var (code, output, errors) = await RunAsync("apply", Document);
        Assert.Equal((0, ""), (code, errors));
        Assert.EndsWith("Nothing to do.", output, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"(?m)^  [+~]", output);

        // Exports are noted, and nothing else has happened.
        Assert.Equal(rows + 1, await AuditRowsAsync());
    }

    [Fact]
    public async Task What_one_edge_exports_another_one_becomes()
    {
        await FillAsync();
        await RunAsync("export", "--output", Document);
        var yaml = File.ReadAllText(Document).Replace("${env:OPENAI_API_KEY}", Secret, StringComparison.Ordinal).Replace("${env:TEST_PROJECT_WEBHOOK_SECRET}", "another-webhook-secret", StringComparison.Ordinal).Replace("https://ops.example/…", "https://ops.example/budget", StringComparison.Ordinal);
        File.WriteAllText(Document, yaml);
        await using var other = await RunningEdge.StartAsync([RunningEdge.LoopbackIsOpen]);

        var (code, output, errors) = await RunAsync(other, "apply", Document);

        Assert.Equal((0, ""), (code, errors));
        Assert.Contains("+ project 'test-project'", output, StringComparison.Ordinal);
        Assert.Contains("+ agent 'helper'", output, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, output, StringComparison.Ordinal);
        var key = System.Text.RegularExpressions.Regex.Match(output, "Key 'backend' of test-project .shown once.: (csk_[0-9a-f]+)").Groups[1].Value;
        using var answer = await other.SendAsync(key, HttpMethod.Get, "/v1/models");
        Assert.Equal(200, (int)answer.StatusCode);
        Assert.Equal(WithoutIds(await ExportAsync(_edge)), WithoutIds(await ExportAsync(other)));

        // Ids of the file are not those that it has here; it is known again all the same.
        Assert.EndsWith("Nothing to do.", (await RunAsync(other, "apply", Document)).Output, StringComparison.Ordinal);
        Assert.True((bool)(await other.SendAdminAsync(HttpMethod.Get, "/api/audit/verify"))["valid"]!);
    }

    [Fact]
    public async Task The_difference_is_printed_first_and_a_plan_does_nothing()
    {
        File.WriteAllText(Document, """
            version: 1
            projects:
              - slug: test-project
                name: Renamed
                rate_limits:
                  requests_per_minute: 120
                provider_keys:
                  - provider: openai
                    apiKey: ${env:CENCORI_TEST_APPLY_KEY}
                prompts:
                  - name: greeting
                    content: Hello {{name}}
            """);
        var before = await ExportAsync(_edge);
        Environment.SetEnvironmentVariable("CENCORI_TEST_APPLY_KEY", Secret);

        var (code, output, errors) = await RunAsync("apply", Document, "--plan");

        Assert.Equal((0, ""), (code, errors));
        Assert.Equal("""
            test-project
              ~ project: name: "test project" -> "Renamed"
              ~ project: rate_limits.requests_per_minute: null -> 120
              ~ credential of 'openai' (production): apiKey: "(secret)" -> "(secret)"
              + prompt 'greeting'
            Nothing has been done: this is the plan.
            """, output);
        Assert.Equal(before, await ExportAsync(_edge));

        Assert.EndsWith("Applied.", (await RunAsync("apply", Document)).Output, StringComparison.Ordinal);
        var limits = await _edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{_project}/rate-limits");
        Assert.Equal(120, (int)limits["requests_per_minute"]!);
        Assert.Equal("Nothing to do.", (await RunAsync("apply", Document)).Output);

        // A variable that is not set changes no secret.
        Environment.SetEnvironmentVariable("CENCORI_TEST_APPLY_KEY", null);
        Assert.Contains("apiKey stays as it is: CENCORI_TEST_APPLY_KEY is not set", (await RunAsync("apply", Document)).Output, StringComparison.Ordinal);
        var actions = (await _edge.SendAdminAsync(HttpMethod.Get, "/api/audit?limit=20")).ToJsonString();
        Assert.Contains("prompt.created", actions, StringComparison.Ordinal);
        Assert.Contains("project.changed", actions, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("projects[0].nmae", ":4:", "Unknown field 'nmae'", "    nmae: x")]
    [InlineData("projects[0].rate_limits.requests_per_minute", ":5:", "1 to", "    rate_limits:\n      requests_per_minute: -1")]
    [InlineData("projects[0].default_provider", ":4:", "no provider 'nobody'", "    default_provider: nobody")]
    [InlineData("projects[0].agents[1].config.temperature", ":9:", "temperature", "    agents:\n      - name: a\n      - name: b\n        config:\n          model: x\n          temperature: 9")]
    [InlineData("projects[0].provider_keys[0].apiKey", ":6:", "Set NOT_SET where apply runs", "    provider_keys:\n      - provider: groq\n        apiKey: ${env:NOT_SET}")]
    [InlineData("projects[0].api_keys[0].allowed_domains", "", "publishable", "    api_keys:\n      - name: page\n        key_type: publishable\n        environment: test")]
    [InlineData("projects[0].prices[0].provider", ":5:", "no provider", "    prices:\n      - provider: nobody\n        model: x\n        input: 1\n        output: 1")]
    public async Task What_is_wrong_is_named_by_line_and_path_and_nothing_is_done(string path, string line, string told, string yaml)
    {
        var before = await ExportAsync(_edge);
        File.WriteAllText(Document, $"version: 1\nprojects:\n  - slug: test-project\n{yaml}\n".Replace("\n    nmae", "\n    nmae", StringComparison.Ordinal));

        var (code, output, errors) = await RunAsync("apply", Document);

        Assert.Equal((1, ""), (code, output));
        Assert.DoesNotContain('\n', errors);
        Assert.Contains(path, errors, StringComparison.Ordinal);
        Assert.Contains(line, errors, StringComparison.Ordinal);
        Assert.Contains(told, errors, StringComparison.Ordinal);
        Assert.Equal(before, await ExportAsync(_edge));
    }

    [Fact]
    public async Task A_mistake_in_the_last_project_stops_all_of_them()
    {
        var before = await ExportAsync(_edge);
        File.WriteAllText(Document, "version: 1\nprojects:\n  - slug: one\n  - slug: two\n    agents:\n      - name: ''\n");

        var (code, _, errors) = await RunAsync("apply", Document);

        Assert.Equal(1, code);
        Assert.Contains("projects[1].agents[0].name", errors, StringComparison.Ordinal);
        Assert.Equal(before, await ExportAsync(_edge));
    }

    [Fact]
    public async Task A_stored_credential_goes_to_no_other_address()
    {
        File.WriteAllText(Document, """
            version: 1
            projects:
              - slug: test-project
                provider_keys:
                  - provider: openai
                    apiKey: ${env:CENCORI_NOT_SET}
                    baseUrl: https://elsewhere.example/v1
            """);
        var before = await ExportAsync(_edge);

        var (code, _, errors) = await RunAsync("apply", Document);

        Assert.Equal(1, code);
        Assert.Contains(":6: projects[0].provider_keys[0].apiKey: ", errors, StringComparison.Ordinal);
        Assert.Contains("needs the key again", errors, StringComparison.Ordinal);
        Assert.Equal(before, await ExportAsync(_edge));

        File.WriteAllText(Document, File.ReadAllText(Document).Replace("${env:CENCORI_NOT_SET}", RunningEdge.ProviderKey, StringComparison.Ordinal));
        Assert.Equal(0, (await RunAsync("apply", Document)).Code);
        Assert.Contains("https://elsewhere.example/v1", await ExportAsync(_edge), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_is_over_is_neither_made_anew_nor_in_the_way()
    {
        var made = await KeyAsync("leaked");
        File.WriteAllText(Document, $"version: 1\nprojects:\n  - slug: test-project\n    api_keys:\n      - {{id: {made}, name: leaked, key_type: secret, environment: test, expires_at: '2020-01-01T00:00:00Z'}}\n      - {{name: leaked, key_type: secret, environment: test}}\n");
        await _edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{_project}/api-keys/{made}", new { revoked = true });
        var other = await KeyAsync("leaked");

        var (code, output, errors) = await RunAsync("apply", Document);

        Assert.Equal((0, ""), (code, errors));
        Assert.Contains("api_keys[0]: key 'leaked' is revoked and stays so.", output, StringComparison.Ordinal);
        Assert.EndsWith("Nothing to do.", output, StringComparison.Ordinal);
        await _edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{_project}/api-keys/{other}", new { revoked = true });
        Assert.EndsWith("Nothing to do.", (await RunAsync("apply", Document)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_the_environment_only_secrets_are_taken()
    {
        const string Text = "${env:CENCORI_TEST_ELSEWHERE}";
        File.WriteAllText(Document, $"version: 1\nprojects:\n  - slug: test-project\n    name: {Text}\n    model_aliases: {{apiKey: '{Text}'}}\n");
        Environment.SetEnvironmentVariable("CENCORI_TEST_ELSEWHERE", Secret);

        Assert.Equal(0, (await RunAsync("apply", Document)).Code);

        Environment.SetEnvironmentVariable("CENCORI_TEST_ELSEWHERE", null);
        Assert.DoesNotContain(Secret, await ExportAsync(_edge), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_webhook_stays_by_its_origin_and_another_one_is_written_whole()
    {
        await FillAsync();
        async Task<string> UrlAsync() => (string)(await _edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{_project}/budget"))["webhook_url"]!;
        async Task<(int Code, string Output, string Errors)> ApplyAsync(string url, int amount)
        {
            File.WriteAllText(Document, $"version: 1\nprojects:\n  - slug: test-project\n    budget: {{monthly_budget_usd: {amount}, webhook_url: '{url}'}}\n");
            return await RunAsync("apply", Document);
        }

        Assert.Equal(0, (await ApplyAsync("https://ops.example/…", 20)).Code);
        Assert.Equal("https://ops.example/budget", await UrlAsync());
        Assert.EndsWith("Nothing to do.", (await ApplyAsync("https://ops.example/budget", 20)).Output, StringComparison.Ordinal);
        Assert.Contains("only the beginning", (await ApplyAsync("https://other.example/…", 20)).Errors, StringComparison.Ordinal);
        var changed = await ApplyAsync("https://ops.example/T1/path", 20);
        Assert.DoesNotContain("T1", changed.Output, StringComparison.Ordinal);
        Assert.Equal("https://ops.example/T1/path", await UrlAsync());
    }

    [Fact]
    public async Task Several_projects_are_made_at_once_and_all_keys_told()
    {
        File.WriteAllText(Document, """
            version: 1
            projects:
              - slug: one
                agents: [{name: a, config: {model: x}}]
                api_keys: [{name: first, key_type: secret, environment: test}]
              - slug: two
                api_keys: [{name: second, key_type: secret, environment: test}]
            """);

        var (code, output, errors) = await RunAsync("apply", Document);

        Assert.Equal((0, ""), (code, errors));
        Assert.Contains("Key 'first' of one (shown once): csk_", output, StringComparison.Ordinal);
        Assert.Contains("Key 'second' of two (shown once): csk_", output, StringComparison.Ordinal);
        Assert.True((bool)(await _edge.SendAdminAsync(HttpMethod.Get, "/api/audit/verify"))["valid"]!);
    }

    [Theory]
    [InlineData("""{"version":1,"projects":[{"slug":"one","name":"\ud800"}]}""")]
    [InlineData("""{"version":1,"projects":[{"slug":"one","\ud800":"x"}]}""")]
    [InlineData("version: 1\nprojects:\n  - slug: one\n    name: \"\\uD800\"\n")]
    public async Task Half_of_a_character_is_refused(string text)
    {
        using var answer = await _edge.Admin.PostAsync("/api/apply", new StringContent(text, System.Text.Encoding.UTF8, "application/yaml"));
        Assert.Equal(400, (int)answer.StatusCode);
    }

    private async Task<string> KeyAsync(string name) =>
        (string)(await _edge.SendAdminAsync(HttpMethod.Post, $"/api/projects/{_project}/api-keys", new { name, key_type = "secret", environment = "test" }))["apiKey"]!["id"]!;

    [Theory]
    [InlineData("version: 1\nprojects: &a\n  - *a\n", "line 2: anchors")]
    [InlineData("version: 1\nversion: 1\n", "line 2: 'version' stands there twice")]
    [InlineData("version: 1\n  projects: [\n", "it is not YAML")]
    [InlineData("{\"version\":1,\n\"projects\":[}", "line 2: it is not JSON")]
    [InlineData("just text", "no YAML with 'version'")]
    [InlineData("version: 2\nprojects: []\n", "version of the document is 1")]
    public async Task What_is_no_document_is_told(string text, string told)
    {
        File.WriteAllText(Document, text);
        var (code, _, errors) = await RunAsync("apply", Document);

        Assert.Equal(1, code);
        Assert.Contains(told, errors, StringComparison.Ordinal);
        using var answer = await _edge.Admin.PostAsync("/api/apply", new StringContent(text, System.Text.Encoding.UTF8, "application/yaml"));
        Assert.Equal(400, (int)answer.StatusCode);
        Assert.Contains(told, System.Text.RegularExpressions.Regex.Unescape(await answer.Content.ReadAsStringAsync()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "", "application/yaml")]
    [InlineData("", "*/*", "application/yaml")]
    [InlineData("", "application/json", "application/json")]
    [InlineData("", "application/json, application/yaml;q=0.5", "application/json")]
    [InlineData("", "application/yaml, application/json;q=0.5", "application/yaml")]
    [InlineData("?format=json", "application/yaml", "application/json")]
    [InlineData("?format=yaml", "application/json", "application/yaml")]
    public async Task The_export_is_what_was_asked_for(string query, string accept, string type)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/export{query}");
        if (accept.Length > 0)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }

        using var answer = await _edge.Admin.SendAsync(request);
        Assert.Equal((200, type), ((int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
    }

    [Theory]
    [InlineData("GET", "/api/export")]
    [InlineData("POST", "/api/apply")]
    [InlineData("GET", "/api/openapi.json")]
    public async Task Nobody_else_is_let_to_it(string method, string path)
    {
        using var answer = await _edge.SendAsync(await _edge.CreateKeyAsync(_project), new HttpMethod(method), path);
        Assert.Equal(403, (int)answer.StatusCode);
        using var anonymous = await _edge.SendAsync(null, new HttpMethod(method), path);
        Assert.Equal(401, (int)anonymous.StatusCode);
    }

    [Fact]
    public void Any_document_in_YAML_is_read_as_it_was_written()
    {
        var text = Gen.OneOf(Gen.String, Gen.OneOfConst("", "true", "null", "~", "1", "-0.5", "1e3", "a: b", "- x", "# x", "a\nb\n", "line\n\n  indented\n", " x ", "${env:A}", "é\u2028\u0085", "\"'", "yes", "{", "0x1f", "2026-01-01"));
        var scalar = Gen.OneOf(text.Where(IsWhole).Select(value => (JsonNode?)JsonValue.Create(value)), Gen.Long.Select(value => (JsonNode?)JsonValue.Create(value)), Gen.Bool.Select(value => (JsonNode?)JsonValue.Create(value)), Gen.Const((JsonNode?)null));
        var list = scalar.Array[0, 4].Select(items => (JsonNode?)new JsonArray([.. items.Select(item => item?.DeepClone())]));
        var members = Gen.Dictionary(text.Where(name => IsWhole(name) && name.Length < 900), Gen.OneOf(scalar, list))[0, 5].Select(pairs => new JsonObject(pairs.Select(pair => KeyValuePair.Create(pair.Key, pair.Value?.DeepClone()))));
        members.Sample(document => Assert.Equal(document.ToJsonString(), Cencori.Edge.Admin.AsCode.Document.Parse("#\n" + YamlWriter.Write(document)).Root.ToJsonString()), iter: 2_000);

        static bool IsWhole(string text) => System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(text)) == text;
    }

    private async Task FillAsync()
    {
        await _edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{_project}", new { default_model = "gpt-4o", default_provider = "openai", model_aliases = new { fast = "gpt-4o-mini" } });
        await _edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{_project}/budget", new
        {
            monthly_budget_usd = 12.50m, enforce = false, alerts = new[] { 100, 50 }, webhook_url = "https://ops.example/budget", webhook_secret = "a-webhook-secret-of-ours",
        });
        await _edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{_project}/prices", new { prices = new[] { new { provider = "openai", model = "gpt-4o", input = 2.50, output = 10 } } });
        await _edge.SendAdminAsync(HttpMethod.Post, $"/api/projects/{_project}/prompts", new { name = "greeting", description = "says hello", content = "Hello {{name}}\nand: good # day\n" });
        var agent = await _edge.CreateAgentAsync(_project, new { model = "gpt-4o", system_prompt = "Be brief.\nBe kind.", temperature = 0.25, tools = new[] { "search" } });
        await _edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{_project}/agents/{agent}", new { name = "helper" });
        await _edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{_project}/agents/{agent}/budget", new { monthly_budget_usd = 3 });
        await _edge.CreateKeyAsync(_project, "agent", more: new { agent_id = agent });
        await _edge.CreateKeyAsync(_project, "publishable", "test", new { allowed_domains = new[] { "Exämple.com" } });
        await _edge.SendAdminAsync(HttpMethod.Post, $"/api/projects/{_project}/api-keys", new { name = "backend", key_type = "secret", environment = "production", allowed_models = new[] { "gpt-*" }, expires_at = "2099-01-01T00:00:00+01:00" });
        var gone = await _edge.SendAdminAsync(HttpMethod.Post, $"/api/projects/{_project}/api-keys", new { name = "gone", key_type = "secret", environment = "test" });
        await _edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{_project}/api-keys/{(string)gone["apiKey"]!["id"]!}", new { revoked = true });
    }

    private static async Task<string> ExportAsync(RunningEdge edge) => (await edge.SendAdminAsync(HttpMethod.Get, "/api/export?format=json"))["projects"]!.AsArray()
        .Single(project => (string)project!["slug"]! != "default")!.ToJsonString();

    private static string WithoutIds(string document) => System.Text.RegularExpressions.Regex.Replace(document, "\"(key|agt|pmt|agent|agn)_[0-9a-f]+\"", "\"id\"");

    private async Task<int> AuditRowsAsync() => (await _edge.SendAdminAsync(HttpMethod.Get, "/api/audit?limit=200"))["entries"]!.AsArray().Count;

    private Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments) => RunAsync(_edge, arguments);

    private static async Task<(int Code, string Output, string Errors)> RunAsync(RunningEdge edge, params string[] arguments)
    {
        var run = await ProgramRun.ToEndAsync([.. arguments, $"--server={edge.Address}", $"--Admin:Token={RunningEdge.AdminToken}"]);
        Assert.DoesNotContain(RunningEdge.AdminToken, run.Output + run.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, run.Output + run.Errors, StringComparison.Ordinal);
        return run;
    }
}
