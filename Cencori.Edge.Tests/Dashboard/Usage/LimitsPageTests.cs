using System.Net;
using AngleSharp.Html.Dom;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Records;

namespace Cencori.Edge.Tests.Dashboard.Usage;

/// <summary>The limits page: current levels and settings.</summary>
public sealed class LimitsPageTests(ClockedEdge scene) : IClassFixture<ClockedEdge>
{
    [Fact]
    public async Task Levels_match_the_limiter_and_viewing_consumes_nothing()
    {
        var (project, key) = await scene.CreateAsync(new { requests_per_minute = 60, burst = 10, tokens_per_minute = 1_000, concurrent_requests = 4 });
        using var client = await OpenAsync(project);
        Assert.Equal(["10 of 10", "1,000 of 1,000", "0 of 4"], Values(client).Take(3));

        using var response = await scene.PostChatAsync(key, tokens: 100);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        for (var look = 0; look < 3; look++)
        {
            await Eventually.IsTrueAsync(async () => (await client.GetAsync(client.Response.RequestMessage!.RequestUri!.ToString())) is not null && Values(client)[2] == "0 of 4");
            Assert.Equal(["9 of 10", "900 of 1,000", "0 of 4"], Values(client).Take(3));
        }

        Assert.Contains("Refills 1 per second. Full again in 1.00 s.", client.Text, StringComparison.Ordinal);
        Assert.Equal(("9", "10"), (client.Document.QuerySelector("meter")!.GetAttribute("value"), client.Document.QuerySelector("meter")!.GetAttribute("max")));
        Assert.Contains("In the memory of this edge.", client.Text, StringComparison.Ordinal);
        Assert.Contains("60 requests a minute, bursts of 10. Tokens: 1,000 a minute. At once: 4 requests.", client.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refusals_of_the_last_hour_are_counted_and_link_to_the_log()
    {
        var (project, key) = await scene.CreateAsync(new { requests_per_minute = 1, burst = 1 });
        for (var request = 0; request < 3; request++)
        {
            (await scene.PostChatAsync(key)).Dispose();
        }

        await scene.Edge.RowsOfAsync(project, 3);
        using var client = await OpenAsync(project);
        Assert.Equal("2", Values(client)[3]);
        Assert.Contains("/logs?range=1h&status=rate_limited", client.Html.Replace("&amp;", "&", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_form_is_saved_as_entered_and_an_empty_field_never_means_unlimited()
    {
        var project = await scene.Edge.CreateProjectAsync();
        using var client = await OpenAsync(project);
        var action = client.Document.QuerySelector("form[method=post][action$='/limits']")!.GetAttribute("action")!;

        await client.SubmitAsync(action, ("requests_per_minute", "600"));
        Assert.Contains("Clear the field, or untick the box.", client.Text, StringComparison.Ordinal);
        Untick(client);
        await client.SubmitAsync(action, ("requests_per_minute", "600"), ("burst", ""), ("tokens_per_minute", "9000"), ("concurrent_requests_none", "true"));
        Assert.Contains("Saved.", client.Text, StringComparison.Ordinal);
        Assert.Contains("600 requests a minute, bursts of 600.", client.Text, StringComparison.Ordinal);

        await client.SubmitAsync(action, ("requests_per_minute", ""));
        Assert.Equal(HttpStatusCode.BadRequest, client.Response.StatusCode);
        Assert.Contains("Enter a number, or tick the box", client.Text, StringComparison.Ordinal);
        Assert.Equal("", ((IHtmlInputElement)client.Document.QuerySelector("#requests_per_minute")!).Value);

        await client.SubmitAsync(action, ("requests_per_minute", "0"));
        Assert.Contains("must be 1 to 1000000000", client.Text, StringComparison.Ordinal);

        await client.SubmitAsync(action, ("requests_per_minute", ""), ("requests_per_minute_none", "true"), ("concurrent_requests", ""), ("concurrent_requests_none", "true"), ("tokens_per_minute", ""), ("tokens_per_minute_none", "true"));
        Assert.Contains("Requests: no limit. Tokens: no limit. At once: no limit.", client.Text, StringComparison.Ordinal);
        Assert.Equal("""{"requests_per_minute":null,"burst":null,"tokens_per_minute":null,"concurrent_requests":null}""", (await scene.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/rate-limits")).ToJsonString());
    }

    [Fact]
    public async Task A_conflicting_save_keeps_its_input_and_overwrites_nothing()
    {
        var project = await scene.Edge.CreateProjectAsync();
        using var client = await OpenAsync(project);
        await scene.Edge.SetLimitsAsync(project, new { requests_per_minute = 77 });
        Untick(client);
        var action = client.Document.QuerySelector("form[method=post][action$='/limits']")!.GetAttribute("action")!;

        await client.SubmitAsync(action, ("requests_per_minute", "600"), ("tokens_per_minute_none", "true"), ("concurrent_requests_none", "true"));
        Assert.Equal(HttpStatusCode.PreconditionFailed, client.Response.StatusCode);
        Assert.Contains("77 requests a minute", client.Text, StringComparison.Ordinal);
        Assert.Equal("600", ((IHtmlInputElement)client.Document.QuerySelector("#requests_per_minute")!).Value);

        await client.SubmitAsync(action);
        Assert.Contains("600 requests a minute", client.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Agents_have_their_own_limits_and_agents_of_other_projects_are_hidden()
    {
        var project = await scene.Edge.CreateProjectAsync();
        var agent = await scene.Edge.CreateAgentAsync(project);
        var foreign = await scene.Edge.CreateAgentAsync(await scene.Edge.CreateProjectAsync());
        using var client = await OpenAsync(project);
        var path = client.Response.RequestMessage!.RequestUri!.ToString();

        await client.GetAsync($"{path}?agent={agent}&preset=gentle");
        Assert.Contains("Filled in but not saved yet.", client.Text, StringComparison.Ordinal);
        await client.SubmitAsync(new Uri(path).AbsolutePath);
        Assert.Contains("60 requests a minute, bursts of 10. Tokens: no limit. At once: 5 requests.", client.Text, StringComparison.Ordinal);
        Assert.Equal(5, (int)(await scene.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/agents/{agent}/rate-limits"))["concurrent_requests"]!);

        // A script refreshes the levels of the agent, also after a refused save: the address of the form names no agent.
        await client.SubmitAsync(new Uri(path).AbsolutePath, ("requests_per_minute", "0"));
        Assert.Equal(HttpStatusCode.BadRequest, client.Response.StatusCode);
        Assert.Equal($"{new Uri(path).AbsolutePath}?agent={agent}", client.Document.QuerySelector("main")!.GetAttribute("data-address"));

        await client.GetAsync($"{path}?agent={foreign}");
        Assert.Equal(HttpStatusCode.NotFound, client.Response.StatusCode);
    }

    private static void Untick(PageClient client)
    {
        foreach (var box in client.Document.QuerySelectorAll("input[name$='_none']"))
        {
            box.RemoveAttribute("checked");
        }
    }

    private static string[] Values(PageClient client) =>
        [.. client.Document.QuerySelectorAll("#levels .stat-value").Select(value => string.Join(' ', value.TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)))];

    private async Task<PageClient> OpenAsync(string project)
    {
        var client = await PageClient.SignedInAsync(scene.Edge);
        var slug = (string)(await scene.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}"))["project"]!["slug"]!;
        await client.GetAsync($"/dashboard/p/{slug}/limits");
        Assert.Equal("Limits", client.Title);
        return client;
    }
}
