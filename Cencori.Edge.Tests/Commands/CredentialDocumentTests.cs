using System.Text.Json.Nodes;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Commands;

/// <summary>Several credentials of one provider in a document.</summary>
public sealed class CredentialDocumentTests : ConfigurationScene
{
    [Fact]
    public async Task A_document_without_credential_names_changes_only_the_default_credential()
    {
        await StoreAsync(new { provider = "openai", apiKey = Secret, name = "backup", rank = 1 });
        await WriteAsync("      - provider: openai\n        apiKey: ${env:NOT_SET_ANYWHERE}\n");

        var (code, output, errors) = await RunAsync("apply", Document);

        Assert.Equal((0, ""), (code, errors));
        Assert.EndsWith("Nothing to do.", output, StringComparison.Ordinal);
        Assert.Equal(2, (await ListAsync()).Count);
    }

    [Fact]
    public async Task Credentials_are_added_and_changed_by_their_names()
    {
        await WriteAsync($"      - provider: openai\n        weight: 3\n      - {{provider: openai, name: backup, apiKey: {Secret}, rank: 2, models: ['gpt-*'], enabled: false}}\n");

        Assert.Equal("""
            test-project
              ~ credential of 'openai' (production): weight: 1 -> 3
              + credential of 'openai' (production, 'backup')
            Applied.
            """, (await RunAsync("apply", Document)).Output);
        var stored = await ListAsync();
        Assert.Equal(("default", 3, "...mnop"), ((string)stored[0]!["name"]!, (int)stored[0]!["weight"]!, (string)stored[0]!["keyHint"]!));
        Assert.Equal(("backup", 2, """["gpt-*"]""", false), ((string)stored[1]!["name"]!, (int)stored[1]!["rank"]!, stored[1]!["models"]!.ToJsonString(), (bool)stored[1]!["enabled"]!));
        Assert.Equal("Nothing to do.", (await RunAsync("apply", Document)).Output);

        // The secret of a named credential changes together with its other settings.
        await WriteAsync($"      - {{provider: openai, name: backup, apiKey: {Secret}-new, models: null, enabled: true, weight: null}}\n");
        Assert.Equal("""
            test-project
              ~ credential of 'openai' (production, 'backup'): apiKey: "(secret)" -> "(secret)"
              ~ credential of 'openai' (production, 'backup'): models: ["gpt-*"] -> null
              ~ credential of 'openai' (production, 'backup'): enabled: false -> true
            Applied.
            """, (await RunAsync("apply", Document)).Output);
        var snapshot = await Edge.Services.GetRequiredService<ProjectCache>().GetAsync(Project);
        Assert.Equal([RunningEdge.ProviderKey, Secret + "-new"], snapshot!.CredentialsOf("openai", KeyEnvironment.Production).Select(one => one.Secret));
    }

    [Fact]
    public async Task Limits_are_applied_once_and_exported()
    {
        await WriteAsync("      - {provider: openai, limits: {requests_per_minute: 60}}\n");
        Assert.Contains("credential of 'openai' (production): limits: null ->", (await RunAsync("apply", Document)).Output, StringComparison.Ordinal);
        Assert.Equal("Nothing to do.", (await RunAsync("apply", Document)).Output);
        File.Delete(Document);
        Assert.Equal((0, "", ""), await RunAsync("export", "--output", Document));
        Assert.EndsWith("Nothing to do.", (await RunAsync("apply", Document)).Output, StringComparison.Ordinal);
        await WriteAsync("      - {provider: openai, limits: null}\n");
        await RunAsync("apply", Document);
        Assert.Null((await ListAsync())[0]!["limits"]);
    }

    [Fact]
    public async Task An_export_has_one_secret_reference_per_credential_and_changes_nothing_when_applied()
    {
        foreach (var name in new[] { "a-b", "a_b", "test" })
        {
            await StoreAsync(new { provider = "openai", apiKey = Secret, name, weight = 5, models = new[] { "gpt-4o", "openai:o*" } });
        }

        await StoreAsync(new { provider = "openai", apiKey = Secret, environment = "test" });
        Assert.Equal((0, "", ""), await RunAsync("export", "--output", Document));

        var text = File.ReadAllText(Document);
        Assert.All(
            (string[])["OPENAI_API_KEY", "OPENAI_A_B_API_KEY", "OPENAI_A_B_2_API_KEY", "OPENAI_TEST_API_KEY", "OPENAI_TEST_2_API_KEY"],
            name => Assert.Single(System.Text.RegularExpressions.Regex.Matches(text, $"env:{name}}}")));
        Assert.EndsWith("Nothing to do.", (await RunAsync("apply", Document)).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("      - {provider: openai, name: a, apiKey: sk-1}\n      - {provider: openai, name: a, apiKey: sk-2}\n", "appears twice")]
    [InlineData("      - {provider: openai, apiKey: sk-1}\n      - {provider: openai, name: default, apiKey: sk-2}\n", "appears twice")]
    [InlineData("      - {provider: openai, weight: 5000}\n", "A weight must be 0 to 1000")]
    [InlineData("      - {provider: openai, name: other, rank: 1}\n", "1 to 4096 visible")]
    public async Task Invalid_credentials_are_refused_and_nothing_is_applied(string credentials, string message)
    {
        await WriteAsync(credentials);
        var before = await ExportAsync(Edge);

        var (code, _, errors) = await RunAsync("apply", Document);

        Assert.NotEqual(0, code);
        Assert.Contains(message, errors, StringComparison.Ordinal);
        Assert.Equal(before, await ExportAsync(Edge));
    }

    [Fact]
    public async Task A_plan_ends_no_cool_down_and_the_change_ends_it()
    {
        await using var provider = new ScriptedProvider();
        provider.Respond((_, response) => response.JsonAsync(429, """{"error":{"message":"Slow down."}}""", ("Retry-After", "120")));
        var baseUrl = new Uri(provider.Address, "/v1").AbsoluteUri;
        await StoreAsync(new { provider = "openai", apiKey = RunningEdge.ProviderKey, baseUrl });
        await StoreAsync(new { provider = "openai", apiKey = RunningEdge.ProviderKey, baseUrl, name = "backup", rank = 1 });
        using (var response = await Edge.PostAsync(await Edge.CreateKeyAsync(Project), "/v1/chat/completions", ScriptedEdge.Chat))
        {
            Assert.Equal(429, (int)response.StatusCode);
        }

        Assert.Equal(2, await CountCoolingAsync());
        await WriteAsync($"      - provider: openai\n        apiKey: {Secret}\n");

        Assert.Equal(0, (await RunAsync("apply", Document, "--plan")).Code);
        Assert.Equal(2, await CountCoolingAsync());

        Assert.Equal(0, (await RunAsync("apply", Document)).Code);
        Assert.Equal(1, await CountCoolingAsync());
    }

    private async Task<int> CountCoolingAsync() => (await Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{Project}/targets"))["targets"]!.AsArray().Count;

    private Task WriteAsync(string credentials) => File.WriteAllTextAsync(Document, $"version: 1\nprojects:\n  - slug: test-project\n    provider_keys:\n{credentials}");

    private Task StoreAsync(object body) => Edge.SendAdminAsync(HttpMethod.Post, $"/api/projects/{Project}/provider-keys", body);

    private async Task<JsonArray> ListAsync() => (await Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{Project}/provider-keys"))["providers"]!.AsArray();
}
