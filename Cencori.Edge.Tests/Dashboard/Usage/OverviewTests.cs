using System.Net;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Records;

namespace Cencori.Edge.Tests.Dashboard.Usage;

public sealed class OverviewTests(MidMonthEdge scripted) : IClassFixture<MidMonthEdge>
{
    [Fact]
    public async Task A_new_project_shows_first_steps_and_marks_the_first_request()
    {
        using var client = await PageClient.SignedInAsync(scripted.Edge);
        await client.GetAsync("/dashboard/projects/new");
        await client.SubmitAsync("/dashboard/projects", ("name", "Brand new"));
        Assert.Equal("Brand new", client.Title);
        Assert.Contains("The project has been created.", client.Text);
        Assert.Contains("Waiting for the first request", client.Text);
        Assert.Contains($"{scripted.Edge.Address}v1/chat/completions", client.Document.QuerySelector("#first-curl")!.TextContent);
        Assert.Equal("2", client.Document.QuerySelector("#now")!.GetAttribute("data-refresh"));

        var path = client.Response.RequestMessage!.RequestUri!.AbsolutePath;
        await client.GetAsync(client.Document.QuerySelector("#now a.primary")!.GetAttribute("href")!);
        await client.SubmitAsync(path + "/keys", ("name", "first"));
        var key = client.Document.QuerySelector("#full-key")!.GetAttribute("value")!;
        Assert.StartsWith("csk_test_", key);
        using var response = await scripted.ChatAsync(key);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);

        await scripted.Edge.RowAsync(row => row.RequestId == response.Header("X-Request-Id"));
        await client.GetAsync(path);
        Assert.Contains("Your first request has arrived.", client.Text);
        Assert.Contains("Requests today", client.Text);
    }

    [Fact]
    public async Task A_refused_first_request_is_shown_with_a_link_to_its_reason()
    {
        var (id, path) = await CreateAsync();
        using var refused = await scripted.ChatAsync(await scripted.Edge.CreateKeyAsync(id));
        Assert.False(refused.IsSuccessStatusCode);
        await scripted.Edge.RowsOfAsync(id, 1);
        using var client = await PageClient.SignedInAsync(scripted.Edge);
        await client.GetAsync(path);
        Assert.Contains("See why in Logs", client.Text);
    }

    [Fact]
    public async Task A_test_of_a_provider_is_not_the_first_request()
    {
        var (id, path) = await CreateAsync();
        await scripted.Edge.StoreProviderKeyAsync(id, "openai");
        using var tested = await scripted.Edge.Admin.PostAsync($"/api/projects/{id}/provider-keys/openai/test?environment=production", content: null);
        Assert.Equal(HttpStatusCode.OK, tested.StatusCode);
        await scripted.Edge.StoredAsync();
        using var client = await PageClient.SignedInAsync(scripted.Edge);
        await client.GetAsync(path);
        Assert.Contains("Waiting for the first request", client.Text);
    }

    [Fact]
    public async Task The_overview_and_the_projects_card_match_the_metrics()
    {
        var (id, path) = await CreateAsync();
        await scripted.Edge.StoreProviderKeyAsync(id, "openai");
        var key = await scripted.Edge.CreateKeyAsync(id);
        for (var i = 0; i < 3; i++)
        {
            (await scripted.ChatAsync(key)).Dispose();
        }

        (await scripted.ChatAsync(key, new { model = "no-such-model", messages = Array.Empty<object>() })).Dispose();

        await scripted.Edge.RowsOfAsync(id, 4);
        using var client = await PageClient.SignedInAsync(scripted.Edge);
        await client.GetAsync(path);
        var stats = client.Document.QuerySelectorAll(".stat-value").Select(value => value.TextContent.Trim()).ToArray();
        Assert.Equal(("4", "75.0 %", "12"), (stats[0], stats[1], stats[3]));
        Assert.Contains("9 in, 3 out", client.Text);
        Assert.Contains("gpt-4o", client.Document.QuerySelector("#models")!.ParentElement!.ParentElement!.TextContent);
        Assert.Contains("Failed1", client.Document.QuerySelector("#errors")!.ParentElement!.TextContent.Replace(" ", ""));
        await client.GetAsync(path + "?env=test");
        Assert.Equal("0", client.Document.QuerySelector(".stat-value")!.TextContent.Trim());
    }

    [Fact]
    public async Task The_project_list_searches_by_name_and_shows_the_edges_health()
    {
        var (id, path) = await CreateAsync();
        using var client = await PageClient.SignedInAsync(scripted.Edge);
        await client.GetAsync("/dashboard?q=" + path.Split('/')[^1]);
        Assert.Equal(path, client.Document.QuerySelector(".cards article a")!.GetAttribute("href"));
        Assert.Contains("No request in the last 24 hours.", client.Text);
        Assert.Contains("healthy", client.Document.QuerySelector("#health")!.TextContent);
        await client.GetAsync("/dashboard?q=nothing+is+called+so");
        Assert.Contains("No project has this name.", client.Text);
        Assert.NotEmpty(id);
    }

    private async Task<(string Id, string Path)> CreateAsync()
    {
        var id = await scripted.Edge.CreateProjectAsync();
        return (id, $"/dashboard/p/{(string)(await scripted.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{id}"))["project"]!["slug"]!}");
    }
}
