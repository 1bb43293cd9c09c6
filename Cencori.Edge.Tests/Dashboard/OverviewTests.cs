using System.Net;
using Cencori.Edge.Tests.Infrastructure;

namespace Cencori.Edge.Tests.Dashboard;

public sealed class OverviewTests(AnsweringEdge scripted) : IClassFixture<AnsweringEdge>
{
    [Fact]
    public async Task A_new_project_shows_the_way_to_its_first_request_and_notices_it()
    {
        using var client = await PageClient.SignedInAsync(scripted.Edge);
        await client.GetAsync("/dashboard/projects/new");
        await client.SubmitAsync("/dashboard/projects", ("name", "Brand new"));
        Assert.Equal("Brand new", client.Title);
        Assert.Contains("The project has been created.", client.Text);
        Assert.Contains("Waiting for the first request", client.Text);
        Assert.Contains($"{scripted.Edge.Address}v1/chat/completions", client.Document.QuerySelector("#first-curl")!.TextContent);
        Assert.Equal("2", client.Document.QuerySelector("#now")!.GetAttribute("data-refresh"));

        var path = client.Answer.RequestMessage!.RequestUri!.AbsolutePath;
        await client.GetAsync(client.Document.QuerySelector("#now a.primary")!.GetAttribute("href")!);
        await client.SubmitAsync(path + "/keys", ("name", "first"));
        var key = client.Document.QuerySelector("#full-key")!.GetAttribute("value")!;
        Assert.StartsWith("csk_test_", key);
        using var answer = await scripted.ChatAsync(key);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);

        await client.GetAsync(path);
        Assert.Contains("Your first request has arrived.", client.Text);
    }

    [Fact]
    public async Task The_list_of_projects_finds_them_and_says_that_the_edge_is_well()
    {
        var id = await scripted.Edge.CreateProjectAsync();
        var path = $"/dashboard/p/{(string)(await scripted.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{id}"))["project"]!["slug"]!}";
        using var client = await PageClient.SignedInAsync(scripted.Edge);
        await client.GetAsync("/dashboard?q=" + path.Split('/')[^1]);
        Assert.Equal(path, client.Document.QuerySelector(".cards article a")!.GetAttribute("href"));
        Assert.Contains("healthy", client.Document.QuerySelector("#health")!.TextContent);
        await client.GetAsync("/dashboard?q=nothing+is+called+so");
        Assert.Contains("No project is called so.", client.Text);
    }
}
