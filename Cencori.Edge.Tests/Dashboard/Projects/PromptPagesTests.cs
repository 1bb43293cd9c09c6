using System.Net;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Dashboard.Projects;

public sealed class PromptPagesTests(ShippedEdge shipped) : IClassFixture<ShippedEdge>
{
    private const string Hostile = "<img src=x onerror=alert(1)>\u202e";

    [Fact]
    public async Task A_prompt_is_created_versioned_compared_deployed_and_deleted()
    {
        var (project, slug) = await ProjectAsync();
        using var client = await PageClient.SignedInAsync(shipped.Edge);
        await client.GetAsync($"/dashboard/p/{slug}/prompts");
        Assert.Contains("No prompts yet", client.Text);

        await client.GetAsync($"/dashboard/p/{slug}/prompts/new");
        await client.SubmitAsync($"/dashboard/p/{slug}/prompts", ("name", "guide"), ("description", Hostile), ("content", "Hello {{name}}.\r\nBye."));
        Assert.Equal("guide", client.Title);
        Assert.Contains("X-Cencori-Prompt: guide", client.Text);
        Assert.Contains("""X-Cencori-Prompt-Vars: {"name":"…"}""", client.Text);
        var prompt = (await shipped.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/prompts"))["prompts"]![0]!;
        var path = $"/dashboard/p/{slug}/prompts/{(string)prompt["id"]!}";

        await client.SubmitAsync(path + "/versions", ("content", $"Hello {{{{name}}}}.\r\n{Hostile}\r\nBye."), ("change_message", Hostile));
        Assert.Contains("The version has been added.", client.Text);
        var added = Assert.Single(client.Document.QuerySelectorAll("tr.added"));
        Assert.Contains("<img src=x onerror=alert(1)>\\u202E", added.TextContent);
        Assert.Empty(client.Document.QuerySelectorAll("tr.removed, main img"));
        Assert.Contains("version 1 is active", client.Text);

        await client.SubmitAsync(path + "/deploy");
        Assert.Contains("version 2 is active", client.Text);
        await client.GetAsync(path + "?version=1&against=2");
        Assert.Single(client.Document.QuerySelectorAll("tr.removed"));

        await client.GetAsync(path + "?version=77&against=x");
        Assert.Equal(HttpStatusCode.OK, client.Response.StatusCode);
        Assert.Contains("so it was ignored.", client.Text);

        await client.SubmitAsync(path + "/versions", ("content", "\r\nafter an empty line"));
        Assert.Equal("\nafter an empty line", client.Document.GetElementById("content")!.TextContent);

        // The links also lead to versions after a refused form, which has another address.
        await client.SubmitAsync(path + "/versions", ("content", "{{a b}}"));
        Assert.Equal(HttpStatusCode.BadRequest, client.Response.StatusCode);
        Assert.Equal(path, client.Document.QuerySelector("form[method=get]")!.GetAttribute("action"));
        Assert.All(client.Document.QuerySelectorAll("main a[href*='version=']"), link => Assert.StartsWith(path + "?", link.GetAttribute("href"), StringComparison.Ordinal));

        await client.GetAsync(path + "/delete");
        await client.SubmitAsync(path + "/delete");
        Assert.Contains("The prompt has been deleted.", client.Text);
    }

    [Theory]
    [InlineData("name", "naïve", "The name of a prompt must have")]
    [InlineData("content", "{{a b}}", "The braces at character 1 of the content are not a valid variable")]
    public async Task An_invalid_field_shows_its_error_and_the_form_keeps_the_input(string field, string value, string problem)
    {
        var (_, slug) = await ProjectAsync();
        using var client = await PageClient.SignedInAsync(shipped.Edge);
        await client.GetAsync($"/dashboard/p/{slug}/prompts/new");
        (string, string)[] typed = [("name", "good"), ("content", "good"), ("description", "kept")];

        await client.SubmitAsync($"/dashboard/p/{slug}/prompts", [.. typed.Where(one => one.Item1 != field), (field, value)]);

        Assert.Equal(HttpStatusCode.BadRequest, client.Response.StatusCode);
        Assert.Contains(problem, client.Document.GetElementById(field + "-problem")!.TextContent);
        Assert.Equal("kept", client.Document.GetElementById("description")!.GetAttribute("value"));
    }

    private async Task<(string Id, string Slug)> ProjectAsync()
    {
        var project = (await shipped.Edge.SendAdminAsync(HttpMethod.Post, "/api/projects", new { name = $"prompts {Guid.NewGuid():N}" }))["project"]!;
        return ((string)project["id"]!, (string)project["slug"]!);
    }
}
