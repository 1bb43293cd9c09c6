using System.Net;
using System.Text.Json.Nodes;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Tests.Dashboard.Sessions;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Records;

namespace Cencori.Edge.Tests.Dashboard.Logs;

/// <summary>The list of a project's requests for different URLs.</summary>
public sealed class LogsPageTests(RespondingEdge openai) : LogsScene(openai)
{
    private const string Hostile = "\"><img src=x onerror=alert(1)>\u202Egnp.exe";

    [Fact]
    public async Task A_request_is_a_row_with_all_its_columns()
    {
        using var client = await SignInAsync();
        var project = await NewProjectAsync();
        await WriteAsync(Some.Record(project, id: "one"));
        await WriteAsync(Some.Record(project, RequestOutcome.Success, Some.Now.AddMinutes(-1), "unpriced", cost: null));

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
    public async Task Filters_in_the_URL_apply(string query, string expected)
    {
        using var client = await SignInAsync();
        var project = await NewProjectAsync();
        await WriteAsync([.. Different(project)]);

        await client.GetAsync($"/dashboard/p/{project}/logs?{query}");

        Assert.Equal(expected, string.Join(' ', Ids(client).Order(StringComparer.Ordinal)));
        Assert.Empty(client.Document.QuerySelectorAll(".notice.warn"));
    }

    [Fact]
    public async Task Each_chip_removes_its_filter_and_the_form_sends_what_it_shows()
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
    public async Task Invalid_filters_are_reported_and_ignored()
    {
        using var client = await SignInAsync();
        var project = await NewProjectAsync();
        await WriteAsync(Some.Record(project, id: "one"));

        await client.GetAsync($"/dashboard/p/{project}/logs?range=9y&status=teapot&cursor=x&from=yesterday&nonsense=1&env=moon");

        Assert.Equal(HttpStatusCode.OK, client.Response.StatusCode);
        Assert.Equal(["one"], Ids(client));
        var reported = client.Document.QuerySelector(".notice.warn")!.TextContent;
        foreach (var name in new[] { "range", "status", "cursor", "from", "nonsense", "env" })
        {
            Assert.Contains(name, reported);
        }

        Assert.DoesNotContain("teapot", client.Document.QuerySelector("nav.tabs")!.InnerHtml);
    }

    [Fact]
    public async Task Without_results_the_page_names_the_filter_that_excludes_them()
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
    public async Task Untrusted_text_stays_text()
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
    public async Task An_export_contains_the_filtered_rows_and_says_that_it_is_complete()
    {
        var project = await NewProjectAsync();
        using var client = await Openai.Edge.SignedInAsync(UserRole.Member, project);
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
        Assert.StartsWith("attachment", client.Response.Content.Headers.ContentDisposition!.ToString());
    }

    [Fact]
    public async Task Viewers_see_rows_but_cannot_export_and_strangers_see_nothing()
    {
        var project = await NewProjectAsync();
        await WriteAsync(Some.Record(project, id: "theirs"));
        using var viewer = await Openai.Edge.SignedInAsync(UserRole.Viewer, project);
        await viewer.GetAsync($"/dashboard/p/{project}/logs");
        Assert.Equal(["theirs"], Ids(viewer));
        Assert.Empty(viewer.Document.QuerySelectorAll("a[href*=export]"));
        await viewer.GetAsync($"/dashboard/p/{project}/logs-export");
        Assert.Equal(HttpStatusCode.Forbidden, viewer.Response.StatusCode);

        using var stranger = await Openai.Edge.SignedInAsync(UserRole.Member, await NewProjectAsync());
        foreach (var path in new[] { "logs", "logs/theirs", "logs-follow", "logs-export" })
        {
            await stranger.GetAsync($"/dashboard/p/{project}/{path}");
            Assert.Equal(HttpStatusCode.NotFound, stranger.Response.StatusCode);
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
}
