using System.Net;
using System.Text.RegularExpressions;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Dashboard.Projects;

/// <summary>Setup snippets for coding tools on a new key's page, followed as written.</summary>
public sealed partial class CodingSnippetsTests(RespondingEdge scripted) : IClassFixture<RespondingEdge>
{
    [Fact]
    public async Task Coding_tools_work_with_their_snippets_and_have_none_without_a_matching_provider()
    {
        var project = await scripted.Edge.CreateProjectAsync();
        await scripted.Edge.StoreProviderKeyAsync(project, "anthropic", baseUrl: new Uri(scripted.Provider.Address, "/v1").ToString());
        using var client = await NewKeyAsync(project, ("name", "for a coder"));
        var key = client.Document.QuerySelector("#full-key")!.GetAttribute("value");
        var sample = Sample(client, "Claude Code");
        var variables = Export().Matches(sample).ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value);
        Assert.Equal((scripted.Edge.Address.ToString().TrimEnd('/'), key), (variables["ANTHROPIC_BASE_URL"], variables["ANTHROPIC_AUTH_TOKEN"]));
        using var message = await scripted.Edge.PostAsync(variables["ANTHROPIC_AUTH_TOKEN"], variables["ANTHROPIC_BASE_URL"] + "/v1/messages", """{"model":"claude-sonnet-4-5","max_tokens":9,"messages":[{"role":"user","content":"Hi"}]}""");
        Assert.Equal(HttpStatusCode.OK, message.StatusCode);
        Assert.Equal("/v1/messages", scripted.Provider.Requests[^1].Target);

        using var openai = await NewKeyAsync(scripted.ProjectId, ("name", "for another coder"));
        sample = Sample(openai, "Codex");
        var settings = Setting().Matches(sample).ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value);
        Assert.Equal(("responses", "CENCORI_API_KEY"), (settings["wire_api"], settings["env_key"]));
        using var response = await scripted.Edge.PostAsync(Export().Match(sample).Groups[2].Value, settings["base_url"] + "/responses", $$"""{"model":"{{settings["model"]}}","input":"Hi"}""");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("/v1/responses", scripted.Provider.Requests[^1].Target);

        foreach (var values in ((string, string)[][])[[("environment", "test")], [("allowed_models", "gemini-2.5-pro")], [("key_type", "publishable"), ("allowed_domains", "example.com")]])
        {
            using var without = await NewKeyAsync(scripted.ProjectId, [("name", "no coder's"), .. values]);
            Assert.DoesNotContain("Codex", without.Text);
            Assert.DoesNotContain("Claude Code", without.Text);
        }
    }

    private async Task<PageClient> NewKeyAsync(string project, params (string, string)[] values)
    {
        var path = $"/dashboard/p/{(string)(await scripted.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}"))["project"]!["slug"]!}/keys";
        var client = await PageClient.SignedInAsync(scripted.Edge);
        await client.GetAsync(path + "/new");
        await client.SubmitAsync(path, values);
        return client;
    }

    private static string Sample(PageClient client, string name) =>
        client.Document.QuerySelectorAll(".samples details").Single(sample => sample.QuerySelector("summary")!.TextContent == name).QuerySelector("pre")!.TextContent;

    [GeneratedRegex("export ([A-Z_]+)=\"([^\"]*)\"")]
    private static partial Regex Export();

    [GeneratedRegex("^([a-z_]+) = \"([^\"]*)\"", RegexOptions.Multiline)]
    private static partial Regex Setting();
}
