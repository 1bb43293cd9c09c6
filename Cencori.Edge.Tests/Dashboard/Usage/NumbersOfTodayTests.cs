using System.Net;
using Cencori.Edge.Metrics;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Metrics;
using Cencori.Edge.Tests.Records;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Cencori.Edge.Tests.Dashboard.Usage;

/// <summary>Numbers of a project, its keys and its usage, compared with the period before and with the counted rows. The time is 10:01 in March 2030.</summary>
public sealed class NumbersOfTodayTests(MetricsApiTests.QuietEdge fixture) : IClassFixture<MetricsApiTests.QuietEdge>
{
    private const string Hostile = "\"><img src=x onerror=alert(1)>\u202E";

    private static readonly DateTimeOffset Now = new(2030, 3, 15, 10, 1, 0, TimeSpan.Zero);

    private readonly RunningEdge _edge = fixture.Edge;

    [Fact]
    public async Task Today_is_compared_with_yesterday_up_to_the_same_time()
    {
        var (project, path) = await CreateAsync();
        using var client = await PageClient.SignedInAsync(_edge);
        await WriteAsync(project, 25, Now.AddHours(-1));
        await client.GetAsync(path);
        Assert.Contains("none yesterday by this time", client.Text, StringComparison.Ordinal);
        Assert.Contains("nothing yesterday by this time", client.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("% more", client.Text, StringComparison.Ordinal);

        // Later requests of yesterday do not count.
        await WriteAsync(project, 20, Now.AddDays(-1).AddHours(-1));
        await WriteAsync(project, 500, Now.AddDays(-1).AddHours(1));
        await WriteAsync(project, 2, Now.AddMinutes(-5), RequestOutcome.Error);
        await client.GetAsync(path);

        var cards = client.Document.QuerySelectorAll(".stats .card").Select(card => card.TextContent).ToArray();
        Assert.Contains("35 % more than yesterday by this time", cards[0], StringComparison.Ordinal);
        Assert.Contains("2 failed, 0 refused by limits: none yesterday by this time.", cards[1], StringComparison.Ordinal);
        Assert.Contains("as long as yesterday by this time", cards[2], StringComparison.Ordinal);
        Assert.Contains("35 % more than yesterday by this time", cards[3], StringComparison.Ordinal);
        Assert.Contains("35 % more than yesterday by this time", cards[4], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Numbers_of_today_link_to_exactly_their_rows()
    {
        var (project, path) = await CreateAsync();
        await WriteAsync(project, 3, Now.AddHours(-1));
        await WriteAsync(project, 4, Now.AddHours(-1), environment: KeyEnvironment.Test);
        await WriteAsync(project, 1, Now.AddHours(-2), RequestOutcome.Error);
        await WriteAsync(project, 1, Now.AddHours(-2), RequestOutcome.RateLimited);
        await WriteAsync(project, 1, Now.AddHours(-2), RequestOutcome.Filtered);
        await WriteAsync(project, 9, Now.AddHours(-11));
        using var client = await PageClient.SignedInAsync(_edge);

        foreach (var (page, counts) in ((string, string[])[])[(path, ["10 requests", "3 requests", "1 request", "1 request", "1 request"]), (path + "?env=production", ["6 requests", "3 requests", "1 request", "1 request", "1 request"])])
        {
            await client.GetAsync(page);
            var links = client.Document.QuerySelectorAll(".stat-value a, #errors ~ dl a").Select(link => link.GetAttribute("href")!).Where(link => link.Contains("/logs?", StringComparison.Ordinal)).ToList();
            Assert.Equal(5, links.Count);
            foreach (var (link, count) in links.Zip(counts))
            {
                await client.GetAsync(link);
                Assert.Equal(count, client.Document.QuerySelector("section.card h2")!.TextContent);
                Assert.Empty(client.Document.QuerySelectorAll(".notice.warn"));
            }
        }

        // The project's card shows the same numbers and links to the same rows. Cards are read at most every five seconds.
        ((FakeTimeProvider)_edge.Services.GetRequiredService<TimeProvider>()).Advance(ProjectCards.Interval);
        await client.GetAsync("/dashboard?q=" + path.Split('/')[^1]);
        var card = client.Document.QuerySelectorAll(".glance a");
        Assert.Equal(("10", "2"), (card[0].TextContent, card[1].TextContent));
        await client.GetAsync(card[1].GetAttribute("href")!);
        Assert.Equal("2 requests", client.Document.QuerySelector("section.card h2")!.TextContent);
    }

    [Fact]
    public async Task The_last_errors_are_listed_with_reason_and_link_to_their_page()
    {
        var (project, path) = await CreateAsync();
        using var client = await PageClient.SignedInAsync(_edge);
        await WriteAsync(project, 8, Now.AddHours(-2));
        await client.GetAsync(path);
        Assert.Contains("No request failed or was refused in the last 24 hours.", client.Text, StringComparison.Ordinal);

        for (var i = 0; i < 6; i++)
        {
            await WriteAsync(project, 1, Now.AddHours(-20).AddMinutes(i), RequestOutcome.Error, id: $"failed#{i}", message: $"reason {i}. {Hostile}");
        }

        await WriteAsync(project, 1, Now.AddDays(-2), RequestOutcome.Error, id: "old");
        await client.GetAsync(path);
        var rows = client.Document.QuerySelectorAll("#failures")[0].Closest("section")!.QuerySelectorAll("tbody tr");
        Assert.Equal(5, rows.Length);
        Assert.Contains("reason 5.", rows[0].TextContent, StringComparison.Ordinal);
        Assert.Empty(client.Document.QuerySelectorAll("main img"));
        Assert.DoesNotContain("\u202E", client.Text, StringComparison.Ordinal);

        await client.GetAsync(rows[0].QuerySelector("a")!.GetAttribute("href")!);
        Assert.Equal(HttpStatusCode.OK, client.Response.StatusCode);
        Assert.Equal("failed#5", client.Document.QuerySelector("[data-request] [data-copy]")!.GetAttribute("data-copy"));

        // The next request in the list is a failure too.
        await client.GetAsync(client.Document.QuerySelector(".heading a[rel=next]")!.GetAttribute("href")!);
        Assert.Equal("failed#4", client.Document.QuerySelector("[data-request] [data-copy]")!.GetAttribute("data-copy"));
    }

    [Fact]
    public async Task A_keys_page_shows_thirty_days_of_usage_with_links_to_the_rows()
    {
        var (project, path) = await CreateAsync();
        var key = (string)(await _edge.SendAdminAsync(HttpMethod.Post, $"/api/projects/{project}/api-keys", new { name = "counted", key_type = "secret", environment = "production" }))["apiKey"]!["id"]!;
        using var client = await PageClient.SignedInAsync(_edge);
        await client.GetAsync($"{path}/keys/{key}");
        Assert.Contains("It was never used.", client.Text, StringComparison.Ordinal);

        await WriteAsync(project, 7, Now.AddDays(-20), key: key);
        await WriteAsync(project, 2, Now.AddDays(-1), RequestOutcome.Error, key: key);
        await WriteAsync(project, 1, Now.AddDays(-1), RequestOutcome.RateLimited, key: key);
        await WriteAsync(project, 50, Now.AddDays(-1), key: "key_other");
        await WriteAsync(project, 5, Now.AddDays(-31), key: key);
        await client.GetAsync($"{path}/keys/{key}");

        var numbers = client.Document.QuerySelectorAll("#use ~ .glance dd").Select(value => value.TextContent.Trim()).ToArray();
        Assert.Equal(("10", "3", "420", "$0.50"), (numbers[0], numbers[1], numbers[2], numbers[3]));
        Assert.Contains("at most 7", client.Document.QuerySelector("#use ~ svg")!.GetAttribute("aria-label"));
        foreach (var (index, count) in ((int, string)[])[(0, "10 requests"), (1, "3 requests")])
        {
            await client.GetAsync($"{path}/keys/{key}");
            await client.GetAsync(client.Document.QuerySelectorAll("#use ~ .glance a")[index].GetAttribute("href")!);
            Assert.Equal(count, client.Document.QuerySelector("section.card h2")!.TextContent);
        }
    }

    [Theory]
    [InlineData("range=1h", "35 % more than in the hour before")]
    [InlineData("", "35 % more than in the 24 hours before")]
    [InlineData("range=7d", "35 % more than in the 7 days before")]
    [InlineData("range=30d", "35 % more than in the 30 days before")]
    [InlineData("range=month", "35 % more than last month by this time")]
    [InlineData("from=2030-03-15T08:00:00Z&to=2030-03-15T10:01:00Z", "35 % more than in the equally long period before")]
    [InlineData("from=2030-03-15T08:00:00Z&to=2030-03-16T10:01:00Z", null)]
    [InlineData("key=key_1&group=none", "35 % more than in the 24 hours before")]
    [InlineData("key=key_1", null)]
    public async Task Usage_is_compared_with_the_equally_long_period_before(string query, string? said)
    {
        var (project, path) = await CreateAsync();
        foreach (var (ago, count) in ((TimeSpan, int)[])[(TimeSpan.FromMinutes(2), 27), (query switch
        {
            "range=1h" => TimeSpan.FromMinutes(62), "range=7d" => TimeSpan.FromDays(7.5), "range=30d" => TimeSpan.FromDays(31), "range=month" => TimeSpan.FromDays(28.1),
            "" or "key=key_1&group=none" => TimeSpan.FromHours(25), _ => TimeSpan.FromHours(3),
        }, 20)])
        {
            await WriteAsync(project, count, Now - ago);
        }

        using var client = await PageClient.SignedInAsync(_edge);
        await client.GetAsync($"{path}/usage?{query}");
        Assert.Equal(HttpStatusCode.OK, client.Response.StatusCode);
        var card = client.Document.QuerySelector(".stats .card")!.TextContent;
        if (said is null)
        {
            Assert.DoesNotContain("before", card, StringComparison.Ordinal);
        }
        else
        {
            Assert.Contains(said, card, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Errors_on_the_usage_page_link_to_their_rows()
    {
        var (project, path) = await CreateAsync();
        await WriteAsync(project, 5, Now.AddMinutes(-90));
        await WriteAsync(project, 2, Now.AddMinutes(-90), RequestOutcome.Error);
        await WriteAsync(project, 1, Now.AddMinutes(-90), RequestOutcome.RateLimited);
        using var client = await PageClient.SignedInAsync(_edge);
        foreach (var selector in new[] { ".stats .card:nth-child(2) .stat-value a", ".breakdown tbody [data-label=Errors] a", ".breakdown tfoot [data-label=Errors] a" })
        {
            await client.GetAsync(path + "/usage");
            await client.GetAsync(client.Document.QuerySelector(selector)!.GetAttribute("href")!);
            Assert.Equal("3 requests", client.Document.QuerySelector("section.card h2")!.TextContent);
        }
    }

    private async Task<(string Id, string Path)> CreateAsync()
    {
        var id = await _edge.CreateProjectAsync();
        return (id, $"/dashboard/p/{(string)(await _edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{id}"))["project"]!["slug"]!}");
    }

    // Pages flush pending records at most once per second, and the clock is stopped. So this method flushes them itself.
    private async Task WriteAsync(
        string project, int count, DateTimeOffset at, RequestOutcome outcome = RequestOutcome.Success, KeyEnvironment environment = KeyEnvironment.Production, string key = "key_1", string id = "req", string? message = null)
    {
        for (var i = 0; i < count; i++)
        {
            var record = Some.Record(project, outcome, at.AddMilliseconds(i), id, "gpt-4o", environment, 0.05m, 800, key);
            record.Message = message;
            _edge.Records().Write(record);
        }

        await _edge.StoredAsync();
    }
}
