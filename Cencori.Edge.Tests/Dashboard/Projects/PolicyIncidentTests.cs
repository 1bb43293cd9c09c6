using System.Net;
using System.Text.Json.Nodes;
using Cencori.Edge.Storage;
using Cencori.Edge.Tests.Dashboard.Sessions;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Policies;
using Cencori.Edge.Tests.Records;

namespace Cencori.Edge.Tests.Dashboard.Projects;

/// <summary>The live test of rules, the incidents page, and findings on a request's page.</summary>
public sealed class PolicyIncidentTests(PolicyEdge at) : IClassFixture<PolicyEdge>
{
    private const string Rules = """{"name":"Mail","kind":"email","action":"mask"},{"name":"Cards","kind":"card","action":"tokenize"},{"name":"Codes","kind":"words","words":["falcon"],"action":"block"},{"name":"Seen","kind":"words","words":["heron"],"action":"monitor"}""";

    [Fact]
    public async Task The_live_test_marks_findings_and_escapes_the_input()
    {
        var (project, path) = await ProjectAsync();
        using var client = await at.Edge.SignedInAsync(UserRole.Viewer, project);
        await client.GetAsync(path + "/test");
        await client.SubmitAsync(path + "/test", ("content", "<b>é heron\nto alice@example.com & 4111 1111 1111 1111</b><script>alert(1)</script>\u202e"));

        Assert.Equal(HttpStatusCode.OK, client.Response.StatusCode);
        Assert.Equal("tokenize", client.Document.GetElementById("strictest")!.TextContent);
        Assert.Equal(["heron", "alice@example.com", "4111 1111 1111 1111"], client.Document.QuerySelectorAll("#read mark").Select(mark => mark.TextContent));
        Assert.Equal("<b>é heron\nto alice@example.com & 4111 1111 1111 1111</b><script>alert(1)</script>\\u202E", client.Document.GetElementById("read")!.TextContent);
        Assert.Matches(@"^<b>é heron\nto \[EMAIL\] & \[CARD_\w+\]</b><script>", client.Document.GetElementById("sent")!.TextContent);
        Assert.Collection(client.Document.QuerySelectorAll("#sent mark").Select(mark => mark.TextContent), mark => Assert.Equal("[EMAIL]", mark), mark => Assert.StartsWith("[CARD_", mark, StringComparison.Ordinal));
        Assert.Empty(client.Document.QuerySelectorAll("main script, main pre b"));
        Assert.Equal(["Seen", "Mail", "Cards"], client.Document.QuerySelectorAll("tbody th").Select(rule => rule.TextContent.Trim()));
        Assert.Contains(" µs", client.Text, StringComparison.Ordinal);

        // The form keeps the input.
        await client.SubmitAsync(path + "/test", ("what", "body"), ("content", """{"model":"gpt-4o","messages":[{"role":"user","content":"é Falcon, alice@example.com"}],"account":4111111111111111}"""));
        Assert.Equal("block", client.Document.GetElementById("strictest")!.TextContent);
        Assert.Contains("Refused: rule.codes.", client.Text, StringComparison.Ordinal);
        Assert.Equal(["Falcon", "alice@example.com", "4111111111111111"], client.Document.QuerySelectorAll("#read mark").Select(mark => mark.TextContent));
        Assert.Equal("messages[0].content", client.Document.QuerySelector("td[data-label=Where]")!.TextContent.Trim());
        Assert.Null(client.Document.GetElementById("sent"));

        await client.SubmitAsync(path + "/test", ("content", """{"messages":[{"role":"user","content":"ü bob@example.com"}],"account":4111111111111111,"m":"x"}"""));
        Assert.Matches("""^\{"messages":\[\{"role":"user","content":"ü \[EMAIL\]"\}\],"account":"\[CARD_\w+\]","m":"x"\}$""", client.Document.GetElementById("sent")!.TextContent);
        Assert.Matches("""^\[EMAIL\]\|"\[CARD_\w+\]"$""", string.Join('|', client.Document.QuerySelectorAll("#sent mark").Select(mark => mark.TextContent)));

        await client.SubmitAsync(path + "/test", ("what", "text"), ("content", "nothing at all"));
        Assert.Contains("No findings", client.Text, StringComparison.Ordinal);
        Assert.Empty((await at.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/logs"))["requests"]!.AsArray());
    }

    [Theory]
    [InlineData("text", "content", "", "1 to 100000")]
    [InlineData("body", "content", "{", "must be JSON. Error in line 1")]
    [InlineData("body", "content", "[]", "a JSON object")]
    [InlineData("body", "endpoint", "chat", "a path")]
    public async Task An_invalid_test_shows_its_error_at_the_field(string what, string field, string value, string reported)
    {
        var (_, path) = await ProjectAsync();
        using var client = await PageClient.SignedInAsync(at.Edge);
        await client.GetAsync(path + "/test");
        await client.SubmitAsync(path + "/test", [("what", what), (field, value), .. field == "content" ? Array.Empty<(string, string)>() : [("content", "{}")]]);
        Assert.Equal(HttpStatusCode.BadRequest, client.Response.StatusCode);
        Assert.Contains(reported, client.Document.GetElementById(field + "-problem")!.TextContent, StringComparison.Ordinal);
        Assert.Equal(what, client.Document.QuerySelector("[name=what][checked]")!.GetAttribute("value"));
    }

    [Fact]
    public async Task Incidents_show_rules_and_places_but_no_payload()
    {
        var (project, path) = await ProjectAsync();
        var key = await at.Edge.CreateKeyAsync(project);
        await at.SentAsync(key, Chat("nothing here"));
        await at.SentAsync(key, Chat("heron, alice@example.com, bob@example.com"));
        using (await at.ChatAsync(key, Chat("falcon")))
        {
            await at.Edge.RowsOfAsync(project, 3);
        }

        using var client = await at.Edge.SignedInAsync(UserRole.Viewer, project);
        await client.GetAsync(path);
        Assert.Equal(["2", "0", "1", "1"], client.Document.QuerySelectorAll("td[data-label=Findings]").Select(hits => hits.TextContent.Trim()));

        await client.GetAsync(client.Document.QuerySelector("main a[href$='/policies/incidents']")!.GetAttribute("href")!);
        Assert.Equal(
            ["Codes|words|input|block|1|messages[0].content", "Mail|email|input|mask|2|messages[0].content", "Seen|words|input|monitor|1|messages[0].content"],
            Lines(client, "incidents", "Rule", "Kind", "In", "Action", "Count", "First place").Order(StringComparer.Ordinal));
        Assert.Contains("403 Filtered", client.Document.QuerySelector("#incidents tbody tr")!.TextContent, StringComparison.Ordinal);
        Assert.Equal(3, client.Document.QuerySelectorAll("#report tbody tr").Length);
        Assert.Contains("2 requests with findings", client.Document.QuerySelector("#report caption")!.TextContent, StringComparison.Ordinal);
        Assert.All((string[])["alice", "bob@", "heron", "falcon"], said => Assert.DoesNotContain(said, client.Html, StringComparison.OrdinalIgnoreCase));
        var logs = client.Document.QuerySelector("main a[href*='/logs?']")!.GetAttribute("href")!;

        await client.GetAsync(client.Document.QuerySelector("#report tr[data-id=mail] a")!.GetAttribute("href")!);
        Assert.Equal(["Mail|2"], Lines(client, "incidents", "Rule", "Count"));
        Assert.Contains("rule=mail", client.Document.QuerySelector("main a[href*='/logs?']")!.GetAttribute("href")!, StringComparison.Ordinal);
        await client.GetAsync(client.Document.QuerySelector(".chip a")!.GetAttribute("href")!);
        Assert.Equal(3, client.Document.QuerySelectorAll("#incidents tbody tr").Length);

        await client.GetAsync(logs);
        Assert.Equal(2, client.Document.QuerySelectorAll("[data-row]").Length);
    }

    [Fact]
    public async Task A_requests_page_shows_findings_and_the_rule_that_refused_it()
    {
        var (project, path) = await ProjectAsync();
        var key = await at.Edge.CreateKeyAsync(project);
        using (await at.ChatAsync(key, Chat("falcon alice@example.com")))
        {
            await at.Edge.RowsOfAsync(project, 1);
        }

        using var client = await at.Edge.SignedInAsync(UserRole.Viewer, project);
        await client.GetAsync(path + "/incidents");
        await client.GetAsync(client.Document.QuerySelector("#incidents tbody th a")!.GetAttribute("href")!);

        Assert.Contains("Filtered: refused by the rule codes (rule.codes)", client.Text, StringComparison.Ordinal);
        var facts = client.Document.QuerySelector(".log-facts")!;
        Assert.Contains("Policies", facts.QuerySelectorAll("h3").Select(heading => heading.TextContent));
        Assert.Equal(["codes|block", "mail|mask"], facts.QuerySelectorAll("tbody tr").Select(row => $"{row.QuerySelector("th")!.TextContent.Trim()}|{row.QuerySelector("[data-label=Action]")!.TextContent.Trim()}").Order(StringComparer.Ordinal));
        Assert.All((string[])["alice", "falcon"], said => Assert.DoesNotContain(said, client.Html, StringComparison.OrdinalIgnoreCase));
    }

    private static string Chat(string said) => new JsonObject { ["model"] = "gpt-4o", ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = said }) }.ToJsonString();

    private static IEnumerable<string> Lines(PageClient client, string table, params string[] cells) =>
        client.Document.QuerySelectorAll($"#{table} tbody tr").Select(row => string.Join('|', cells.Select(cell => row.QuerySelector($"[data-label='{cell}']")!.TextContent.Trim())));

    private async Task<(string Project, string Path)> ProjectAsync()
    {
        var (project, _) = await at.CreateAsync(Rules);
        var slug = (string)(await at.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}"))["project"]!["slug"]!;
        return (project, $"/dashboard/p/{slug}/policies");
    }
}
