using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Metrics;
using Cencori.Edge.Tests.Records;
using CsCheck;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Dashboard.Usage;

/// <summary>The usage page of a project, at 10:01 in March 2030.</summary>
public sealed class UsagePageTests(MetricsApiTests.QuietEdge fixture) : IClassFixture<MetricsApiTests.QuietEdge>
{
    private static readonly DateTimeOffset Now = new(2030, 3, 15, 10, 1, 0, TimeSpan.Zero);

    private static readonly string[] Models = ["gpt-4o", "gpt-4o-mini", "claude-opus-4-1", "gemini-2.5-pro", "m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "m9"];

    private static readonly RequestOutcome[] Outcomes = [.. Enum.GetValues<RequestOutcome>().Where(outcome => outcome != RequestOutcome.Shadow)];

    private readonly RunningEdge _edge = fixture.Edge;

    [Fact]
    [Trait(SlowestTests.Trait, "Thousands of records are stored and read in every possible way.")]
    public async Task Cards_charts_tables_CSV_and_metrics_agree() =>
        await Gen.Select(Gen.OneOfConst(Models), Gen.OneOfConst(Outcomes), Gen.Int[0, 44_000], Gen.Int[0, 5_000_000].Nullable(), Gen.Int[1, 60_000]).Array[150].SampleAsync(
            async requests =>
            {
                var (project, slug, key) = await CreateAsync();
                foreach (var (model, outcome, minutes, micros, milliseconds) in requests)
                {
                    foreach (var part in (int[])[1, 60, 900])
                    {
                        await WriteAsync(project, outcome, Now.AddMinutes(-minutes / part).AddSeconds(-minutes % 60), model, micros / 1_000_000m, milliseconds);
                    }
                }

                using var client = await PageClient.SignedInAsync(_edge);
                foreach (var (range, period) in ((string, string)[])[("1h", "1h"), ("24h", "24h"), ("7d", "7d"), ("30d", "30d"), ("month", "mtd")])
                {
                    await CompareAsync(client, $"/dashboard/p/{slug}/usage?env=production&range={range}", key, period);
                }
            },
            iter: 2,
            threads: 1);

    private async Task CompareAsync(PageClient client, string path, string key, string period)
    {
        using var response = await _edge.SendAsync(key, HttpMethod.Get, $"/v1/metrics?period={period}");
        var metrics = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        await client.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, client.Response.StatusCode);
        var card = Number(client.Document.QuerySelector(".stat-value")!.GetAttribute("title")!);
        var all = client.Document.QuerySelectorAll("tfoot td").Select(cell => cell.TextContent.Trim()).ToArray();
        var rows = client.Document.QuerySelectorAll("table.rows tbody tr").ToArray();
        var chart = client.Document.QuerySelectorAll("#requests-chart ~ details tbody tr").Sum(row => Number(row.Children[^1].TextContent));
        await client.GetAsync(path + "&format=json");
        var json = JsonNode.Parse(client.Html)!;
        await client.GetAsync(path + "&format=csv");
        var csv = client.Html.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line.Split(',')).ToArray();

        var total = (long)metrics["requests"]!["total"]!;
        Assert.True(total > 50, path);
        Assert.Equal([total, total, total, total, total, total], [card, Number(all[0]), chart, rows.Sum(row => Number(row.Children[1].TextContent)), Sum(json, "requests"), csv.Sum(fields => long.Parse(fields[4], CultureInfo.InvariantCulture))]);
        Assert.Equal(11, rows.Length);
        Assert.Equal("Other", rows[^1].Children[0].TextContent.Trim());

        var errors = (long)metrics["requests"]!["error"]!;
        Assert.Equal([errors, errors, errors], [Number(all[2]), (long)Sum(json, "errors"), csv.Sum(fields => long.Parse(fields[8], CultureInfo.InvariantCulture) + long.Parse(fields[9], CultureInfo.InvariantCulture))]);
        var usd = (decimal)metrics["cost"]!["total_usd"]!;
        Assert.InRange(Sum(json, "cost") - usd, -0.00006m, 0.00006m);
        Assert.Equal(Sum(json, "cost"), csv.Sum(fields => decimal.Parse(fields[13], CultureInfo.InvariantCulture)));
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"{(long)metrics["unpriced"]!:#,0} unpriced"), all[5], StringComparison.Ordinal);
        Assert.Equal((long)metrics["unpriced"]!, csv.Sum(fields => long.Parse(fields[14], CultureInfo.InvariantCulture)));
        Assert.Equal((long)metrics["tokens"]!["total"]!, Sum(json, "tokens"));
        Assert.Equal((long)metrics["tokens"]!["prompt"]!, Number(all[3]));
        Assert.Equal((long)metrics["tokens"]!["completion"]!, Number(all[4]));
    }

    [Theory]
    [InlineData("Asia/Kathmandu", "15:45", "UTC+05:45")]
    [InlineData("America/St_Johns", "07:30", "UTC−02:30")]
    [InlineData("", "10:00", "in UTC")]
    public async Task Hours_are_shown_in_the_viewers_zone_and_days_in_UTC(string zone, string label, string said)
    {
        var (project, slug, _) = await CreateAsync();
        await WriteAsync(project, at: Now.AddSeconds(-1));
        using var client = await PageClient.SignedInAsync(_edge);
        Look(client, zone);

        await client.GetAsync($"/dashboard/p/{slug}/usage");
        var hour = client.Document.QuerySelectorAll("#requests-chart ~ details tbody tr").Last();
        Assert.Equal(["Mar 15, " + label + " (partial)", "1"], [hour.Children[0].TextContent, hour.Children[^1].TextContent]);
        Assert.Contains(said, client.Document.QuerySelector("#requests-chart ~ details caption")!.TextContent, StringComparison.Ordinal);

        await client.GetAsync($"/dashboard/p/{slug}/usage?range=30d");
        var day = client.Document.QuerySelectorAll("#requests-chart ~ details tbody tr").Last();
        Assert.Equal("Mar 15 (partial)", day.Children[0].TextContent);
        Assert.Contains("Times in UTC.", client.Document.QuerySelector("#requests-chart ~ details caption")!.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task When_clocks_change_every_hour_shows_its_offset()
    {
        var (project, slug, _) = await CreateAsync();

        // In New York, 2 o'clock on 10 March 2030 does not exist.
        for (var hour = 5; hour < 9; hour++)
        {
            await WriteAsync(project, at: new DateTimeOffset(2030, 3, 10, hour, 30, 0, TimeSpan.Zero));
        }

        using var client = await PageClient.SignedInAsync(_edge);
        Look(client, "America/New_York");
        await client.GetAsync($"/dashboard/p/{slug}/usage?from=2030-03-10T05:00:00Z&to=2030-03-10T09:00:00Z");

        Assert.Equal(
            ["Mar 10, 00:00 -05:00", "Mar 10, 01:00 -05:00", "Mar 10, 03:00 -04:00", "Mar 10, 04:00 -04:00"],
            client.Document.QuerySelectorAll("#requests-chart ~ details tbody th").Select(cell => cell.TextContent));
    }

    [Fact]
    public async Task Invalid_parameters_are_reported_and_ignored()
    {
        var (project, slug, _) = await CreateAsync();
        await WriteAsync(project, at: Now.AddMinutes(-1));
        using var client = await PageClient.SignedInAsync(_edge);
        foreach (var query in (string[])["range=2h", "from=yesterday", "from=2030-03-15T12:00Z&to=2030-03-15T11:00Z", "from=0001-01-01", "group=nothing", "env=live", "colour=red", "model=" + new string('x', 300)])
        {
            await client.GetAsync($"/dashboard/p/{slug}/usage?{query}");
            Assert.Equal(HttpStatusCode.OK, client.Response.StatusCode);
            Assert.Contains("Parts of the address were ignored", client.Text, StringComparison.Ordinal);
            Assert.Equal("1", client.Document.QuerySelector(".stat-value")!.TextContent.Trim());
        }
    }

    [Fact]
    public async Task Links_keep_the_pages_filters()
    {
        var (project, slug, _) = await CreateAsync();
        await WriteAsync(project, at: Now.AddMinutes(-1));
        using var client = await PageClient.SignedInAsync(_edge);
        await client.GetAsync($"/dashboard/p/{slug}/usage?range=7d&env=production&model=gpt-4o&group=key");

        var paths = client.Document.QuerySelectorAll("main a").Select(link => link.GetAttribute("href")!).ToArray();
        Assert.Contains(paths, path => (string[])["range=30d", "group=key", "env=production", "model=gpt-4o"] is var all && all.All(part => path.Contains(part, StringComparison.Ordinal)));
        Assert.Contains(paths, path => path.StartsWith($"/dashboard/p/{slug}/logs?", StringComparison.Ordinal) && path.Contains("served=gpt-4o", StringComparison.Ordinal) && path.Contains("range=7d", StringComparison.Ordinal));
        Assert.Contains(paths, path => path.Contains("/usage?", StringComparison.Ordinal) && !path.Contains("model=", StringComparison.Ordinal) && path.Contains("env=production", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Hostile_names_stay_text_and_CSV_contains_no_formula()
    {
        var (project, slug, _) = await CreateAsync();
        string[] names = ["\"><img src=x onerror=alert(1)>", "{{7*7}}", "\u202Eevil", "=cmd|' /C calc'!A0", new string('n', 10_000)];
        foreach (var name in names)
        {
            await WriteAsync(project, at: Now.AddMinutes(-1), model: name);
        }

        using var client = await PageClient.SignedInAsync(_edge);
        await client.GetAsync($"/dashboard/p/{slug}/usage?model={Uri.EscapeDataString(names[0])}&model={Uri.EscapeDataString(names[2])}");
        Assert.Empty(client.Document.QuerySelectorAll("img[src=x], script:not([src])"));
        await client.GetAsync($"/dashboard/p/{slug}/usage");
        Assert.Empty(client.Document.QuerySelectorAll("img[src=x], script:not([src])"));
        Assert.DoesNotContain('\u202E', client.Text);
        Assert.DoesNotContain(new string('n', 200), client.Text, StringComparison.Ordinal);

        await client.GetAsync($"/dashboard/p/{slug}/usage?format=csv");
        Assert.Contains("\"'=cmd", client.Html, StringComparison.Ordinal);
        Assert.Equal("text/csv; charset=utf-8", client.Response.Content.Headers.ContentType!.ToString());
        Assert.Contains("usage.exported", await _edge.Admin.GetStringAsync("/api/audit"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_requests_the_page_suggests_how_to_see_more()
    {
        var (_, slug, _) = await CreateAsync();
        using var client = await PageClient.SignedInAsync(_edge);
        await client.GetAsync($"/dashboard/p/{slug}/usage?model=gpt-4o");

        Assert.Contains("No requests in this period", client.Text, StringComparison.Ordinal);
        Assert.Contains("Remove the filters", client.Text, StringComparison.Ordinal);
        Assert.Empty(client.Document.QuerySelectorAll("[data-charts]"));
        await client.GetAsync($"/dashboard/p/{slug}/usage?format=json");
        Assert.Equal(0, Sum(JsonNode.Parse(client.Html)!, "requests"));
    }

    private void Look(PageClient client, string zone)
    {
        if (zone.Length > 0)
        {
            client.Cookies.Add(_edge.Address, new Cookie("edge-zone", Uri.EscapeDataString(zone)) { Path = "/dashboard" });
        }
    }

    private static decimal Sum(JsonNode json, string chart) =>
        json["charts"]!.AsArray().Single(one => (string)one!["id"]! == chart)!["series"]!.AsArray().Sum(series => series!["values"]!.AsArray().Sum(value => (decimal?)value ?? 0));

    private static long Number(string text) => long.Parse(text.Trim(), NumberStyles.AllowThousands, CultureInfo.InvariantCulture);

    private async Task<(string Project, string Slug, string Key)> CreateAsync()
    {
        var project = await _edge.CreateProjectAsync();
        return (project, (string)(await _edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}"))["project"]!["slug"]!, await _edge.CreateKeyAsync(project));
    }

    // Pages flush pending records at most once per second, and the clock is stopped. So this method flushes them itself.
    private async Task WriteAsync(string project, RequestOutcome outcome = RequestOutcome.Success, DateTimeOffset? at = null, string? model = "gpt-4o", decimal? cost = 1, long milliseconds = 800)
    {
        _edge.Records().Write(Some.Record(project, outcome, at ?? Now.AddMinutes(-90), "req", model, KeyEnvironment.Production, cost, milliseconds));
        await _edge.StoredAsync();
    }
}
