using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Commands;

/// <summary>Documents that are refused, and callers who may not apply any.</summary>
public sealed class ConfigurationFaultTests : ConfigurationScene
{
    [Theory]
    [InlineData("projects[0].nmae", ":4:", "Unknown field 'nmae'", "    nmae: x")]
    [InlineData("projects[0].rate_limits.requests_per_minute", ":5:", "1 to", "    rate_limits:\n      requests_per_minute: -1")]
    [InlineData("projects[0].default_provider", ":4:", "no provider 'nobody'", "    default_provider: nobody")]
    [InlineData("projects[0].agents[1].config.temperature", ":9:", "temperature", "    agents:\n      - name: a\n      - name: b\n        config:\n          model: x\n          temperature: 9")]
    [InlineData("projects[0].provider_keys[0].apiKey", ":6:", "Set NOT_SET in the environment of the apply command", "    provider_keys:\n      - provider: groq\n        apiKey: ${env:NOT_SET}")]
    [InlineData("projects[0].api_keys[0].allowed_domains", "", "publishable", "    api_keys:\n      - name: page\n        key_type: publishable\n        environment: test")]
    [InlineData("projects[0].policies", ":4:", "object", "    policies: []")]
    [InlineData("projects[0].policies", ":4:", "object", "    policies: none")]
    [InlineData("projects[0].prices[0].provider", ":5:", "no provider", "    prices:\n      - provider: nobody\n        model: x\n        input: 1\n        output: 1")]
    public async Task A_fault_is_reported_with_line_and_path_and_nothing_is_applied(string path, string line, string reported, string yaml)
    {
        var before = await ExportAsync(Edge);
        File.WriteAllText(Document, $"version: 1\nprojects:\n  - slug: test-project\n{yaml}\n".Replace("\n    nmae", "\n    nmae", StringComparison.Ordinal));

        var (code, output, errors) = await RunAsync("apply", Document);

        Assert.Equal((1, ""), (code, output));
        Assert.DoesNotContain('\n', errors);
        Assert.Contains(path, errors, StringComparison.Ordinal);
        Assert.Contains(line, errors, StringComparison.Ordinal);
        Assert.Contains(reported, errors, StringComparison.Ordinal);
        Assert.Equal(before, await ExportAsync(Edge));
    }

    [Fact]
    public async Task A_document_revokes_no_key()
    {
        await Edge.SendAdminAsync(HttpMethod.Post, $"/api/projects/{Project}/api-keys", new { name = "backend", key_type = "secret", environment = "test" });
        var before = await ExportAsync(Edge);
        File.WriteAllText(Document, "version: 1\nprojects:\n  - slug: test-project\n    api_keys:\n      - name: backend\n        key_type: secret\n        environment: test\n        revoked: true\n");

        var (code, _, errors) = await RunAsync("apply", Document);

        Assert.Equal(1, code);
        Assert.Contains("projects[0].api_keys[0].revoked", errors, StringComparison.Ordinal);
        Assert.Equal(before, await ExportAsync(Edge));
    }

    [Fact]
    public async Task A_fault_in_the_last_project_stops_all_projects()
    {
        var before = await ExportAsync(Edge);
        File.WriteAllText(Document, "version: 1\nprojects:\n  - slug: one\n  - slug: two\n    agents:\n      - name: ''\n");

        var (code, _, errors) = await RunAsync("apply", Document);

        Assert.Equal(1, code);
        Assert.Contains("projects[1].agents[0].name", errors, StringComparison.Ordinal);
        Assert.Equal(before, await ExportAsync(Edge));
    }

    [Fact]
    public async Task A_stored_credential_is_never_sent_to_another_address()
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
        var before = await ExportAsync(Edge);

        var (code, _, errors) = await RunAsync("apply", Document);

        Assert.Equal(1, code);
        Assert.Contains(":6: projects[0].provider_keys[0].apiKey: ", errors, StringComparison.Ordinal);
        Assert.Contains("send the provider's key again", errors, StringComparison.Ordinal);
        Assert.Equal(before, await ExportAsync(Edge));

        File.WriteAllText(Document, File.ReadAllText(Document).Replace("${env:CENCORI_NOT_SET}", RunningEdge.ProviderKey, StringComparison.Ordinal));
        Assert.Equal(0, (await RunAsync("apply", Document)).Code);
        Assert.Contains("https://elsewhere.example/v1", await ExportAsync(Edge), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"version":1,"projects":[{"slug":"one","name":"\ud800"}]}""")]
    [InlineData("""{"version":1,"projects":[{"slug":"one","\ud800":"x"}]}""")]
    [InlineData("version: 1\nprojects:\n  - slug: one\n    name: \"\\uD800\"\n")]
    public async Task Half_a_surrogate_pair_is_refused(string text)
    {
        using var response = await Edge.Admin.PostAsync("/api/apply", new StringContent(text, System.Text.Encoding.UTF8, "application/yaml"));
        Assert.Equal(400, (int)response.StatusCode);
    }

    [Theory]
    [InlineData("version: 1\nprojects: &a\n  - *a\n", "line 2: anchors")]
    [InlineData("version: 1\nversion: 1\n", "line 2: 'version' appears twice")]
    [InlineData("version: 1\n  projects: [\n", "it is not YAML")]
    [InlineData("{\"version\":1,\n\"projects\":[}", "line 2: the text must be JSON")]
    [InlineData("", "The text is empty.")]
    [InlineData("# nothing\n", "The text is empty.")]
    [InlineData("just text", "not YAML with 'version'")]
    [InlineData("version: 2\nprojects: []\n", "version of the document must be 1")]
    public async Task An_invalid_document_is_reported(string text, string reported)
    {
        File.WriteAllText(Document, text);
        var (code, _, errors) = await RunAsync("apply", Document);

        Assert.Equal(1, code);
        Assert.Contains(reported, errors, StringComparison.Ordinal);
        using var response = await Edge.Admin.PostAsync("/api/apply", new StringContent(text, System.Text.Encoding.UTF8, "application/yaml"));
        Assert.Equal(400, (int)response.StatusCode);
        Assert.Contains(reported, System.Text.RegularExpressions.Regex.Unescape(await response.Content.ReadAsStringAsync()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "/api/export")]
    [InlineData("POST", "/api/apply")]
    [InlineData("GET", "/api/openapi.json")]
    public async Task Only_the_admin_token_may_use_it(string method, string path)
    {
        using var response = await Edge.SendAsync(await Edge.CreateKeyAsync(Project), new HttpMethod(method), path);
        Assert.Equal(403, (int)response.StatusCode);
        using var anonymous = await Edge.SendAsync(null, new HttpMethod(method), path);
        Assert.Equal(401, (int)anonymous.StatusCode);
    }
}
