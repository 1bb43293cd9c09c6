using System.Text.Json.Nodes;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Commands;

/// <summary>The configuration as a document: <c>export</c>, <c>apply</c>, and their endpoints.</summary>
public sealed class ConfigurationTests : ConfigurationScene
{
    [Theory]
    [InlineData("yaml")]
    [InlineData("json")]
    public async Task An_applied_export_changes_nothing_and_contains_no_secret(string format)
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

        // The export is in the audit log, and nothing else happened.
        Assert.Equal(rows + 1, await AuditRowsAsync());
    }

    [Fact]
    public async Task An_export_of_one_edge_recreates_its_configuration_at_another()
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
        using var response = await other.SendAsync(key, HttpMethod.Get, "/v1/models");
        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal(WithoutIds(await ExportAsync(Edge)), WithoutIds(await ExportAsync(other)));

        // The ids in the file differ from the other edge's ids, but apply still recognises the objects.
        Assert.EndsWith("Nothing to do.", (await RunAsync(other, "apply", Document)).Output, StringComparison.Ordinal);
        Assert.True((bool)(await other.SendAdminAsync(HttpMethod.Get, "/api/audit/verify"))["valid"]!);
    }

    [Fact]
    public async Task The_difference_is_printed_first_and_a_plan_changes_nothing()
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
        var before = await ExportAsync(Edge);
        Environment.SetEnvironmentVariable("CENCORI_TEST_APPLY_KEY", Secret);

        var (code, output, errors) = await RunAsync("apply", Document, "--plan");

        Assert.Equal((0, ""), (code, errors));
        Assert.Equal("""
            test-project
              ~ project: name: "test project" -> "Renamed"
              ~ project: rate_limits.requests_per_minute: null -> 120
              ~ credential of 'openai' (production): apiKey: "(secret)" -> "(secret)"
              + prompt 'greeting'
            Nothing was changed: this is only the plan.
            """, output);
        Assert.Equal(before, await ExportAsync(Edge));

        Assert.EndsWith("Applied.", (await RunAsync("apply", Document)).Output, StringComparison.Ordinal);
        var limits = await Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{Project}/rate-limits");
        Assert.Equal(120, (int)limits["requests_per_minute"]!);
        Assert.Equal("Nothing to do.", (await RunAsync("apply", Document)).Output);

        // An environment variable that is not set changes no secret.
        Environment.SetEnvironmentVariable("CENCORI_TEST_APPLY_KEY", null);
        Assert.Contains("apiKey is not changed: CENCORI_TEST_APPLY_KEY is not set", (await RunAsync("apply", Document)).Output, StringComparison.Ordinal);
        var actions = (await Edge.SendAdminAsync(HttpMethod.Get, "/api/audit?limit=20")).ToJsonString();
        Assert.Contains("prompt.created", actions, StringComparison.Ordinal);
        Assert.Contains("project.changed", actions, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_revoked_or_expired_key_is_not_recreated_and_causes_no_conflict()
    {
        var created = await KeyAsync("leaked");
        File.WriteAllText(Document, $"version: 1\nprojects:\n  - slug: test-project\n    api_keys:\n      - {{id: {created}, name: leaked, key_type: secret, environment: test, expires_at: '2020-01-01T00:00:00Z'}}\n      - {{name: leaked, key_type: secret, environment: test}}\n");
        await Edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{Project}/api-keys/{created}", new { revoked = true });
        var other = await KeyAsync("leaked");

        var (code, output, errors) = await RunAsync("apply", Document);

        Assert.Equal((0, ""), (code, errors));
        Assert.Contains("api_keys[0]: key 'leaked' is revoked. A document cannot make this key work again.", output, StringComparison.Ordinal);
        Assert.EndsWith("Nothing to do.", output, StringComparison.Ordinal);
        await Edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{Project}/api-keys/{other}", new { revoked = true });
        Assert.EndsWith("Nothing to do.", (await RunAsync("apply", Document)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_secrets_are_read_from_the_environment()
    {
        const string Text = "${env:CENCORI_TEST_ELSEWHERE}";
        File.WriteAllText(Document, $"version: 1\nprojects:\n  - slug: test-project\n    name: {Text}\n    model_aliases: {{apiKey: '{Text}'}}\n");
        Environment.SetEnvironmentVariable("CENCORI_TEST_ELSEWHERE", Secret);

        Assert.Equal(0, (await RunAsync("apply", Document)).Code);

        Environment.SetEnvironmentVariable("CENCORI_TEST_ELSEWHERE", null);
        Assert.DoesNotContain(Secret, await ExportAsync(Edge), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_webhook_with_the_same_origin_stays_and_a_new_one_needs_its_full_URL()
    {
        await FillAsync();
        async Task<string> UrlAsync() => (string)(await Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{Project}/budget"))["webhook_url"]!;
        async Task<(int Code, string Output, string Errors)> ApplyAsync(string url, int amount, string more = "")
        {
            File.WriteAllText(Document, $"version: 1\nprojects:\n  - slug: test-project\n    budget: {{monthly_budget_usd: {amount}, webhook_url: '{url}'{more}}}\n");
            return await RunAsync("apply", Document);
        }

        Assert.Equal(0, (await ApplyAsync("https://ops.example/…", 20)).Code);
        Assert.Equal("https://ops.example/budget", await UrlAsync());
        Assert.EndsWith("Nothing to do.", (await ApplyAsync("https://ops.example/budget", 20)).Output, StringComparison.Ordinal);
        Assert.Contains("only the beginning", (await ApplyAsync("https://other.example/…", 20)).Errors, StringComparison.Ordinal);
        var changed = await ApplyAsync("https://ops.example/T1/path", 20);
        Assert.DoesNotContain("T1", changed.Output, StringComparison.Ordinal);
        Assert.Equal("https://ops.example/T1/path", await UrlAsync());

        // Another server needs the secret again, also if it is the stored one.
        Assert.Contains("webhook_secret", (await ApplyAsync("https://other.example/budget", 20)).Errors, StringComparison.Ordinal);
        Assert.Equal("https://ops.example/T1/path", await UrlAsync());
        Assert.Equal(0, (await ApplyAsync("https://other.example/budget", 20, ", webhook_secret: a-webhook-secret-of-ours")).Code);
        Assert.Equal("https://other.example/budget", await UrlAsync());
    }

    [Fact]
    public async Task Members_of_an_agent_that_are_null_change_nothing()
    {
        await FillAsync();
        File.WriteAllText(Document, "version: 1\nprojects:\n  - slug: test-project\n    agents:\n      - name: helper\n        config:\n        is_active:\n        shadow_mode: null\n");

        Assert.EndsWith("Nothing to do.", (await RunAsync("apply", Document)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_form_of_a_stored_value_is_no_change()
    {
        File.WriteAllText(Document, """
            version: 1
            projects:
              - slug: test-project
                model_aliases:
                rate_limits: {requests_per_minute: 100, burst: null}
                budget: {monthly_budget_usd: 5, alerts: null}
                agents:
                  - name: plain
                    description: ""
                    rate_limits: {requests_per_minute: 7, burst: null, tokens_per_minute: null, concurrent_requests: null}
                    config: {system_prompt: "", tools: [a, a], memory: {namespace: notes}}
                api_keys:
                  - {name: backend, key_type: secret, environment: test, allowed_domains: null}
            """);
        var (code, _, errors) = await RunAsync("apply", Document);
        Assert.Equal((0, ""), (code, errors));
        var rows = await AuditRowsAsync();

        Assert.Equal("Nothing to do.", (await RunAsync("apply", Document)).Output);
        Assert.Equal(rows, await AuditRowsAsync());
    }

    [Fact]
    public async Task Several_projects_are_created_at_once_and_all_keys_printed()
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
        Assert.True((bool)(await Edge.SendAdminAsync(HttpMethod.Get, "/api/audit/verify"))["valid"]!);
    }

    [Theory]
    [InlineData("", "", "application/yaml")]
    [InlineData("", "*/*", "application/yaml")]
    [InlineData("", "application/json", "application/json")]
    [InlineData("", "application/json, application/yaml;q=0.5", "application/json")]
    [InlineData("", "application/yaml, application/json;q=0.5", "application/yaml")]
    [InlineData("?format=json", "application/yaml", "application/json")]
    [InlineData("?format=yaml", "application/json", "application/yaml")]
    public async Task The_export_has_the_requested_format(string query, string accept, string type)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/export{query}");
        if (accept.Length > 0)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }

        using var response = await Edge.Admin.SendAsync(request);
        Assert.Equal((200, type), ((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType));
    }

    private static string WithoutIds(string document)
    {
        var project = JsonNode.Parse(System.Text.RegularExpressions.Regex.Replace(document, "\"(key|agt|pmt|agent|agn)_[0-9a-f]+\"", "\"id\""))!;

        // Keys created within one millisecond are ordered by their ids.
        project["api_keys"] = new JsonArray([.. project["api_keys"]!.AsArray().Select(key => key!.DeepClone()).OrderBy(key => key.ToJsonString(), StringComparer.Ordinal)]);
        return project.ToJsonString();
    }
}
