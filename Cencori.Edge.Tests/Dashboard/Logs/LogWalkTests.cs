using System.Net;
using Cencori.Edge.Admin.Logs;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Records;

namespace Cencori.Edge.Tests.Dashboard.Logs;

/// <summary>Navigation through a project's requests: pages, bars, ids, and live updates.</summary>
public sealed class LogWalkTests(RespondingEdge openai) : LogsScene(openai)
{
    [Fact]
    public async Task Paging_from_newest_to_oldest_and_back_shows_each_row_once()
    {
        using var client = await SignInAsync();
        var project = await NewProjectAsync();
        var now = Some.Now;

        // Several rows share a time.
        await WriteAsync([.. Enumerable.Range(0, 120).Select(i => Some.Record(project, at: now.AddSeconds(-i / 7), id: $"r{i:000}"))]);

        await client.GetAsync($"/dashboard/p/{project}/logs?model=fast");
        var first = Ids(client);
        List<string> seen = [.. first];
        while (client.Document.QuerySelector("a[rel=next]") is { } next)
        {
            await client.GetAsync(next.GetAttribute("href")!);
            seen.AddRange(Ids(client));
        }

        Assert.Equal(120, seen.Count);
        Assert.Equal(120, seen.Distinct().Count());
        for (var back = 0; back < 2; back++)
        {
            await client.GetAsync(client.Document.QuerySelector("a[rel=prev]")!.GetAttribute("href")!);
        }

        Assert.Equal(first, Ids(client));
        Assert.Contains("model=fast", client.Document.QuerySelector("a[rel=next]")!.GetAttribute("href"));
    }

    [Fact]
    public async Task An_empty_page_links_back_to_all_rows()
    {
        using var client = await SignInAsync();
        var project = await NewProjectAsync();
        await WriteAsync([.. Enumerable.Range(0, 60).Select(i => Some.Record(project, at: Some.Now.AddSeconds(-i), id: $"r{i:000}"))]);
        await client.GetAsync($"/dashboard/p/{project}/logs");
        var first = Ids(client);
        await client.GetAsync(client.Document.QuerySelector("a[rel=next]")!.GetAttribute("href")!);
        await client.GetAsync(client.Document.QuerySelector("a[rel=prev]")!.GetAttribute("href")!);
        Assert.Equal(first, Ids(client));

        await client.GetAsync($"/dashboard/p/{project}/logs?cursor={new LogCursor(Some.Now.AddSeconds(1), 0)}&newer=true");
        Assert.Empty(Ids(client));
        await client.GetAsync(client.Document.QuerySelector("a[rel=next]")!.GetAttribute("href")!);
        Assert.Equal(first, Ids(client));
    }

    [Fact]
    public async Task Bars_end_with_the_period_and_their_links_match_their_counts()
    {
        using var client = await SignInAsync();
        var project = await NewProjectAsync();
        var from = new DateTimeOffset(Some.Now.UtcDateTime.Date, TimeSpan.Zero).AddDays(-2).AddMinutes(20);
        await WriteAsync(Some.Record(project, at: from.AddMinutes(-1), id: "before"), Some.Record(project, at: from.AddMinutes(1), id: "in"));
        await client.GetAsync($"/dashboard/p/{project}/logs?from={from:yyyy-MM-ddTHH:mm:ssZ}&to={from.AddHours(5):yyyy-MM-ddTHH:mm:ssZ}");

        Assert.DoesNotContain("now", client.Document.QuerySelector(".log-axis")!.TextContent);
        var links = client.Document.QuerySelectorAll(".log-bars a").Select(link => link.GetAttribute("href")!).ToList();
        Assert.Contains($"to={Uri.EscapeDataString($"{from.AddHours(5):yyyy-MM-ddTHH:mm:ssZ}")}", links[^1]);
        await client.GetAsync(links[0]);
        Assert.Equal(["in"], Ids(client));

        await client.GetAsync($"/dashboard/p/{project}/logs");
        Assert.Contains("now", client.Document.QuerySelector(".log-axis")!.TextContent);
    }

    [Theory]
    [InlineData("a#b")]
    [InlineData("a/b/c")]
    [InlineData("a%2Fb")]
    [InlineData("50%")]
    [InlineData("?x=1&y=2")]
    [InlineData("..")]
    [InlineData("new")]
    [InlineData("<b>\"'&amp;")]
    [InlineData("a//b/../c/")]
    public async Task Any_id_that_a_caller_has_chosen_is_found_and_opens_from_its_row(string id)
    {
        using var client = await SignInAsync();
        var project = await NewProjectAsync();
        await WriteAsync(Some.Record(project, id: id));
        await WriteAsync(Some.Record(project, id: id.Replace('/', '-').Replace("%2F", "/", StringComparison.Ordinal)));

        await client.GetAsync($"/dashboard/p/{project}/logs?q={Uri.EscapeDataString(id)}");
        Assert.Equal(id, ShownId(client));

        await client.GetAsync($"/dashboard/p/{project}/logs?model=fast");
        var link = client.Document.QuerySelectorAll("[data-row] th a").Select(a => a.GetAttribute("href")!).ToList();
        await client.GetAsync(link[^1]);
        Assert.Equal(HttpStatusCode.OK, client.Response.StatusCode);
        Assert.Contains(ShownId(client), new[] { id, id.Replace('/', '-').Replace("%2F", "/", StringComparison.Ordinal) });
    }

    [Fact]
    public async Task An_id_without_a_record_is_reported_above_the_list()
    {
        using var client = await SignInAsync();
        var project = await NewProjectAsync();

        await client.GetAsync($"/dashboard/p/{project}/logs?q={Uri.EscapeDataString("<i>no such")}");

        Assert.Contains("There is no record of a request with the id <i>no such", client.Document.QuerySelector(".notice.warn")!.TextContent);
        await client.GetAsync($"/dashboard/p/{project}/logs/no-such");
        Assert.Equal(HttpStatusCode.NotFound, client.Response.StatusCode);
    }

    [Fact]
    public async Task Live_updates_start_after_the_rows_on_the_page()
    {
        using var client = await SignInAsync();
        var project = await NewProjectAsync();
        await WriteAsync([.. Enumerable.Range(0, 60).Select(i => Some.Record(project, at: Some.Now.AddSeconds(-i), id: $"r{i:000}"))]);
        await client.GetAsync($"/dashboard/p/{project}/logs?follow=true");
        var follow = client.Document.QuerySelector("[data-follow]")!;

        await client.GetAsync($"{follow.GetAttribute("data-follow")}?after={follow.GetAttribute("data-after")}");

        Assert.Empty(Ids(client));
    }

    [Fact]
    public async Task New_rows_arrive_once_and_match_the_filters()
    {
        using var client = await SignInAsync();
        var project = await NewProjectAsync();
        await WriteAsync(Some.Record(project, id: "before"));
        await client.GetAsync($"/dashboard/p/{project}/logs?model=fast&follow=true");
        var follow = client.Document.QuerySelector("[data-follow]")!;
        var (address, after) = (follow.GetAttribute("data-follow")!, follow.GetAttribute("data-after"));

        // A long request whose record arrives after those of later requests.
        await WriteAsync(Some.Record(project, at: Some.Now.AddMinutes(-30), id: "long"));
        var other = Some.Record(project, id: "other");
        other.ModelAsked = "other";
        await WriteAsync(other);
        await client.GetAsync($"{address}&after={after}");

        Assert.Equal(["long"], Ids(client).Where(id => id != "before"));
        after = client.Document.QuerySelector("table")!.GetAttribute("data-after");
        var rows = client.Document.QuerySelectorAll("[data-row]").Select(row => row.GetAttribute("data-row")).ToHashSet();
        await client.GetAsync($"{address}&after={after}");
        Assert.All(client.Document.QuerySelectorAll("[data-row]"), row => Assert.Contains(row.GetAttribute("data-row"), rows));
    }
}
