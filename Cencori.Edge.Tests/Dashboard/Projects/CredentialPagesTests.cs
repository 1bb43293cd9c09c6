using System.Net;
using System.Text.Json.Nodes;
using Cencori.Edge.Storage;
using Cencori.Edge.Tests.Dashboard.Sessions;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Dashboard.Projects;

/// <summary>Several credentials of one provider on the pages.</summary>
public sealed class CredentialPagesTests(CredentialPagesTests.Scene scene) : IClassFixture<CredentialPagesTests.Scene>
{
    private const string Second = "sk-second-0123456789abcdefghijkl2222";
    private const string Hostile = "\"><img src=x onerror=alert(1)>\u202e";

    [Fact]
    public async Task A_second_credential_is_added_edited_tested_replaced_and_deleted()
    {
        var (project, slug) = await ProjectAsync();
        await scene.Edge.StoreProviderKeyAsync(project, "openai");
        using var client = await PageClient.SignedInAsync(scene.Edge);
        await client.GetAsync($"/dashboard/p/{slug}/providers");
        Assert.DoesNotContain("weight 1", client.Text);

        await client.GetAsync(Link("Add another"));
        Assert.Equal("Add another credential for openai", client.Title);
        await client.SubmitAsync($"/dashboard/p/{slug}/providers/credential", ("name", "backup"), ("apiKey", Second), ("rank", "2"), ("weight", ""), ("models", "gpt-4o\ngpt-4.1*"));
        Assert.Contains("The credential has been stored.", client.Text);
        Assert.Contains("Rank 2, weight 1, only gpt-4o, gpt-4.1*", Words());

        await client.GetAsync(Link("Edit", "backup"));
        await client.SubmitAsync($"/dashboard/p/{slug}/providers/edit", ("name", "spare"), ("weight", "0"), ("enabled", "on"));
        Assert.Contains("Saved.", client.Text);
        Assert.Contains("drained", Words());
        var stored = (await ListAsync(project))[1]!;
        Assert.Equal(("spare", 0, 2, """["gpt-4o","gpt-4.1*"]""", true), ((string)stored["name"]!, (int)stored["weight"]!, (int)stored["rank"]!, stored["models"]!.ToJsonString(), (bool)stored["enabled"]!));

        await client.PostAsync($"/dashboard/p/{slug}/providers/test", ("form_token", Token()), ("id", (string)stored["id"]!));
        Assert.Contains("The credential works.", client.Text);
        Assert.Contains(scene.Provider.Requests[^1].Headers, header => header.Value == $"Bearer {Second}");

        await client.GetAsync($"/dashboard/p/{slug}/providers");
        await client.GetAsync(Link("Replace", "spare"));
        await client.SubmitAsync($"/dashboard/p/{slug}/providers/credential", ("apiKey", "sk-third-0123456789abcdefghijklm3333"));
        stored = (await ListAsync(project))[1]!;
        Assert.Equal(("...3333", "spare", 0, 2), ((string)stored["keyHint"]!, (string)stored["name"]!, (int)stored["weight"]!, (int)stored["rank"]!));

        await client.GetAsync(Link("Delete", "spare"));
        Assert.Contains("use the other credentials", client.Text);
        await client.SubmitAsync($"/dashboard/p/{slug}/providers/delete");
        Assert.Equal(["default"], (await ListAsync(project)).Select(one => (string)one!["name"]!));

        string Link(string act, string? name = null) => client.Document.QuerySelectorAll("main a[aria-label]")
            .Single(link => link.GetAttribute("aria-label")!.StartsWith(act, StringComparison.Ordinal) && (name is null || link.GetAttribute("aria-label")!.Contains(name))).GetAttribute("href")!;
        string Words() => string.Join(' ', client.Document.QuerySelector(".providers")!.TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        string Token() => client.Document.QuerySelector("input[name=form_token]")!.GetAttribute("value")!;
    }

    [Fact]
    public async Task Adding_a_credential_never_replaces_an_existing_one()
    {
        var (project, slug) = await ProjectAsync();
        await scene.Edge.StoreProviderKeyAsync(project, "openai");
        using var client = await PageClient.SignedInAsync(scene.Edge);
        await client.GetAsync($"/dashboard/p/{slug}/providers/credential?provider=openai&environment=production&another=1");
        foreach (var name in new[] { "default", "" })
        {
            await client.SubmitAsync($"/dashboard/p/{slug}/providers/credential", ("name", name), ("apiKey", Second), ("weight", "7"));
            Assert.Equal(HttpStatusCode.Conflict, client.Response.StatusCode);
            Assert.Contains("The project has a credential with this name", client.Text);
            Assert.DoesNotContain(Second, client.Html);
            Assert.Equal("7", client.Document.QuerySelector("#weight")!.GetAttribute("value"));
        }

        Assert.Equal("...mnop", (string)Assert.Single(await ListAsync(project))!["keyHint"]!);
    }

    [Theory]
    [InlineData("weight", "1001", "A weight must be 0 to 1000")]
    [InlineData("weight", "99999999999", "A weight must be 0 to 1000")]
    [InlineData("weight", "1,5", "whole number")]
    [InlineData("rank", "10", "A rank must be 0 to 9")]
    [InlineData("models", "*x", "only at the end")]
    [InlineData("name", "", "1 to 100 characters")]
    [InlineData("baseUrl", "https://elsewhere.example.com/v1", "A base URL on another server needs the key again")]
    public async Task An_invalid_field_shows_its_error_and_the_form_keeps_the_input(string field, string value, string message)
    {
        var (project, slug) = await ProjectAsync();
        await scene.Edge.StoreProviderKeyAsync(project, "openai");
        var before = (await ListAsync(project)).ToJsonString();
        using var client = await PageClient.SignedInAsync(scene.Edge);
        await client.GetAsync($"/dashboard/p/{slug}/providers/edit?id={(await ListAsync(project))[0]!["id"]}");

        await client.SubmitAsync($"/dashboard/p/{slug}/providers/edit", (field, value));

        Assert.Equal(HttpStatusCode.BadRequest, client.Response.StatusCode);
        Assert.Contains(message, client.Document.QuerySelector($"#{field}-problem")!.TextContent);
        Assert.Equal(before, (await ListAsync(project)).ToJsonString());
    }

    [Fact]
    public async Task A_form_older_than_the_last_change_is_refused()
    {
        var (project, slug) = await ProjectAsync();
        await scene.Edge.StoreProviderKeyAsync(project, "openai");
        var id = (string)(await ListAsync(project))[0]!["id"]!;
        using var client = await PageClient.SignedInAsync(scene.Edge);
        await client.GetAsync($"/dashboard/p/{slug}/providers/edit?id={id}");
        await scene.Edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{project}/provider-keys/{id}", new { weight = 9 });

        await client.SubmitAsync($"/dashboard/p/{slug}/providers/edit", ("weight", "2"));

        Assert.Equal(HttpStatusCode.PreconditionFailed, client.Response.StatusCode);
        Assert.Equal(9, (int)(await ListAsync(project))[0]!["weight"]!);

        // The form still has the change, and saves it the second time.
        await client.SubmitAsync($"/dashboard/p/{slug}/providers/edit");
        Assert.Equal(2, (int)(await ListAsync(project))[0]!["weight"]!);
    }

    [Fact]
    public async Task A_hostile_name_is_text_and_viewers_and_others_change_nothing()
    {
        var (project, slug) = await ProjectAsync();
        var (other, otherSlug) = await ProjectAsync();
        await scene.Edge.SendAdminAsync(HttpMethod.Post, $"/api/projects/{project}/provider-keys", new { provider = "openai", apiKey = Second, name = Hostile, models = new[] { Hostile }, enabled = false });
        var id = (string)(await ListAsync(project))[0]!["id"]!;
        using var client = await PageClient.SignedInAsync(scene.Edge);
        foreach (var page in new[] { "", $"/edit?id={id}", $"/credential?id={id}", $"/delete?id={id}", $"/test?id={id}" })
        {
            await client.GetAsync($"/dashboard/p/{slug}/providers{page}");
            Assert.Equal(HttpStatusCode.OK, client.Response.StatusCode);
            Assert.Empty(client.Document.QuerySelectorAll("main img"));
            Assert.DoesNotContain("\u202e", client.Document.QuerySelector("main")!.TextContent.Replace(client.Document.QuerySelector("textarea")?.TextContent ?? "\0", "", StringComparison.Ordinal));
        }

        using var viewer = await scene.Edge.SignedInAsync(UserRole.Viewer, project);
        await viewer.GetAsync($"/dashboard/p/{slug}/providers");
        Assert.Contains("not enabled", viewer.Text);
        Assert.Empty(viewer.Document.QuerySelectorAll("main button, main a[href*='/providers/']"));
        using var member = await scene.Edge.SignedInAsync(UserRole.Member, other);
        await member.GetAsync($"/dashboard/p/{otherSlug}/providers");
        var token = member.Document.QuerySelector("input[name=form_token]")!.GetAttribute("value")!;
        foreach (var (path, act) in new[] { (slug, "edit"), (slug, "delete"), (otherSlug, "edit"), (otherSlug, "delete"), (otherSlug, "test") })
        {
            await member.PostAsync($"/dashboard/p/{path}/providers/{act}", ("form_token", token), ("id", id), ("name", "x"));
            Assert.Equal(HttpStatusCode.NotFound, member.Response.StatusCode);
        }

        Assert.Equal(Hostile, (string)Assert.Single(await ListAsync(project))!["name"]!);
    }

    private async Task<JsonArray> ListAsync(string project) => (await scene.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/provider-keys"))["providers"]!.AsArray();

    private async Task<(string Id, string Slug)> ProjectAsync()
    {
        var project = (await scene.Edge.SendAdminAsync(HttpMethod.Post, "/api/projects", new { name = $"credentials {Guid.NewGuid():N}" }))["project"]!;
        return ((string)project["id"]!, (string)project["slug"]!);
    }

    public sealed class Scene : ClockedEdge;
}
