using System.Net;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using Cencori.Edge.Storage;
using Cencori.Edge.Tests.Dashboard.Sessions;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Dashboard.Projects;

/// <summary>The page for a project's allowed networks. The browser's address is 127.0.0.1.</summary>
public sealed class NetworkingPageTests(RespondingEdge scripted) : IClassFixture<RespondingEdge>
{
    [Fact]
    public async Task Saved_networks_apply_and_excluded_users_are_warned()
    {
        var (client, id, path) = await OpenAsync();
        using (client)
        {
            var key = await scripted.Edge.CreateKeyAsync(id);
            Assert.Contains("may be used from everywhere", client.Text, StringComparison.Ordinal);
            Assert.Equal("127.0.0.1", client.Document.QuerySelector("#own-address")!.TextContent);
            Assert.Null(client.Document.QuerySelector("#shut-out"));

            await client.SubmitAsync(path, ("access_mode", "public"), ("allowed_cidrs", "203.0.113.7"));
            Assert.Contains("Saved.", client.Text, StringComparison.Ordinal);
            Assert.Contains("keys would be refused from where you are", client.Document.QuerySelector("#shut-out")!.TextContent, StringComparison.Ordinal);
            Assert.Equal(HttpStatusCode.OK, (await scripted.ChatAsync(key)).StatusCode);

            await client.SubmitAsync(path, ("access_mode", "restricted"));
            Assert.Contains("from one network", client.Text, StringComparison.Ordinal);
            Assert.Contains("keys are refused from where you are", client.Document.QuerySelector("#shut-out")!.TextContent, StringComparison.Ordinal);
            Assert.Equal(HttpStatusCode.Forbidden, (await scripted.ChatAsync(key)).StatusCode);

            await client.SubmitAsync(path, ("allowed_cidrs", "203.0.113.7\r\n\r\n ::ffff:127.0.0.0/104 , ::1"));
            Assert.Equal("203.0.113.7/32\n127.0.0.0/8\n::1/128", client.Document.QuerySelector<IHtmlTextAreaElement>("#allowed_cidrs")!.Value);
            Assert.Null(client.Document.QuerySelector("#shut-out"));
            Assert.Equal(HttpStatusCode.OK, (await scripted.ChatAsync(key)).StatusCode);

            await client.SubmitAsync(path, ("allowed_cidrs", ""));
            Assert.Contains("every request with a key of this project is refused", client.Document.QuerySelector(".notice.bad")!.TextContent, StringComparison.Ordinal);
            Assert.Equal("""{"access_mode":"restricted","allowed_cidrs":[]""", (await scripted.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{id}/networking")).ToJsonString().Split(",\"warning")[0]);
        }
    }

    [Theory]
    [InlineData("allowed_cidrs", "10.0.0.0/8\n10.0.0.5/8", "no. 2 has bits set after its prefix")]
    [InlineData("allowed_cidrs", "<script>", "no. 1 is not valid")]
    [InlineData("access_mode", "other", "Choose where the keys")]
    public async Task An_invalid_field_shows_its_error_and_the_form_keeps_the_input(string field, string value, string reported)
    {
        var (client, id, path) = await OpenAsync();
        using (client)
        {
            await client.SubmitAsync(path, field == "access_mode" ? [(field, value)] : [("access_mode", "restricted"), (field, value)]);
            Assert.Equal(HttpStatusCode.BadRequest, client.Response.StatusCode);
            Assert.Contains(reported, client.Document.QuerySelector(".notice.bad")!.TextContent, StringComparison.Ordinal);
            Assert.NotNull(client.Document.QuerySelector($"#{field}"));
            Assert.True(field != "allowed_cidrs" || client.Document.QuerySelector<IHtmlTextAreaElement>("#allowed_cidrs")!.Value == value);
            Assert.Equal("""{"access_mode":"public","allowed_cidrs":[]}""", (await scripted.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{id}/networking")).ToJsonString());
        }
    }

    [Fact]
    public async Task A_conflicting_save_overwrites_nothing()
    {
        var (client, id, path) = await OpenAsync();
        using (client)
        {
            await scripted.Edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{id}/networking", new { access_mode = "restricted", allowed_cidrs = new[] { "10.0.0.0/8" } });
            await client.SubmitAsync(path, ("allowed_cidrs", "203.0.113.7"));
            Assert.Equal(HttpStatusCode.PreconditionFailed, client.Response.StatusCode);
            Assert.Contains("Somebody else has changed these settings", client.Text, StringComparison.Ordinal);
            Assert.Equal("203.0.113.7", client.Document.QuerySelector<IHtmlTextAreaElement>("#allowed_cidrs")!.Value);
        }
    }

    [Fact]
    public async Task A_viewer_sees_the_list_without_a_form()
    {
        var id = await scripted.Edge.CreateProjectAsync("openai");
        await scripted.Edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{id}/networking", new { access_mode = "restricted", allowed_cidrs = new[] { "10.0.0.0/8" } });
        using var client = await scripted.Edge.SignedInAsync(UserRole.Viewer, id);
        await client.GetAsync($"/dashboard/p/{id}/settings");
        await client.GetAsync(client.Document.QuerySelector("a[href$='/settings/networking']")!.GetAttribute("href")!);
        Assert.Contains("10.0.0.0/8", client.Text, StringComparison.Ordinal);
        Assert.Null(client.Document.QuerySelector("textarea"));
    }

    [Fact]
    public async Task Saving_another_field_keeps_a_keys_empty_network_list()
    {
        var id = await scripted.Edge.CreateProjectAsync("openai");
        var keys = $"/api/projects/{id}/api-keys";
        var key = (string)(await scripted.Edge.SendAdminAsync(HttpMethod.Post, keys, new { name = "k", key_type = "secret", environment = "test", allowed_models = Array.Empty<string>(), allowed_cidrs = Array.Empty<string>() }))["apiKey"]!["id"]!;
        using var client = await PageClient.SignedInAsync(scripted.Edge);
        var slug = (string)(await scripted.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{id}"))["project"]!["slug"]!;
        var path = $"/dashboard/p/{slug}/keys/{key}";
        await client.GetAsync(path);
        Assert.Contains("cannot be used from anywhere", client.Text, StringComparison.Ordinal);
        await client.SubmitAsync(path, ("name", "renamed"));
        Assert.Equal(("renamed", "[]", "[]"), await ReadAsync());

        await client.SubmitAsync(path, ("allowed_cidrs", "203.0.113.7\n10.0.0.0/8"));
        Assert.Contains("203.0.113.7/32, 10.0.0.0/8", client.Text, StringComparison.Ordinal);
        await client.SubmitAsync(path, ("allowed_cidrs", "10.0.0.5/8"));
        Assert.Contains("no. 1 has bits set after its prefix", client.Document.QuerySelector("#allowed_cidrs-problem")!.TextContent, StringComparison.Ordinal);
        await client.GetAsync(path);
        await client.SubmitAsync(path, ("allowed_cidrs", ""));
        Assert.Equal(("renamed", "[]", null), await ReadAsync());

        await client.GetAsync($"/dashboard/p/{slug}/keys/new");
        await client.SubmitAsync($"/dashboard/p/{slug}/keys", ("name", "of one network"), ("key_type", "secret"), ("allowed_cidrs", "203.0.113.0/24"));
        var created = (await scripted.Edge.SendAdminAsync(HttpMethod.Get, keys))["apiKeys"]!.AsArray().Single(one => (string)one!["name"]! == "of one network")!;
        Assert.Equal("""["203.0.113.0/24"]""", created["allowed_cidrs"]!.ToJsonString());

        async Task<(string?, string?, string?)> ReadAsync()
        {
            var read = (await scripted.Edge.SendAdminAsync(HttpMethod.Get, $"{keys}/{key}"))["apiKey"]!;
            return ((string?)read["name"], read["allowed_models"]?.ToJsonString(), read["allowed_cidrs"]?.ToJsonString());
        }
    }

    private async Task<(PageClient Client, string Id, string Path)> OpenAsync()
    {
        var id = await scripted.Edge.CreateProjectAsync("openai");
        var slug = (string)(await scripted.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{id}"))["project"]!["slug"]!;
        var client = await PageClient.SignedInAsync(scripted.Edge);
        var path = $"/dashboard/p/{slug}/settings/networking";
        await client.GetAsync(path);
        return (client, id, path);
    }
}
