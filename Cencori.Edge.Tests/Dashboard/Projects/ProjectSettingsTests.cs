using System.Net;
using System.Text.Json.Nodes;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Dashboard.Projects;

public sealed class ProjectSettingsTests(RespondingEdge scripted) : IClassFixture<RespondingEdge>
{
    [Fact]
    public async Task Settings_apply_and_an_empty_field_means_none()
    {
        var (client, id, path) = await OpenAsync("/settings");
        using (client)
        {
            await client.SubmitAsync(path, ("name", " Renamed "), ("default_model", "gpt-4o"), ("default_provider", "openai"), ("model_aliases", "fast = gpt-4o-mini\r\n\r\nx=y=z"), ("log_payloads", "on"));
            Assert.Contains("Saved.", client.Text);
            var project = (await scripted.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{id}"))["project"]!;
            Assert.Equal(
                ("Renamed", "gpt-4o", "openai", """{"fast":"gpt-4o-mini","x":"y=z"}""", true),
                ((string?)project["name"], (string?)project["default_model"], (string?)project["default_provider"], project["model_aliases"]!.ToJsonString(), (bool)project["log_payloads"]!));

            await client.SubmitAsync(path, ("default_model", ""), ("default_provider", ""), ("model_aliases", ""), ("log_payloads", ""));
            project = (await scripted.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{id}"))["project"]!;
            Assert.Equal((null, null, "{}", false), ((string?)project["default_model"], (string?)project["default_provider"], project["model_aliases"]!.ToJsonString(), (bool)project["log_payloads"]!));
        }
    }

    [Theory]
    [InlineData("name", " ", "1 to 100 characters")]
    [InlineData("model_aliases", "fast", "Line 1")]
    [InlineData("model_aliases", "a = b\na = c", "Line 2")]
    [InlineData("default_provider", "nobody", "no provider")]
    public async Task An_invalid_field_shows_its_error(string field, string value, string reported)
    {
        var (client, _, path) = await OpenAsync("/settings");
        using (client)
        {
            await client.SubmitAsync(path, (field, value));
            Assert.Equal(HttpStatusCode.BadRequest, client.Response.StatusCode);
            Assert.Contains(reported, client.Document.QuerySelector($"#{field}-problem")!.TextContent);
        }
    }

    [Fact]
    public async Task A_conflicting_change_is_refused()
    {
        var (client, id, path) = await OpenAsync("/settings");
        using (client)
        {
            await scripted.Edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{id}", new { name = "theirs" });
            await client.SubmitAsync(path, ("name", "mine"));
            Assert.Equal(HttpStatusCode.PreconditionFailed, client.Response.StatusCode);

            // The form still has the change, and saves it the second time.
            await client.SubmitAsync(path);
            Assert.Equal("mine", (string?)(await scripted.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{id}"))["project"]!["name"]);
        }
    }

    [Fact]
    public async Task An_alias_with_the_name_of_a_route_is_refused_at_its_field_and_nothing_typed_is_lost()
    {
        var (client, id, path) = await OpenAsync("/settings");
        using (client)
        {
            await scripted.Edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{id}/routes/chat", JsonNode.Parse("""{"groups":[{"targets":[{"model":"openai/gpt-4o"}]}]}"""));
            await client.SubmitAsync(path, ("name", "kept"), ("model_aliases", "chat = gpt-4o"));
            Assert.Equal(HttpStatusCode.Conflict, client.Response.StatusCode);
            Assert.NotEmpty(client.Document.QuerySelector("#model_aliases-problem")!.TextContent);
            Assert.Equal(("kept", "chat = gpt-4o"), (client.Document.GetElementById("name")!.GetAttribute("value"), client.Document.GetElementById("model_aliases")!.TextContent.Trim()));
        }
    }

    [Fact]
    public async Task Deleting_a_project_needs_its_name_and_stops_its_keys_at_once()
    {
        var (client, id, path) = await OpenAsync("/settings/delete");
        using (client)
        {
            var key = await scripted.Edge.CreateKeyAsync(id);
            Assert.Equal(HttpStatusCode.OK, (await scripted.ChatAsync(key)).StatusCode);
            await client.GetAsync(path);
            Assert.Contains("1 key, 1 of which work", client.Text);
            Assert.Contains("1 provider credential", client.Text);

            await client.SubmitAsync(path, ("name", "another name"));
            Assert.Equal(HttpStatusCode.BadRequest, client.Response.StatusCode);
            Assert.Equal(HttpStatusCode.OK, (await scripted.ChatAsync(key)).StatusCode);

            await client.SubmitAsync(path, ("name", "test project"));
            Assert.Contains("The project has been deleted.", client.Text);
            Assert.Equal(HttpStatusCode.Unauthorized, (await scripted.ChatAsync(key)).StatusCode);
            await client.GetAsync(path);
            Assert.Equal(HttpStatusCode.NotFound, client.Response.StatusCode);
        }
    }

    private async Task<(PageClient Client, string Id, string Path)> OpenAsync(string page)
    {
        var id = await scripted.Edge.CreateProjectAsync("openai");
        var slug = (string)(await scripted.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{id}"))["project"]!["slug"]!;
        var client = await PageClient.SignedInAsync(scripted.Edge);
        await client.GetAsync($"/dashboard/p/{slug}{page}");
        return (client, id, $"/dashboard/p/{slug}{page}");
    }
}
