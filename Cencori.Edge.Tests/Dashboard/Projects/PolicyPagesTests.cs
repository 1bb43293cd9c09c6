using System.Net;
using System.Text.Json.Nodes;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using Cencori.Edge.Storage;
using Cencori.Edge.Tests.Dashboard.Sessions;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Policies;

namespace Cencori.Edge.Tests.Dashboard.Projects;

/// <summary>The policy pages: the list, forms, and the settings for all rules.</summary>
public sealed class PolicyPagesTests(PolicyEdge at) : IClassFixture<PolicyEdge>
{
    private const string Hostile = "<img src=x onerror=alert(1)>\u202e";

    [Fact]
    public async Task A_rule_is_created_with_fields_changed_switched_and_deleted()
    {
        var (client, id, path) = await OpenAsync();
        using (client)
        {
            Assert.Contains("No rules yet", client.Text, StringComparison.Ordinal);
            await client.GetAsync(path + "/new");
            await client.SubmitAsync(
                path, ("name", Hostile), ("kind", "words"), ("words", " project falcon \r\n\r\nköder, groß"), ("threshold", "2"), ("action", "block"), ("stage", "both"), ("allow", "*@acme.com\r\nx"),
                ("roles", "user"), ("roles", "system"), ("mask_embeddings", "on"),

                // Fields of other kinds: a browser without scripts sends them all.
                ("pattern", "a+"), ("min_score", "0.9"));
            Assert.Contains("The rule has been created.", client.Text, StringComparison.Ordinal);
            Assert.Empty(client.Document.QuerySelectorAll("main img"));
            var created = """{"id":"img_src_x_onerror_alert_1","name":"<img src=x onerror=alert(1)>\u202E","kind":"words","action":"block","stage":"both","roles":["user","system"],"allow":["*@acme.com","x"],"words":["project falcon","köder, groß"],"threshold":2,"mask_embeddings":true}""";
            Assert.Equal(JsonNode.Parse(created)!.ToJsonString(), (await RulesAsync(id)).Single()!.ToJsonString());
            Assert.Contains("The action of a rule is mask, tokenize or block", client.Document.QuerySelector(".notice.warn")!.TextContent, StringComparison.Ordinal);
            var rule = Assert.Single(client.Document.QuerySelectorAll("tbody tr"));
            Assert.Contains("project falcon, köder, groß, 2 of them together", rule.TextContent, StringComparison.Ordinal);

            // The form is complete: sending it unchanged changes nothing.
            await client.GetAsync(rule.QuerySelector("a[href*='/policies/edit/']")!.GetAttribute("href")!);
            await client.SubmitAsync(path + "/edit/");
            Assert.Contains("Saved.", client.Text, StringComparison.Ordinal);
            Assert.Contains("Version 1.", client.Text, StringComparison.Ordinal);

            await client.GetAsync(path + "/edit/img_src_x_onerror_alert_1");
            await client.SubmitAsync(path + "/edit/", ("name", "Codenames"), ("kind", "pattern"), ("pattern", "F-[0-9]+"), ("ignore_case", "on"), ("max_match", "20"), ("stage", ""));
            var changed = (await RulesAsync(id)).Single()!;
            Assert.Equal(
                ("img_src_x_onerror_alert_1", "Codenames", "pattern", "F-[0-9]+", true, 20, "both", null),
                ((string)changed["id"]!, (string)changed["name"]!, (string)changed["kind"]!, (string)changed["pattern"]!, (bool)changed["ignore_case"]!, (int)changed["max_match"]!, (string)changed["stage"]!, (string?)changed["words"]?.ToJsonString()));

            await client.SubmitAsync(path + "/switch/", ("action", "monitor"));
            Assert.Equal("monitor", client.Document.QuerySelector("td[data-label=Action] .badge")!.TextContent);
            Assert.Equal("monitor", (string)(await RulesAsync(id)).Single()!["action"]!);

            await client.GetAsync(client.Document.QuerySelector("a[href*='/policies/delete/']")!.GetAttribute("href")!);
            Assert.Contains("No other rule is on", client.Text, StringComparison.Ordinal);
            await client.SubmitAsync(path + "/delete/");
            Assert.Contains("The rule has been deleted.", client.Text, StringComparison.Ordinal);
            Assert.Empty(await RulesAsync(id));
        }
    }

    [Theory]
    [InlineData("words", "words", "", "words must have 1 to 1000")]
    [InlineData("words", "threshold", "1,5", "a whole number")]
    [InlineData("words", "threshold", "3", "from 1 to the number of different words")]
    [InlineData("pattern", "pattern", "(?=a)b", "look")]
    [InlineData("pattern", "max_match", "5000", "max_match must be from 1 to 4096")]
    [InlineData("national_id", "regions", "XX", "'XX' is not supported")]
    [InlineData("phone", "default_region", "99", "two capital letters")]
    [InlineData("canary", "canary", "short", "canary must have 8 to 200")]
    [InlineData("injection", "min_score", "2", "min_score must be from 0.1 to 1")]
    [InlineData("injection", "min_score", "0,5", "such as 0.7")]
    [InlineData("injection", "action", "tokenize", "must not be restored")]
    [InlineData("email", "name", "taken!", "another rule has this id")]
    [InlineData("email", "roles", "nobody", "Choose roles from the list")]
    [InlineData("email", "allow", "*", "allow must have at most")]
    public async Task An_invalid_field_shows_its_error_and_the_form_keeps_the_input(string kind, string field, string value, string reported)
    {
        var (client, id, path) = await OpenAsync("""{"name":"Taken","kind":"card"}""");
        using (client)
        {
            await client.GetAsync(path + "/new");
            (string Name, string Value)[] typed = [("name", "kept"), ("kind", kind), ("words", "one"), ("pattern", "x"), ("regions", "DE"), ("canary", "12345678")];
            await client.SubmitAsync(path, [.. typed.Where(one => one.Name != field), (field, value)]);

            Assert.Equal(HttpStatusCode.BadRequest, client.Response.StatusCode);
            var alert = client.Document.QuerySelector("[role=alert]")!;
            Assert.Contains(reported, alert.TextContent, StringComparison.Ordinal);
            Assert.DoesNotContain("rules[", alert.TextContent, StringComparison.Ordinal);
            Assert.Equal("#" + field, alert.QuerySelector("a")!.GetAttribute("href"));
            Assert.NotNull(client.Document.GetElementById(field));
            Assert.Equal(kind, client.Document.QuerySelector("#kind option[selected]")!.GetAttribute("value"));
            Assert.Equal(field == "name" ? value : "kept", client.Document.QuerySelector<IHtmlInputElement>("#name")!.Value);
            Assert.Equal("Taken", (string)(await RulesAsync(id)).Single()!["name"]!);
        }
    }

    [Fact]
    public async Task A_conflicting_save_overwrites_nothing_and_changes_of_other_rules_do_not_conflict()
    {
        var (client, id, path) = await OpenAsync("""{"name":"Mail","kind":"email"},{"name":"Card","kind":"card"}""");
        using (client)
        {
            await client.GetAsync(path + "/edit/mail");
            await at.SetAsync(id, """{"name":"Mail","kind":"email"},{"name":"Card","kind":"card","action":"block"}""");
            await client.SubmitAsync(path + "/edit/mail", ("action", "mask"));
            Assert.Contains("Saved.", client.Text, StringComparison.Ordinal);
            Assert.Equal(["mask", "block"], (await RulesAsync(id)).Select(rule => (string)rule!["action"]!));

            await at.SetAsync(id, """{"name":"Mail","kind":"email","action":"off"}""");
            await client.SubmitAsync(path + "/switch/mail", ("action", "block"));
            Assert.Equal(HttpStatusCode.PreconditionFailed, client.Response.StatusCode);
            Assert.Contains("Somebody else has changed this rule", client.Text, StringComparison.Ordinal);
            Assert.Equal("off", client.Document.QuerySelector("td[data-label=Action] .badge")!.TextContent);

            await client.GetAsync(path + "/edit/mail");
            await at.SetAsync(id, """{"name":"Mail","kind":"email","action":"mask"}""");
            await client.SubmitAsync(path + "/edit/mail", ("action", "block"));
            Assert.Equal(HttpStatusCode.PreconditionFailed, client.Response.StatusCode);
            Assert.Contains("action: mask", client.Document.QuerySelector("main pre")!.TextContent, StringComparison.Ordinal);
            await client.SubmitAsync(path + "/edit/mail");
            Assert.Equal("block", (string)(await RulesAsync(id)).Single()!["action"]!);
        }
    }

    [Fact]
    public async Task A_ready_set_only_counts_and_refuses_nothing()
    {
        var (client, id, path) = await OpenAsync();
        using (client)
        {
            await client.PostAsync(path + "/ready", ("form_token", Token(client)), ("set", "secrets"));
            Assert.Contains("The rules have been added.", client.Text, StringComparison.Ordinal);
            Assert.Equal(["api_key", "jwt", "private_key"], (await RulesAsync(id)).Select(rule => (string)rule!["kind"]!));
            Assert.All(await RulesAsync(id), rule => Assert.Equal("monitor", (string)rule!["action"]!));
            Assert.Empty(client.Document.QuerySelectorAll(".notice.warn"));

            // An endpoint that no rule can scan.
            var key = await at.Edge.CreateKeyAsync(id);
            at.Provider.Respond((_, response) => response.JsonAsync(200, "{}"));
            using var batch = await at.Edge.PostAsync(key, "/v1/batches", """{"input_file_id":"file-1","endpoint":"/v1/chat/completions","completion_window":"24h"}""");
            Assert.Equal(HttpStatusCode.OK, batch.StatusCode);

            await client.PostAsync(path + "/ready", ("form_token", Token(client)), ("set", "personal"));
            Assert.Equal(8, (await RulesAsync(id)).Count);
            Assert.Empty(client.Document.QuerySelectorAll("form[action$='/policies/ready']"));
        }
    }

    [Fact]
    public async Task The_settings_for_all_rules_have_their_own_form()
    {
        var (client, id, path) = await OpenAsync("""{"name":"Mail","kind":"email","action":"mask"}""");
        using (client)
        {
            await client.SubmitAsync(path + "/settings", ("unscanned_endpoints", "allow"), ("on_output_block", "finish"));
            Assert.Contains("Saved.", client.Text, StringComparison.Ordinal);
            Assert.Empty(client.Document.QuerySelectorAll(".notice.warn"));
            var document = await at.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{id}/policies");
            Assert.Equal(("allow", "allow", "finish"), ((string)document["unscanned_endpoints"]!, (string)document["unscannable_parts"]!, (string)document["on_output_block"]!));
            Assert.Equal("allow", client.Document.QuerySelector("#unscanned_endpoints option[selected]")!.GetAttribute("value"));

            await client.SubmitAsync(path + "/settings", ("on_output_block", "explode"));
            Assert.Equal(HttpStatusCode.BadRequest, client.Response.StatusCode);
            Assert.Contains("Choose one of these.", client.Document.GetElementById("on_output_block-problem")!.TextContent, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_viewer_sees_the_rules_and_changes_nothing()
    {
        var (owner, id, path) = await OpenAsync("""{"name":"Mail","kind":"email","action":"mask"}""");
        owner.Dispose();
        using var client = await at.Edge.SignedInAsync(UserRole.Viewer, id);
        await client.GetAsync(path);
        Assert.Contains("mask", client.Document.QuerySelector("tbody tr")!.TextContent, StringComparison.Ordinal);
        Assert.Contains("refuse the content if any rule does more than count", client.Text, StringComparison.Ordinal);
        Assert.Empty(client.Document.QuerySelectorAll("main form, main a[href*='/edit/'], main a[href*='/delete/'], main a[href$='/policies/new'], main a[href*='/audit']"));
        var token = Token(client);
        foreach (var change in (string[])["", "/edit/mail", "/switch/mail", "/delete/mail", "/ready", "/settings"])
        {
            await client.PostAsync(path + change, ("form_token", token), ("action", "off"), ("set", "personal"), ("name", "x"), ("kind", "email"));
            Assert.Equal(HttpStatusCode.Forbidden, client.Response.StatusCode);
        }

        Assert.Equal("mask", (string)(await RulesAsync(id)).Single()!["action"]!);
    }

    [Fact]
    public async Task The_audit_log_shows_a_change_of_one_rule_only()
    {
        var words = string.Join(',', Enumerable.Range(0, 400).Select(number => $"\"word{number}\""));
        var (client, id, path) = await OpenAsync($$"""{"name":"Mail","kind":"email","action":"mask"},{"name":"Many","kind":"words","words":[{{words}}]}""");
        using (client)
        {
            await client.SubmitAsync(path + "/switch/mail", ("action", "block"));
            await client.GetAsync(client.Document.QuerySelector("main a[href*='/audit']")!.GetAttribute("href")!);
            var row = client.Document.QuerySelectorAll("tbody tr")[0];
            var reported = row.QuerySelectorAll(".differences li").Select(one => string.Join(' ', one.TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))).ToList();
            Assert.Contains("policies.rules mail.action: mask → block", reported);
            Assert.DoesNotContain("word0", row.TextContent, StringComparison.Ordinal);
        }
    }

    private static string Token(PageClient client) => client.Document.QuerySelector("input[name=form_token]")!.GetAttribute("value")!;

    private async Task<JsonArray> RulesAsync(string project) => (await at.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/policies"))["rules"]!.AsArray();

    private async Task<(PageClient Client, string Id, string Path)> OpenAsync(string rules = "")
    {
        var id = await at.Edge.CreateProjectAsync("openai");
        if (rules.Length > 0)
        {
            await at.SetAsync(id, rules);
        }

        var slug = (string)(await at.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{id}"))["project"]!["slug"]!;
        var client = await PageClient.SignedInAsync(at.Edge);
        await client.GetAsync($"/dashboard/p/{slug}/policies");
        return (client, id, $"/dashboard/p/{slug}/policies");
    }
}
