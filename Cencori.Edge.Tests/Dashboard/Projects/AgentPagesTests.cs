using System.Net;
using Cencori.Edge.Storage;
using Cencori.Edge.Tests.Dashboard.Sessions;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Dashboard.Projects;

public sealed class AgentPagesTests(RespondingEdge scene) : IClassFixture<RespondingEdge>
{
    private const string Hostile = "\"><img src=x onerror=alert(1)>\u202e";

    [Fact]
    public async Task An_agent_is_created_changed_switched_off_and_deleted()
    {
        var (project, slug) = await ProjectAsync();
        using var client = await PageClient.SignedInAsync(scene.Edge);
        await client.GetAsync($"/dashboard/p/{slug}/agents");
        Assert.Contains("No agents yet", client.Text);

        await client.GetAsync($"/dashboard/p/{slug}/agents/new");
        await client.SubmitAsync(
            $"/dashboard/p/{slug}/agents", ("name", "support"), ("config.model", "gpt-4o-mini"), ("config.system_prompt", "Be\r\nbrief."), ("config.temperature", "0.2"), ("tool_choice", "some"), ("config.tools", "search_orders\r\nweb_search"),
            ("config.memory.namespace", " notes "), ("config.memory.threshold", "0.25"), ("config.memory.store", "true"));
        Assert.Equal("support", client.Title);
        var agent = await AgentAsync(project);
        Assert.Equal(("gpt-4o-mini", "Be\nbrief.", 0.2), ((string?)agent["config"]!["model"], (string?)agent["config"]!["system_prompt"], (double?)agent["config"]!["temperature"]));
        Assert.Equal(["search_orders", "web_search"], agent["config"]!["tools"]!.AsArray().Select(tool => (string?)tool));
        Assert.Equal("""{"namespace":"notes","limit":5,"threshold":0.25,"store":true}""", agent["config"]!["memory"]!.ToJsonString());
        Assert.Contains("up to 5 entries, similarity 0.25 or more, conversations are stored", client.Text);
        var path = $"/dashboard/p/{slug}/agents/{(string)agent["id"]!}";

        await client.GetAsync(path + "/edit");
        await client.SubmitAsync(path, ("name", "helper"), ("config.model", ""), ("tool_choice", "none"), ("config.memory.limit", "20"));
        Assert.Equal("helper", client.Title);
        agent = await AgentAsync(project);
        Assert.Null(agent["config"]!["model"]);
        Assert.Empty(agent["config"]!["tools"]!.AsArray());
        Assert.Equal("""{"namespace":"notes","limit":20,"threshold":0.25,"store":true}""", agent["config"]!["memory"]!.ToJsonString());
        await client.GetAsync(path + "/edit");
        await client.SubmitAsync(path, ("config.memory.namespace", ""));
        Assert.Null((await AgentAsync(project))["config"]!["memory"]);

        await client.SubmitAsync(path + "/switch");
        Assert.False((bool)(await AgentAsync(project))["is_active"]!);
        await client.GetAsync(path + "/delete");
        await client.SubmitAsync(path + "/delete");
        Assert.Contains("The agent has been deleted.", client.Text);
        await client.GetAsync(path);
        Assert.Equal(HttpStatusCode.NotFound, client.Response.StatusCode);
    }

    [Theory]
    [InlineData("config.memory.limit", "x", "A limit must be 1 to 20")]
    [InlineData("config.memory.threshold", "much", "A threshold must be a number")]
    [InlineData("config.memory.threshold", "2", "A threshold must be 0 to 1")]
    public async Task An_invalid_memory_setting_shows_an_error_at_its_field(string field, string value, string problem)
    {
        var (_, slug) = await ProjectAsync();
        using var client = await PageClient.SignedInAsync(scene.Edge);
        await client.GetAsync($"/dashboard/p/{slug}/agents/new");
        await client.SubmitAsync($"/dashboard/p/{slug}/agents", ("name", "x"), ("config.memory.namespace", "notes"), (field, value));

        Assert.Equal(HttpStatusCode.BadRequest, client.Response.StatusCode);
        Assert.Contains(problem, client.Text);
    }

    [Theory]
    [InlineData("name", "", "A name must have 1 to")]
    [InlineData("config.temperature", "hot", "A temperature must be a number")]
    [InlineData("config.temperature", "7", "A temperature must be 0 to 2")]
    [InlineData("config.tools", "", "Name at least one tool")]
    [InlineData("config.model", "a\u0001b", "A model's name must have")]
    public async Task An_invalid_field_shows_its_error_and_the_form_keeps_the_input(string field, string value, string problem)
    {
        var (project, slug) = await ProjectAsync();
        using var client = await PageClient.SignedInAsync(scene.Edge);
        await client.GetAsync($"/dashboard/p/{slug}/agents/new");
        (string, string)[] typed = [("name", Hostile), ("description", "kept"), ("tool_choice", "some"), ("config.tools", "one")];

        await client.SubmitAsync($"/dashboard/p/{slug}/agents", [.. typed.Where(one => one.Item1 != field), (field, value)]);

        Assert.Equal(HttpStatusCode.BadRequest, client.Response.StatusCode);
        Assert.Contains(problem, client.Document.GetElementById(field + "-problem")!.TextContent);
        Assert.Equal("#" + field, client.Document.QuerySelector(".notice.bad a")!.GetAttribute("href"));
        Assert.Equal("kept", client.Document.GetElementById("description")!.TextContent);
        Assert.Empty(client.Document.QuerySelectorAll("main img"));
        Assert.Empty((await scene.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/agents"))["data"]!.AsArray());
    }

    [Fact]
    public async Task A_small_temperature_and_a_line_break_survive_saving_the_form()
    {
        var (project, slug) = await ProjectAsync();
        var id = await scene.Edge.CreateAgentAsync(project, new { temperature = 0.00001 });
        using var client = await PageClient.SignedInAsync(scene.Edge);
        await client.GetAsync($"/dashboard/p/{slug}/agents/{id}/edit");
        Assert.Equal("0.00001", client.Document.GetElementById("config.temperature")!.GetAttribute("value"));

        await client.SubmitAsync($"/dashboard/p/{slug}/agents/{id}", ("description", "one\r\ntwo"));
        Assert.Equal(HttpStatusCode.OK, client.Response.StatusCode);
        var agent = await AgentAsync(project);
        Assert.Equal((0.00001, "one\ntwo"), ((double?)agent["config"]!["temperature"], (string?)agent["description"]));
    }

    [Fact]
    public async Task A_change_does_not_overwrite_another_users_change()
    {
        var (project, slug) = await ProjectAsync();
        var id = await scene.Edge.CreateAgentAsync(project);
        using var client = await PageClient.SignedInAsync(scene.Edge);
        await client.GetAsync($"/dashboard/p/{slug}/agents/{id}/edit");
        await scene.Edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{project}/agents/{id}", new { name = "theirs" });

        await client.SubmitAsync($"/dashboard/p/{slug}/agents/{id}", ("name", "mine"));

        Assert.Equal(HttpStatusCode.PreconditionFailed, client.Response.StatusCode);
        Assert.Equal("theirs", (string?)(await AgentAsync(project))["name"]);
        Assert.Equal("mine", client.Document.GetElementById("name")!.GetAttribute("value"));
        Assert.Contains("Save again", client.Document.QuerySelector(".notice.bad")!.TextContent);

        // To save again is to replace the other change.
        await client.SubmitAsync($"/dashboard/p/{slug}/agents/{id}");
        Assert.Equal("mine", (string?)(await AgentAsync(project))["name"]);
    }

    [Fact]
    public async Task Pending_actions_are_counted_approved_and_rejected_with_a_reason_for_the_agent()
    {
        var (project, slug) = await ProjectAsync();
        var id = await scene.Edge.CreateAgentAsync(project, isShadow: true);
        var key = await scene.Edge.CreateKeyAsync(project, "agent", more: new { agent_id = id });
        await SendAsync(key, $"delete_{Hostile}", $$"""{"text":"<script>alert(1)</script>\n{{Hostile.Replace("\"", "\\\"")}}"}""");
        await SendAsync(key, "refund", """{"amount":5}""");
        using var client = await PageClient.SignedInAsync(scene.Edge);

        await client.GetAsync($"/dashboard/p/{slug}/agents");
        Assert.Contains("2 to decide", client.Text);
        await client.GetAsync($"/dashboard/p/{slug}/agents/{id}");
        Assert.Contains("\"amount\":5", client.Text);
        Assert.Empty(client.Document.QuerySelectorAll("main script, main img"));

        // Newest first.
        var forms = client.Document.QuerySelectorAll("form[action$='/approve']").Select(form => form.GetAttribute("action")!).ToList();
        Assert.Equal(2, forms.Count);
        await client.SubmitAsync(forms[0]);
        Assert.Contains("The tool call has been approved.", client.Text);
        var other = forms[1][..^"/approve".Length];
        await client.GetAsync(other);
        Assert.Contains("\\u202E", client.Text);
        await client.SubmitAsync(other + "/reject", ("reason", "Not on " + Hostile));
        Assert.Contains("The tool call has been rejected.", client.Text);

        var poll = await scene.Edge.SendAsync(key, HttpMethod.Get, $"/v1/agent/actions/poll?ids={other.Split('/')[^1]}");
        Assert.Contains("Not on ", await poll.Content.ReadAsStringAsync());
        var stored = (await scene.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/agents/{id}/actions?status=rejected"))["data"]![0]!;
        Assert.Equal(("Not on " + Hostile, "admin token"), ((string?)stored["reason"], (string?)stored["decided_by"]));

        // A second decision is refused, because the action is already decided.
        await client.PostAsync(other + "/approve", ("form_token", client.Document.QuerySelector("input[name=form_token]")!.GetAttribute("value")!));
        Assert.Equal(HttpStatusCode.Conflict, client.Response.StatusCode);
        Assert.Contains("has been rejected already", client.Text);
    }

    [Fact]
    public async Task Viewers_see_pending_actions_without_arguments_and_cannot_decide()
    {
        var (project, slug) = await ProjectAsync();
        var id = await scene.Edge.CreateAgentAsync(project, new { system_prompt = "the agent's own text" }, isShadow: true);
        await SendAsync(await scene.Edge.CreateKeyAsync(project, "agent", more: new { agent_id = id }), "refund", """{"amount":12345}""");
        var action = (string)(await scene.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/agents/{id}/actions"))["data"]![0]!["id"]!;
        using var viewer = await scene.Edge.SignedInAsync(UserRole.Viewer, project);
        var path = $"/dashboard/p/{slug}/agents/{id}";

        await viewer.GetAsync($"/dashboard/p/{slug}/agents");
        Assert.Contains("1 to decide", viewer.Text);
        Assert.Empty(viewer.Document.QuerySelectorAll("main a[href$='/agents/new']"));
        await viewer.GetAsync(path);
        Assert.Contains("refund", viewer.Text);
        Assert.DoesNotContain("12345", viewer.Html);
        Assert.Empty(viewer.Document.QuerySelectorAll("main button:not([data-copy]), main form[method=post], main a.danger"));
        var token = viewer.Document.QuerySelector("input[name=form_token]")!.GetAttribute("value")!;
        foreach (var (method, page) in ((string, string)[])
            [("GET", $"{path}/actions/{action}"), ("POST", $"{path}/actions/{action}/approve"), ("POST", $"{path}/actions/{action}/reject"), ("GET", path + "/edit"), ("POST", path), ("POST", path + "/switch"), ("GET", path + "/delete"), ("POST", path + "/delete"), ("GET", $"/dashboard/p/{slug}/agents/new"), ("POST", $"/dashboard/p/{slug}/agents")])
        {
            await (method == "GET" ? viewer.GetAsync(page) : viewer.PostAsync(page, ("form_token", token), ("name", "by a viewer"), ("is_active", "false")));
            Assert.True(viewer.Response.StatusCode == HttpStatusCode.Forbidden, $"{method} {page}: {viewer.Response.StatusCode}");
        }

        var agent = Assert.Single((await scene.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/agents"))["data"]!.AsArray())!;
        Assert.Equal(("test agent", true), ((string?)agent["name"], (bool)agent["is_active"]!));
        Assert.Single((await scene.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/agents/{id}/actions?status=pending"))["data"]!.AsArray());
    }

    [Fact]
    public async Task A_member_decides_only_in_their_projects_and_is_named()
    {
        var (project, slug) = await ProjectAsync();
        var id = await scene.Edge.CreateAgentAsync(project, isShadow: true);
        await SendAsync(await scene.Edge.CreateKeyAsync(project, "agent", more: new { agent_id = id }), "refund", "{}");
        using var member = await scene.Edge.SignedInAsync(UserRole.Member, project);
        using var stranger = await scene.Edge.SignedInAsync(UserRole.Member, (await ProjectAsync()).Id);
        await member.GetAsync($"/dashboard/p/{slug}/agents/{id}");
        var approve = member.Document.QuerySelector("form[action$='/approve']")!.GetAttribute("action")!;

        await stranger.GetAsync("/dashboard");
        await stranger.PostAsync(approve, ("form_token", stranger.Document.QuerySelector("input[name=form_token]")!.GetAttribute("value")!));
        Assert.Equal(HttpStatusCode.NotFound, stranger.Response.StatusCode);

        await member.SubmitAsync(approve);
        Assert.Contains("The tool call has been approved.", member.Text);
        var decided = (await scene.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/agents/{id}/actions?status=approved"))["data"]![0]!;
        Assert.NotEqual("admin token", (string?)decided["decided_by"]);
        Assert.NotNull((string?)decided["decided_by"]);
        Assert.Contains($"user {member.UserId}", (await scene.Edge.SendAdminAsync(HttpMethod.Get, $"/api/audit?project={project}&action=action.changed")).ToJsonString());
    }

    private async Task SendAsync(string key, string tool, string arguments)
    {
        scene.Provider.Enqueue((_, response) => response.JsonAsync(200, System.Text.Json.JsonSerializer.Serialize(new
        {
            id = "c1",
            @object = "chat.completion",
            model = "gpt-4o",
            choices = new[] { new { index = 0, finish_reason = "tool_calls", message = new { role = "assistant", content = (string?)null, tool_calls = new[] { new { id = "call_1", type = "function", function = new { name = tool, arguments } } } } } },
            usage = new { prompt_tokens = 3, completion_tokens = 1, total_tokens = 4 },
        })));
        using var edgeResponse = await scene.ChatAsync(key);
        Assert.True(edgeResponse.IsSuccessStatusCode, await edgeResponse.Content.ReadAsStringAsync());
    }

    private async Task<System.Text.Json.Nodes.JsonNode> AgentAsync(string project) => (await scene.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/agents"))["data"]![0]!;

    private async Task<(string Id, string Slug)> ProjectAsync()
    {
        var id = await scene.Edge.CreateProjectAsync("openai");
        return (id, (string)(await scene.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{id}"))["project"]!["slug"]!);
    }
}
