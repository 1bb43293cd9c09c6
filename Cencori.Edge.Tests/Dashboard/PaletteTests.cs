using System.Text.Json.Nodes;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Dashboard;

public sealed class PaletteTests(ShippedEdge shipped) : IClassFixture<ShippedEdge>
{
    [Fact]
    public async Task The_palette_finds_pages_projects_keys_requests_and_actions()
    {
        using var client = await PageClient.SignedInAsync(shipped.Edge);
        var id = await shipped.Edge.CreateProjectAsync();
        var slug = (string)(await shipped.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{id}"))["project"]!["slug"]!;
        await shipped.Edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{id}", new { name = "Payments <b>" });
        var created = (await shipped.Edge.SendAdminAsync(HttpMethod.Post, $"/api/projects/{id}/api-keys", new { name = "Nightly Batch", key_type = "secret", environment = "test" }))["apiKey"]!;

        Assert.Contains($"/dashboard/p/{slug}/budget", await PathsAsync(client, "budg", slug));
        Assert.DoesNotContain($"/dashboard/p/{slug}/budget", await PathsAsync(client, "budg", null));
        Assert.Equal([$"/dashboard/p/{slug}"], await PathsAsync(client, "payments", null));
        var key = $"/dashboard/p/{slug}/keys/{(string)created["id"]!}";
        Assert.Equal([key], await PathsAsync(client, "nightly b", null));
        Assert.Equal([key], await PathsAsync(client, (string)created["key_prefix"]!, null));
        Assert.Equal([key], await PathsAsync(client, (string)created["id"]!, null));
        Assert.Contains($"/dashboard/p/{slug}/keys/new", await PathsAsync(client, "GENERATE", slug));
        Assert.Equal($"/dashboard/p/{slug}/logs/req_01%23%2Fabc", (await PathsAsync(client, "req_01#/abc", slug))[0]);
        Assert.Empty(await PathsAsync(client, "nothing is called so", slug));
        Assert.Empty(await PathsAsync(client, "%_'\"\0", slug));
        Assert.DoesNotContain((string)created["full_key"]!, client.Html);
        Assert.NotEmpty(await PathsAsync(client, "", slug));
        Assert.InRange((await PathsAsync(client, "", slug)).Length, 10, 30);
    }

    [Fact]
    public async Task Without_a_session_the_palette_finds_nothing()
    {
        using var client = new PageClient(shipped.Edge.Address);
        var request = new HttpRequestMessage(HttpMethod.Get, "/dashboard/palette?q=a");
        request.Headers.Add("X-Requested-With", "fetch");
        await client.SendAsync(request);
        Assert.Equal(401, (int)client.Response.StatusCode);
        Assert.DoesNotContain("items", client.Html);
    }

    private static async Task<string[]> PathsAsync(PageClient client, string text, string? slug)
    {
        await client.GetAsync($"/dashboard/palette?q={Uri.EscapeDataString(text)}&project={slug}");
        return [.. JsonNode.Parse(client.Html)!["items"]!.AsArray().Select(item => (string)item!["path"]!)];
    }
}
