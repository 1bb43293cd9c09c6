using System.Net;
using System.Text.Json.Nodes;
using AngleSharp.Dom;
using Cencori.Edge.Admin.Logs;
using Cencori.Edge.Storage;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Records;

namespace Cencori.Edge.Tests.Dashboard;

/// <summary>The list of a project's requests, as its address asks for it.</summary>
public sealed class LogsPageTests(AnsweringEdge openai) : IClassFixture<AnsweringEdge>
{
    private const string Hostile = "\"><img src=x onerror=alert(1)>\u202Egnp.exe";

    [Fact]
    public async Task A_request_is_a_row_with_all_that_a_row_tells()
    {
        using var client = await SignInAsync();
        var project = await NewProjectAsync();
        await WriteAsync(Some.Record(project, id: "one"));
        await WriteAsync(Some.Record(project, RequestOutcome.Success, Some.Now.AddSeconds(-1), "unpriced", cost: null));

        await client.GetAsync($"/dashboard/p/{project}/logs");

        var rows = Rows(client);
        Assert.Equal(2, rows.Count);
        Assert.Contains("200 Success", rows[0].TextContent);
        Assert.Contains("fast", rows[0].TextContent);
        Assert.Contains("→ gpt-4o", rows[0].TextContent);
        Assert.Contains("~12 → 30", rows[0].TextContent);
        Assert.Contains("$0.0000125", rows[0].QuerySelector("[data-label=Cost] span")!.GetAttribute("title"));
        Assert.Contains("120 ms", rows[0].TextContent);
        Assert.Contains("800 ms", rows[0].TextContent);
        Assert.Contains("unpriced", rows[1].QuerySelector("[data-label=Cost]")!.TextContent);
        Assert.Equal(["stream", "1 more try", "estimated"], rows[0].QuerySelectorAll("[data-flag]").Select(flag => flag.TextContent));
        Assert.Equal("2 requests", client.Document.QuerySelector("section.card h2")!.TextContent);
    }

    [Theory]
    [InlineData("status=429", "limited")]
    [InlineData("status=4xx", "limited")]
    [InlineData("outcome=rate_limited", "limited")]
    [InlineData("status=error&outcome=cancelled", "cancelled failed")]
    [InlineData("model=gpt-4o-mini", "mini")]
    [InlineData("model=fast&model=gpt-4o-mini", "cancelled failed key limited mini plain test")]
    [InlineData("env=test", "test")]
    [InlineData("key=key_2", "key")]
    [InlineData("provider=openai&key=key_2", "key")]
    [InlineData("range=1h", "cancelled failed key limited mini plain test")]
    [InlineData("range=7d", "cancelled failed key limited mini old plain test")]
    [InlineData("error=PROVIDER_ERROR", "failed")]
    public async Task Filters_stand_in_the_address_and_hold(string query, string expected)
    {
        using var client = await SignInAsync();
        var project = await NewProjectAsync();
        await WriteAsync([.. Different(project)]);

        await client.GetAsync($"/dashboard/p/{project}/logs?{query}");

        Assert.Equal(expected, string.Join(' ', Ids(client).Order(StringComparer.Ordinal)));
        Assert.Empty(client.Document.QuerySelectorAll(".notice.warn"));
    }

    [Fact]
    public async Task Each_chip_takes_its_filter_away_and_the_form_sends_what_it_shows()
    {
        using var client = await SignInAsync();
        var project = await NewProjectAsync();
        await client.GetAsync($"/dashboard/p/{project}/logs?range=7d&model=a&model=b&status=4xx");

        var chips = client.Document.QuerySelectorAll(".chip a").Select(link => Query(link.GetAttribute("href")!)).ToList();
        Assert.Equal(["range=7d&model=a&model=b", "range=7d&status=4xx&model=b", "range=7d&status=4xx&model=a"], chips);

        var form = client.Document.QuerySelector("details.log-filter form")!;
        Assert.Equal("4xx", form.QuerySelector("select[name=status] option[selected]")!.GetAttribute("value"));
        Assert.Equal("a", form.QuerySelector("input[name=model]:not([type=hidden])")!.GetAttribute("value"));
        Assert.Equal(["7d", "b"], form.QuerySelectorAll("input[type=hidden]").Select(input => input.GetAttribute("value")));
    }

    [Fact]
    public async Task What_cannot_be_read_is_told_and_passed_over()
    {
        using var client = await SignInAsync();
        var project = await NewProjectAsync();
        await WriteAsync(Some.Record(project, id: "one"));

        await client.GetAsync($"/dashboard/p/{project}/logs?range=9y&status=teapot&cursor=x&from=yesterday&nonsense=1&env=moon");

        Assert.Equal(HttpStatusCode.OK, client.Answer.StatusCode);
        Assert.Equal(["one"], Ids(client));
        var told = client.Document.QuerySelector(".notice.warn")!.TextContent;
        foreach (var name in new[] { "range", "status", "cursor", "from", "nonsense", "env" })
        {
            Assert.Contains(name, told);
        }

        Assert.DoesNotContain("teapot", client.Document.QuerySelector("nav.tabs")!.InnerHtml);
    }

    [Fact]
    public async Task Pages_lead_from_the_newest_to_the_oldest_and_back_and_no_row_is_missed_or_shown_twice()
    {
        using var client = await SignInAsync();
        var project = await NewProjectAsync();
        var now = Some.Now;

        // Many of one millisecond.
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
    public async Task An_empty_page_leads_back_to_every_row()
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
    public async Task Bars_end_where_the_period_does_and_their_links_count_what_they_do()
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

    [Fact]
    public async Task Who_follows_is_told_nothing_that_was_there_before()
    {
        using var client = await SignInAsync();
        var project = await NewProjectAsync();
        await WriteAsync([.. Enumerable.Range(0, 60).Select(i => Some.Record(project, at: Some.Now.AddSeconds(-i), id: $"r{i:000}"))]);
        await client.GetAsync($"/dashboard/p/{project}/logs?follow=true");
        var follow = client.Document.QuerySelector("[data-follow]")!;

        await client.GetAsync($"{follow.GetAttribute("data-follow")}?after={follow.GetAttribute("data-after")}");

        Assert.Empty(Ids(client));
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
        Assert.Equal(HttpStatusCode.OK, client.Answer.StatusCode);
        Assert.Contains(ShownId(client), new[] { id, id.Replace('/', '-').Replace("%2F", "/", StringComparison.Ordinal) });
    }

    [Fact]
    public async Task An_id_of_which_nothing_is_kept_is_told_beside_the_list()
    {
        using var client = await SignInAsync();
        var project = await NewProjectAsync();

        await client.GetAsync($"/dashboard/p/{project}/logs?q={Uri.EscapeDataString("<i>no such")}");

        Assert.Contains("Nothing is kept of a request with the id <i>no such", client.Document.QuerySelector(".notice.warn")!.TextContent);
        await client.GetAsync($"/dashboard/p/{project}/logs/no-such");
        Assert.Equal(HttpStatusCode.NotFound, client.Answer.StatusCode);
    }

    [Fact]
    public async Task Where_nothing_is_found_the_page_says_which_filter_is_why()
    {
        using var client = await SignInAsync();
        var project = await NewProjectAsync();
        await client.GetAsync($"/dashboard/p/{project}/logs");
        Assert.Contains("No requests yet.", client.Text);

        await WriteAsync(Some.Record(project, at: Some.Now.AddDays(-3)));
        await client.GetAsync($"/dashboard/p/{project}/logs");
        Assert.Contains("No requests in this period.", client.Text);

        await WriteAsync(Some.Record(project));
        await client.GetAsync($"/dashboard/p/{project}/logs?model=fast&status=5xx");
        Assert.Contains("No request matches these filters.", client.Text);
        var without = Assert.Single(client.Document.QuerySelectorAll(".empty a[href*=model]"));
        Assert.Equal("Result: 5xx", without.TextContent);
    }

    [Fact]
    public async Task Whatever_strangers_wrote_is_text()
    {
        using var client = await SignInAsync();
        var project = await NewProjectAsync();
        var record = Some.Record(project, RequestOutcome.Error, id: "hostile", model: Hostile, key: Hostile);
        (record.ModelAsked, record.Message, record.App, record.Param, record.ErrorCode) = (Hostile + new string('x', 10_000), Hostile, Hostile, Hostile, Hostile);
        await WriteAsync(record);

        foreach (var path in new[] { "logs", $"logs?model={Uri.EscapeDataString(Hostile)}", $"logs?q={Uri.EscapeDataString(Hostile)}&key={Uri.EscapeDataString(Hostile)}", "logs/hostile", "logs-follow?after=0" })
        {
            await client.GetAsync($"/dashboard/p/{project}/{path}");
            Assert.Empty(client.Document.QuerySelectorAll("img[src=x]"));
            Assert.DoesNotContain("\u202E", client.Text);
        }
    }

    [Fact]
    public async Task What_has_arrived_since_is_told_once_and_under_the_same_filters()
    {
        using var client = await SignInAsync();
        var project = await NewProjectAsync();
        await WriteAsync(Some.Record(project, id: "before"));
        await client.GetAsync($"/dashboard/p/{project}/logs?model=fast&follow=true");
        var follow = client.Document.QuerySelector("[data-follow]")!;
        var (address, after) = (follow.GetAttribute("data-follow")!, follow.GetAttribute("data-after"));

        // It ran long, and has arrived after those that began later.
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

    [Fact]
    public async Task A_file_has_just_what_is_filtered_and_says_that_it_is_whole()
    {
        var project = await NewProjectAsync();
        using var client = await openai.Edge.SignedInAsync(UserRole.Member, project);
        await WriteAsync([.. Enumerable.Range(0, 600).Select(i => Some.Record(project, id: $"=r{i}")), Some.Record(project, id: "other", key: "key_2")]);
        await client.GetAsync($"/dashboard/p/{project}/logs-export?format=csv&key=key_1");
        var lines = client.Html.TrimEnd().Split("\r\n");
        Assert.StartsWith("request_id,started_at,project_id,key_id", lines[0]);
        Assert.Equal(602, lines.Length);
        Assert.All(lines[1..^1], line => Assert.StartsWith("\"'=r", line));
        Assert.Equal("# whole: 600 requests", lines[^1]);

        await client.GetAsync($"/dashboard/p/{project}/logs-export?format=json&key=key_2");
        var json = client.Html.TrimEnd().Split('\n').Select(line => JsonNode.Parse(line)!).ToList();
        Assert.Equal("other", (string?)json[0]["request_id"]);
        Assert.True((bool)json[^1]["whole"]!);
        Assert.StartsWith("attachment", client.Answer.Content.Headers.ContentDisposition!.ToString());
    }

    [Fact]
    public async Task A_viewer_sees_rows_and_has_no_file_and_strangers_see_nothing()
    {
        var project = await NewProjectAsync();
        await WriteAsync(Some.Record(project, id: "theirs"));
        using var viewer = await openai.Edge.SignedInAsync(UserRole.Viewer, project);
        await viewer.GetAsync($"/dashboard/p/{project}/logs");
        Assert.Equal(["theirs"], Ids(viewer));
        Assert.Empty(viewer.Document.QuerySelectorAll("a[href*=export]"));
        await viewer.GetAsync($"/dashboard/p/{project}/logs-export");
        Assert.Equal(HttpStatusCode.Forbidden, viewer.Answer.StatusCode);

        using var stranger = await openai.Edge.SignedInAsync(UserRole.Member, await NewProjectAsync());
        foreach (var path in new[] { "logs", "logs/theirs", "logs-follow", "logs-export" })
        {
            await stranger.GetAsync($"/dashboard/p/{project}/{path}");
            Assert.Equal(HttpStatusCode.NotFound, stranger.Answer.StatusCode);
        }
    }

    private static IEnumerable<RequestRecord> Different(string project)
    {
        yield return Some.Record(project, id: "plain");
        var limited = Some.Record(project, RequestOutcome.RateLimited, id: "limited", model: null);
        limited.Status = 429;
        yield return limited;
        var failed = Some.Record(project, RequestOutcome.Error, id: "failed");
        failed.Status = 502;
        yield return failed;
        yield return Some.Record(project, RequestOutcome.Cancelled, id: "cancelled");
        var mini = Some.Record(project, id: "mini", model: "gpt-4o-mini");
        mini.ModelAsked = "small";
        yield return mini;
        yield return Some.Record(project, id: "test", environment: KeyEnvironment.Test);
        yield return Some.Record(project, id: "key", key: "key_2");
        yield return Some.Record(project, at: Some.Now.AddDays(-3), id: "old");
    }

    private static string Query(string address) => Uri.UnescapeDataString(address[(address.IndexOf('?') + 1)..]);

    private static List<IElement> Rows(PageClient client) => [.. client.Document.QuerySelectorAll("[data-row]")];

    private static List<string> Ids(PageClient client) => [.. client.Document.QuerySelectorAll("[data-row] th a").Select(a =>
    {
        var path = a.GetAttribute("href")!.Split('?')[0];
        return Uri.UnescapeDataString(path[(path.IndexOf("/logs/", StringComparison.Ordinal) + "/logs/".Length)..]);
    })];

    private static string? ShownId(PageClient client) => client.Document.QuerySelector("[data-request] [data-copy]")?.GetAttribute("data-copy");

    // Pages ask for what is not written yet at most once a second.
    private async Task WriteAsync(params RequestRecord[] records)
    {
        foreach (var record in records)
        {
            openai.Edge.Records().Write(record);
        }

        await openai.Edge.Records().FlushAsync();
    }

    private Task<PageClient> SignInAsync() => PageClient.SignedInAsync(openai.Edge);

    private async Task<string> NewProjectAsync() => (await openai.CreateAsync(new { })).ProjectId;
}
