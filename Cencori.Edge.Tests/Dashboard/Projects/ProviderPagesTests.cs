using System.Net;
using Cencori.Edge.Admin.Providers;
using Cencori.Edge.Storage;
using Cencori.Edge.Tests.Dashboard.Sessions;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Records;

namespace Cencori.Edge.Tests.Dashboard.Projects;

public sealed class ProviderPagesTests(ProviderPagesTests.Scene scene) : IClassFixture<ProviderPagesTests.Scene>
{
    private const string Hostile = "\"><img src=x onerror=alert(1)>\u202e";

    [Fact]
    public async Task A_credential_is_stored_tested_replaced_and_deleted_and_never_shown()
    {
        var (project, slug) = await ProjectAsync();
        using var client = await PageClient.SignedInAsync(scene.Edge);
        await client.GetAsync($"/dashboard/p/{slug}/providers");
        Assert.Contains("sandbox", client.Text);

        await client.GetAsync($"/dashboard/p/{slug}/providers/credential?provider=openai&environment=production");
        await client.SubmitAsync($"/dashboard/p/{slug}/providers/credential", ("apiKey", RunningEdge.ProviderKey));
        Assert.Equal("Providers", client.Title);
        Assert.Contains("The credential has been stored.", client.Text);
        Assert.Contains("…mnop", client.Text);

        await client.SubmitAsync($"/dashboard/p/{slug}/providers/test", ("provider", "openai"));
        Assert.Equal("Test of openai", client.Title);
        Assert.Contains("The credential works.", client.Text);
        Assert.Contains("Time to first byte", client.Text);

        await client.SubmitAsync($"/dashboard/p/{slug}/providers/test");
        Assert.Equal(HttpStatusCode.TooManyRequests, client.Response.StatusCode);
        Assert.Contains("tested a moment ago", client.Text);

        await client.GetAsync($"/dashboard/p/{slug}/providers/delete?provider=openai&environment=production");
        await client.SubmitAsync($"/dashboard/p/{slug}/providers/delete");
        Assert.Contains("has been deleted", client.Text);
        Assert.Empty((await scene.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/provider-keys"))["providers"]!.AsArray());
        Assert.DoesNotContain(RunningEdge.ProviderKey, client.Html);
    }

    [Fact]
    public async Task A_refused_form_keeps_the_input_except_the_secret()
    {
        var (_, slug) = await ProjectAsync();
        using var client = await PageClient.SignedInAsync(scene.Edge);
        await client.GetAsync($"/dashboard/p/{slug}/providers/credential?provider=openai&environment=test");

        await client.SubmitAsync($"/dashboard/p/{slug}/providers/credential", ("apiKey", "a-secret-that-nobody-knows"), ("baseUrl", "ftp://" + Hostile));

        Assert.Equal(HttpStatusCode.BadRequest, client.Response.StatusCode);
        Assert.DoesNotContain("a-secret-that-nobody-knows", client.Html);
        Assert.Contains("The base URL must be absolute", client.Text);
        Assert.Equal("ftp://" + Hostile, client.Document.QuerySelector("#baseUrl")!.GetAttribute("value"));
        Assert.Equal("test", client.Document.QuerySelector("input[name=environment][checked]")!.GetAttribute("value"));
        Assert.Empty(client.Document.QuerySelectorAll("main img"));
    }

    [Fact]
    public async Task The_state_reflects_the_projects_own_requests()
    {
        var (project, slug) = await ProjectAsync();
        await scene.Edge.StoreProviderKeyAsync(project, "openai");
        var key = await scene.Edge.CreateKeyAsync(project);
        scene.Provider.Enqueue((_, response) => response.JsonAsync(401, """{"error":{"message":"no"}}"""));
        using var refused = await scene.ChatAsync(key);
        using var client = await PageClient.SignedInAsync(scene.Edge);

        await Eventually.IsTrueAsync(async () =>
        {
            scene.Clock.Advance(TimeSpan.FromSeconds(1));
            await client.GetAsync($"/dashboard/p/{slug}/providers");
            return client.Text.Contains("failing", StringComparison.Ordinal);
        });
        Assert.Contains("The credential is refused (401): replace it.", client.Text);

        scene.Clock.Advance(TimeSpan.FromMinutes(16));
        await client.GetAsync($"/dashboard/p/{slug}/providers");
        Assert.DoesNotContain("failing", client.Text);
        Assert.Contains("no traffic", client.Text);
    }

    [Fact]
    public async Task A_provider_not_among_the_newest_requests_has_an_unknown_state()
    {
        var (project, slug) = await ProjectAsync();
        await scene.Edge.StoreProviderKeyAsync(project, "openai");
        await scene.Edge.StoreProviderKeyAsync(project, "groq");
        for (var i = 0; i < ProviderTraffic.MaxRequests; i++)
        {
            scene.Edge.Records().Write(Some.Record(project, at: scene.Clock.GetUtcNow().AddSeconds(-1)));
        }

        await scene.Edge.StoredAsync();
        using var client = await PageClient.SignedInAsync(scene.Edge);
        await client.GetAsync($"/dashboard/p/{slug}/providers");

        Assert.Contains("The state of a provider without any of these requests is unknown.", client.Text);
        Assert.Equal(("ok", "not known"), (BadgeOf("openai"), BadgeOf("groq")));
        Assert.Contains("Last success just now", CardOf("openai"));
        await client.GetAsync(client.Document.QuerySelector("a[href*='/logs?'][href*='provider=openai']")!.GetAttribute("href")!);
        Assert.Equal("2,000 requests", client.Document.QuerySelector("section.card h2")!.TextContent);

        string CardOf(string provider) => string.Join(' ', client.Document.QuerySelectorAll(".providers article").Single(card => card.QuerySelector("h2")!.TextContent.Trim() == provider).TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        string BadgeOf(string provider) => client.Document.QuerySelectorAll(".providers article").Single(card => card.QuerySelector("h2")!.TextContent.Trim() == provider).QuerySelector(".slot .badge")!.TextContent;
    }

    [Fact]
    public async Task Viewers_see_the_state_of_providers_and_have_no_buttons()
    {
        var (project, slug) = await ProjectAsync();
        await scene.Edge.StoreProviderKeyAsync(project, "openai");
        using var viewer = await scene.Edge.SignedInAsync(UserRole.Viewer, project);
        await viewer.GetAsync($"/dashboard/p/{slug}/providers");
        Assert.Contains("…mnop", viewer.Text);
        Assert.Empty(viewer.Document.QuerySelectorAll("main button, main a[href*='/providers/']"));

        var sent = scene.Provider.Requests.Count;
        (string, string)[] form = [("form_token", viewer.Document.QuerySelector("input[name=form_token]")!.GetAttribute("value")!), ("provider", "openai"), ("environment", "production"), ("apiKey", "sk-of-a-viewer-0123456789"), ("default_model", "x")];
        foreach (var path in new[] { "test", "credential", "delete", "default-model" })
        {
            await viewer.PostAsync($"/dashboard/p/{slug}/providers/{path}", form);
            Assert.Equal(HttpStatusCode.Forbidden, viewer.Response.StatusCode);
        }

        Assert.Equal(sent, scene.Provider.Requests.Count);
        Assert.Contains("mnop", (await scene.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/provider-keys")).ToJsonString());
        Assert.Null((await scene.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}"))["project"]!["default_model"]);
    }

    [Fact]
    public async Task A_member_stores_and_tests_only_in_their_projects_and_the_audit_log_names_them()
    {
        var (project, slug) = await ProjectAsync();
        var (_, other) = await ProjectAsync();
        using var member = await scene.Edge.SignedInAsync(UserRole.Member, project);
        await member.GetAsync($"/dashboard/p/{slug}/providers/credential?provider=openai&environment=production");
        await member.SubmitAsync($"/dashboard/p/{slug}/providers/credential", ("apiKey", RunningEdge.ProviderKey));
        await member.SubmitAsync($"/dashboard/p/{slug}/providers/test", ("provider", "openai"));
        Assert.Contains("The credential works.", member.Text);

        var noted = (await scene.Edge.SendAdminAsync(HttpMethod.Get, $"/api/audit?project={project}"))["entries"]!.AsArray().ToDictionary(entry => (string)entry!["action"]!, entry => (string)entry!["actor"]!);
        Assert.Equal($"user {member.UserId}", noted["provider_key.created"]);
        Assert.Equal($"user {member.UserId}", noted["provider.tested"]);
        foreach (var path in new[] { "", "/credential?provider=openai&environment=production", "/test?provider=openai&environment=production", "/delete?provider=openai&environment=production" })
        {
            await member.GetAsync($"/dashboard/p/{other}/providers{path}");
            Assert.Equal(HttpStatusCode.NotFound, member.Response.StatusCode);
        }
    }

    [Fact]
    public async Task Provider_messages_stay_text()
    {
        var (project, slug) = await ProjectAsync();
        await scene.Edge.StoreProviderKeyAsync(project, "openai");
        scene.Provider.Enqueue((_, response) => response.JsonAsync(404, System.Text.Json.JsonSerializer.Serialize(new { error = new { message = Hostile + new string('x', 10_000) } })));
        using var client = await PageClient.SignedInAsync(scene.Edge);
        await client.GetAsync($"/dashboard/p/{slug}/providers/test?provider=openai&environment=production");

        await client.SubmitAsync($"/dashboard/p/{slug}/providers/test", ("model", Hostile));

        Assert.Equal(HttpStatusCode.OK, client.Response.StatusCode);
        Assert.Contains("\\u202E", client.Text);
        Assert.Empty(client.Document.QuerySelectorAll("main img"));
        Assert.DoesNotContain("\u202e", client.Document.QuerySelector("main section")!.TextContent);
    }

    [Fact]
    public async Task The_default_model_is_set_per_project()
    {
        var (project, slug) = await ProjectAsync();
        using var client = await PageClient.SignedInAsync(scene.Edge);
        await client.GetAsync($"/dashboard/p/{slug}/providers");
        await client.SubmitAsync($"/dashboard/p/{slug}/providers/default-model", ("default_model", "gpt-4o"), ("default_provider", "openai"));

        Assert.Contains("The default model has been saved.", client.Text);
        var stored = (await scene.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}"))["project"]!;
        Assert.Equal(("gpt-4o", "openai"), ((string?)stored["default_model"], (string?)stored["default_provider"]));

        // A script refreshes the providers, also after a refused save: the address of the form has no page.
        await scene.Edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{project}", new { default_model = "gpt-4o-mini" });
        await client.SubmitAsync($"/dashboard/p/{slug}/providers/default-model");
        Assert.Equal(HttpStatusCode.PreconditionFailed, client.Response.StatusCode);
        Assert.Equal($"/dashboard/p/{slug}/providers", client.Document.QuerySelector("main")!.GetAttribute("data-address"));
    }

    private async Task<(string Id, string Slug)> ProjectAsync()
    {
        var project = (await scene.Edge.SendAdminAsync(HttpMethod.Post, "/api/projects", new { name = $"providers {Guid.NewGuid():N}" }))["project"]!;
        return ((string)project["id"]!, (string)project["slug"]!);
    }

    public sealed class Scene : ClockedEdge;
}
