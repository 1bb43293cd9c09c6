using System.Net;
using System.Text.Json.Nodes;
using Cencori.Edge.Projects;
using Cencori.Edge.Routing.Health;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Records;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Dashboard.Projects;

public sealed class RoutePagesTests(ShippedEdge shipped) : IClassFixture<ShippedEdge>
{
    private const string Hostile = "<img src=x onerror=alert(1)>\u202e";

    [Fact]
    public async Task A_route_is_created_with_fields_changed_and_deleted()
    {
        var (project, slug) = await ProjectAsync();
        using var client = await PageClient.SignedInAsync(shipped.Edge);
        await client.GetAsync($"/dashboard/p/{slug}/routes");
        Assert.Contains("No routes yet", client.Text);

        await client.GetAsync($"/dashboard/p/{slug}/routes/new");
        await client.SubmitAsync(
            $"/dashboard/p/{slug}/routes",
            ("name", "team/chat"), ("groups[0].balance", "split"), (Field(0, 1, "model"), "openai:gpt-4o-mini"), (Field(0, 1, "weight"), "80"),
            (Field(0, 2, "model"), "sandbox/x"), (Field(0, 2, "weight"), "20"), (Field(0, 2, "without"), "images, json_schema"), (Field(0, 2, "context_tokens"), "8192"),
            (Field(1, 0, "model"), "groq/llama"), ("uncertain", "never"));
        Assert.Contains("The route has been created.", client.Text);
        Assert.Equal("team/chat", client.Title);
        Assert.Contains("no enabled credential for the provider 'groq'", client.Text);

        // Empty rows are ignored.
        Assert.Equal(
            """{"groups":[{"balance":"split","auto_stop":true,"targets":[{"model":"openai/gpt-4o-mini","weight":80},{"model":"sandbox/x","weight":20,"without":["images","json_schema"],"context_tokens":8192}]},{"balance":"weighted","targets":[{"model":"groq/llama","weight":1}]}],"attempts":3,"uncertain":"never","first_byte_seconds":120,"max_wait_seconds":0,"affinity":"none","on_overflow":"refuse"}""",
            (await RouteAsync(project, "team/chat")).ToJsonString());

        await client.GetAsync($"/dashboard/p/{slug}/routes/edit/team/chat");
        await client.SubmitAsync($"/dashboard/p/{slug}/routes/edit/team/chat", ("rest", $"when:\r\n  - if:\r\n      users: [\"{Hostile}\"]\r\n    groups:\r\n      - targets:\r\n          - model: openai/o3\r\nattempts: 2\r\n"));
        Assert.Contains("Saved.", client.Text);
        Assert.Contains("user <img src=x onerror=alert(1)>\\u202E", client.Text);
        Assert.Empty(client.Document.QuerySelectorAll("main img"));
        var route = await RouteAsync(project, "team/chat");
        Assert.Equal((2, 80, Hostile), ((int)route["attempts"]!, (int)route["groups"]![0]!["targets"]![0]!["weight"]!, (string)route["when"]![0]!["if"]!["users"]![0]!));

        // The form is complete: sending it unchanged changes nothing.
        await client.GetAsync($"/dashboard/p/{slug}/routes/edit/team/chat");
        await client.SubmitAsync($"/dashboard/p/{slug}/routes/edit/team/chat");
        Assert.Equal(route.ToJsonString(), (await RouteAsync(project, "team/chat")).ToJsonString());

        await client.GetAsync($"/dashboard/p/{slug}/routes");
        var row = Assert.Single(client.Document.QuerySelectorAll("tbody tr"));
        Assert.Contains("openai/gpt-4o-mini 80 % · sandbox/x 20 % → groq/llama", row.TextContent);
        Assert.Equal("1", row.QuerySelector("[data-label=Rules]")!.TextContent);

        await client.GetAsync($"/dashboard/p/{slug}/routes/delete/team/chat");
        await client.SubmitAsync($"/dashboard/p/{slug}/routes/delete/team/chat");
        Assert.Contains("The route has been deleted.", client.Text);
        Assert.Contains("No routes yet", client.Text);
    }

    [Theory]
    [InlineData("name", "a b", "name", "The name of a route")]
    [InlineData("name", "fast", "name", "'fast' is an alias")]
    [InlineData("name", "taken", "name", "The route 'taken' exists already")]
    [InlineData("groups[1].targets[0].model", "nobody/x", "groups[1].targets[0].model", "no provider 'nobody'")]
    [InlineData("groups[1].targets[0].model", "gpt-4o", "groups[1].targets[0].model", "'openai/gpt-4o' may be meant")]
    [InlineData("groups[0].targets[0].weight", "1,5", "groups[0].targets[0].weight", "a whole number")]
    [InlineData("groups[0].targets[0].weight", "1001", "groups[0].targets[0].weight", "0 to 1000")]
    [InlineData("groups[0].targets[0].without", "vision", "groups[0].targets[0].without", "one of tools, images, audio, json_schema")]
    [InlineData("groups[0].targets[1].weight", "5", "groups[0].targets[1].model", "1 to 256 characters")]
    [InlineData("rest", "when:\n  - if: {}\n    groups: []\n", "rest", "line 2: when[0].if: the condition must not be empty")]
    [InlineData("rest", "when:\n  - if: {stream: true}\n    groups:\n      - targets:\n          - model: nobody/x\n", "rest", "line 5: when[0].groups[0].targets[0].model: there is no provider 'nobody'")]
    [InlineData("rest", "\nattempts: 9\n", "rest", "line 2: attempts: it must be 1 to 5.")]
    [InlineData("rest", "shadow:\n  model: nobody/x\n  monthly_usd: 1\n", "rest", "line 2: shadow.model: there is no provider 'nobody'")]
    [InlineData("rest", "atempts: 2\n", "rest", "Did you mean 'attempts'?")]
    [InlineData("rest", "groups: []\n", "rest", "line 1: groups: use the fields above for this setting.")]
    [InlineData("rest", "when: [\n", "rest", "it is not YAML")]
    [InlineData("rest", "{\"attempts\":", "rest", "the text must be JSON")]
    public async Task An_invalid_field_shows_its_error_and_the_form_keeps_the_input(string field, string value, string place, string problem)
    {
        var (project, slug) = await ProjectAsync();
        await shipped.Edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{project}", new { model_aliases = new { fast = "gpt-4o" } });
        await shipped.Edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{project}/routes/taken", """{"groups":[{"targets":[{"model":"openai/x"}]}]}""");
        using var client = await PageClient.SignedInAsync(shipped.Edge);
        await client.GetAsync($"/dashboard/p/{slug}/routes/new");
        (string Name, string Value)[] typed = [("name", "chat"), (Field(0, 0, "model"), "openai/gpt-4o"), (Field(1, 0, "model"), "sandbox/kept"), ("uncertain", "never")];

        await client.SubmitAsync($"/dashboard/p/{slug}/routes", [.. typed.Where(one => one.Name != field), (field, value)]);

        Assert.True((int)client.Response.StatusCode is 400 or 409, $"{client.Response.StatusCode}");
        Assert.Contains(problem, client.Document.GetElementById(place + "-problem")?.TextContent ?? client.Html);
        Assert.NotNull(client.Document.QuerySelector($"[role=alert] a[href='#{place}']"));
        Assert.NotNull(client.Document.GetElementById(place));
        Assert.Equal("never", client.Document.QuerySelector("#uncertain option[selected]")!.GetAttribute("value"));
        Assert.Equal(field == Field(1, 0, "model") ? value : "sandbox/kept", client.Document.QuerySelector($"[name='{Field(1, 0, "model")}']")!.GetAttribute("value"));
        Assert.Equal(["taken"], (await shipped.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/routes"))["routes"]!.AsArray().Select(route => (string)route!["name"]!));
    }

    [Fact]
    public async Task A_button_adds_rows_and_the_form_keeps_the_input()
    {
        var (project, slug) = await ProjectAsync();
        using var client = await PageClient.SignedInAsync(shipped.Edge);
        await client.GetAsync($"/dashboard/p/{slug}/routes/new");
        var (groups, rows) = (client.Document.QuerySelectorAll("fieldset").Length, client.Document.QuerySelectorAll("tbody tr").Length);

        await client.SubmitAsync($"/dashboard/p/{slug}/routes", ("name", "chat"), (Field(0, 0, "model"), "openai/x"), ("add_rows", "yes"));
        await client.SubmitAsync($"/dashboard/p/{slug}/routes", ("add_rows", "yes"));
        await client.SubmitAsync($"/dashboard/p/{slug}/routes", ("add_rows", "yes"));

        Assert.Equal("openai/x", client.Document.QuerySelector($"[name='{Field(0, 0, "model")}']")!.GetAttribute("value"));
        Assert.True(client.Document.QuerySelectorAll("fieldset").Length > groups);
        Assert.True(client.Document.QuerySelectorAll("tbody tr").Length > 2 * rows);
        Assert.NotNull(client.Document.QuerySelector($"[name='{Field(3, 7, "model")}']"));
        Assert.Empty((await shipped.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/routes"))["routes"]!.AsArray());
        await client.SubmitAsync($"/dashboard/p/{slug}/routes", [.. Enumerable.Range(0, 4).SelectMany(group => Enumerable.Range(0, 8), (group, target) => (Field(group, target, "model"), $"sandbox/m{target}"))]);
        var created = await RouteAsync(project, "chat");
        Assert.Equal([8, 8, 8, 8], created["groups"]!.AsArray().Select(group => group!["targets"]!.AsArray().Count));
    }

    [Fact]
    public async Task A_conflicting_save_shows_the_stored_version_and_can_be_repeated()
    {
        var (project, slug) = await ProjectAsync();
        var api = $"/api/projects/{project}/routes/chat";
        await shipped.Edge.SendAdminAsync(HttpMethod.Put, api, """{"groups":[{"targets":[{"model":"openai/x"}]}]}""");
        using var client = await PageClient.SignedInAsync(shipped.Edge);
        await client.GetAsync($"/dashboard/p/{slug}/routes/edit/chat");
        await shipped.Edge.SendAdminAsync(HttpMethod.Put, api, """{"groups":[{"targets":[{"model":"openai/of-another"}]}]}""");

        await client.SubmitAsync($"/dashboard/p/{slug}/routes/edit/chat", (Field(0, 0, "model"), "openai/mine"));
        Assert.Equal(HttpStatusCode.PreconditionFailed, client.Response.StatusCode);
        Assert.Contains("Somebody else has changed these settings", client.Text);
        Assert.Contains("openai/of-another", client.Document.QuerySelector("main pre")!.TextContent);

        await client.SubmitAsync($"/dashboard/p/{slug}/routes/edit/chat");
        Assert.Contains("Saved.", client.Text);
        Assert.Equal("openai/mine", (string)(await RouteAsync(project, "chat"))["groups"]![0]!["targets"]![0]!["model"]!);
    }

    [Fact]
    public async Task Each_target_shows_its_current_state()
    {
        var (project, slug) = await ProjectAsync();
        await shipped.Edge.SendAdminAsync(HttpMethod.Post, $"/api/projects/{project}/provider-keys", new { provider = "openai", apiKey = RunningEdge.ProviderKey });
        await shipped.Edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{project}/routes/chat", """{"groups":[{"targets":[{"model":"openai/a"},{"model":"openai/b"},{"model":"groq/c"},{"model":"sandbox/d"}]}]}""");
        var credential = (await shipped.Edge.Services.GetRequiredService<ProjectCache>().GetAsync(project))!.Credentials.Single();
        shipped.Edge.Services.GetRequiredService<TargetTable>().Cooling.End(Target.Of(credential, "a"), TargetOutcome.RateLimited, TimeSpan.FromMinutes(2));
        using var client = await PageClient.SignedInAsync(shipped.Edge);

        await client.GetAsync($"/dashboard/p/{slug}/routes/show/chat");

        Assert.Equal(["in cool-down", "ready", "no credential", "built in"], client.Document.QuerySelectorAll("ol.steps li li .badge").Select(badge => badge.TextContent));
        Assert.Contains("the provider asked to wait", client.Text);
    }

    [Fact]
    public async Task Explain_shows_where_a_request_would_go_and_sends_nothing()
    {
        var (project, slug) = await ProjectAsync();
        await shipped.Edge.SendAdminAsync(HttpMethod.Post, $"/api/projects/{project}/provider-keys", new { provider = "openai", apiKey = RunningEdge.ProviderKey, name = Hostile });
        await shipped.Edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{project}/routes/team/chat", """
            {"when":[{"if":{"stream":true},"groups":[{"targets":[{"model":"sandbox/echo"}]}]}],
             "groups":[{"targets":[{"model":"openai/gpt-4o","weight":3},{"model":"openai/gpt-4o-mini"}]},{"targets":[{"model":"groq/c"},{"model":"openai/small","context_tokens":10}]}]}
            """);
        using var client = await PageClient.SignedInAsync(shipped.Edge);
        await client.GetAsync($"/dashboard/p/{slug}/routes/show/team/chat");
        var explain = $"/dashboard/p/{slug}/routes/explain/team/chat";
        Assert.NotNull(client.Document.QuerySelector($"a[href='{explain}']"));
        await client.GetAsync(explain);
        Assert.Equal("team/chat", (string)JsonNode.Parse(client.Document.QuerySelector("#request")!.TextContent)!["model"]!);

        await client.SubmitAsync(explain);
        Assert.Equal(HttpStatusCode.OK, client.Response.StatusCode);
        Assert.Equal(
            ["openai/gpt-4o|1|ready|75.0 %", "openai/gpt-4o-mini|1|ready|25.0 %", "groq/c|2|no credential|0.0 %", "openai/small|2|context too small for the request|0.0 %"],
            client.Document.QuerySelectorAll("tbody tr").Select(row => string.Join('|', row.QuerySelector("th")!.TextContent, Cell(row, "Group"), row.QuerySelector(".badge")!.TextContent, Cell(row, "Chosen first"))));
        Assert.StartsWith("$0.0", Cell(client.Document.QuerySelectorAll("tbody tr")[0], "Maximum cost"), StringComparison.Ordinal);
        Assert.Contains("No rule matches: the route's own groups apply.", client.Text);
        Assert.Empty(client.Document.QuerySelectorAll("main img"));
        Assert.NotNull(client.Document.QuerySelector("#told[data-focus] #told-title"));

        // The form keeps the input.
        await client.SubmitAsync(explain, ("request", """{"model":"x","stream":true,"messages":[{"role":"user","content":"Hi"}]}"""), ("environment", "test"));
        Assert.Contains("Rule 1 matches.", client.Text);
        Assert.Equal("sandbox/echo", Assert.Single(client.Document.QuerySelectorAll("tbody th")).TextContent);
        Assert.Equal("test", client.Document.QuerySelector("#environment option[selected]")!.GetAttribute("value"));
        Assert.Contains("\"stream\":true", client.Document.QuerySelector("#request")!.TextContent);

        var key = (await shipped.Edge.SendAdminAsync(HttpMethod.Post, $"/api/projects/{project}/api-keys", new { name = "narrow", key_type = "secret", environment = "production", allowed_models = new[] { "openai:gpt-4o" } }))["apiKey"]!;
        await client.GetAsync(explain);
        await client.SubmitAsync(explain, ("key", (string)key["id"]!));
        Assert.Equal(["ready", "not allowed to the key", "no credential", "not allowed to the key"], client.Document.QuerySelectorAll("tbody .badge").Select(badge => badge.TextContent));
        Assert.Contains("narrow", client.Document.QuerySelector("#key option[selected]")!.TextContent);
        Assert.Empty((await shipped.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/logs"))["requests"]!.AsArray());
    }

    [Theory]
    [InlineData("request", "{", "request", "must be JSON. Error in line 1")]
    [InlineData("request", "{}", "request", "messages")]
    [InlineData("request", "[]", "request", "object")]
    [InlineData("endpoint", "chat", "endpoint", "a path")]
    [InlineData("key", "key_of_nobody", "key", "no such key")]
    public async Task An_invalid_explanation_request_shows_its_error_at_the_field(string field, string value, string place, string problem)
    {
        var (project, slug) = await ProjectAsync();
        await shipped.Edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{project}/routes/chat", """{"groups":[{"targets":[{"model":"sandbox/echo"}]}]}""");
        using var client = await PageClient.SignedInAsync(shipped.Edge);
        await client.GetAsync($"/dashboard/p/{slug}/routes/explain/chat");
        await client.SubmitAsync($"/dashboard/p/{slug}/routes/explain/chat", (field, value));
        Assert.Equal(HttpStatusCode.BadRequest, client.Response.StatusCode);
        Assert.Contains(problem, client.Document.GetElementById(place + "-problem")!.TextContent);
        Assert.NotNull(client.Document.QuerySelector($"[role=alert] a[href='#{place}']"));
        Assert.Empty(client.Document.QuerySelectorAll("tbody"));
    }

    [Fact]
    public async Task The_report_shows_savings_of_prompt_affinity_from_a_hundred_requests_of_each_group()
    {
        var (project, slug) = await ProjectAsync();
        await shipped.Edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{project}/routes/chat", """{"affinity":"prompt","groups":[{"targets":[{"model":"openai/gpt-4o"}]}]}""");
        await shipped.Edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{project}/prices", new { prices = new[] { new { provider = "openai", model = "gpt-4o", input = 1, cached_input = 0.25, output = 1, from = "2026-01-01" } } });
        using var client = await PageClient.SignedInAsync(shipped.Edge);
        foreach (var (count, reported) in new[] { (60, "Too few requests to compare yet: each group needs 100."), (60, "about $0.54 One conversation in twenty") })
        {
            foreach (var (affinity, cached) in new[] { (RequestRecord.Pinned, 8_000), (RequestRecord.Control, 2_000) })
            {
                for (var number = 0; number < count; number++)
                {
                    var record = Some.Record(project, id: $"{affinity}-{number}");
                    (record.Route, record.Affinity, record.IsEstimated, record.PromptTokens, record.CachedTokens) = ("chat", affinity, false, 10_000, cached);
                    shipped.Edge.Records().Write(record);
                }
            }

            await shipped.Edge.StoredAsync();
            await client.GetAsync($"/dashboard/p/{slug}/routes/report/chat");
            var card = client.Document.QuerySelector("section[aria-labelledby=affinity-title]")!;
            Assert.Contains("80.0 % of input cached", card.TextContent);
            Assert.Contains(reported, string.Join(' ', card.TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
        }
    }

    [Fact]
    public async Task A_route_in_use_cannot_be_deleted()
    {
        var (project, slug) = await ProjectAsync();
        await shipped.Edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{project}/routes/chat", """{"groups":[{"targets":[{"model":"sandbox/echo"}]}]}""");
        await shipped.Edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{project}", new { model_aliases = new Dictionary<string, string> { [Hostile] = "chat" } });
        using var client = await PageClient.SignedInAsync(shipped.Edge);
        await client.GetAsync($"/dashboard/p/{slug}/routes/delete/chat");
        Assert.Contains("the alias '<img", client.Text);
        Assert.Empty(client.Document.QuerySelectorAll("main img, main button.danger"));
    }

    private static string Cell(AngleSharp.Dom.IElement row, string label) => row.QuerySelector($"[data-label='{label}']")!.TextContent;

    private static string Field(int group, int target, string name) => $"groups[{group}].targets[{target}].{name}";

    private async Task<JsonNode> RouteAsync(string project, string name) => (await shipped.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/routes/{name}"))["route"]!;

    private async Task<(string Id, string Slug)> ProjectAsync()
    {
        var project = (await shipped.Edge.SendAdminAsync(HttpMethod.Post, "/api/projects", new { name = $"routes {Guid.NewGuid():N}" }))["project"]!;
        return ((string)project["id"]!, (string)project["slug"]!);
    }
}
