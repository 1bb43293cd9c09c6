using System.Net;
using System.Text.Json.Nodes;
using Cencori.Edge.Admin;
using Cencori.Edge.Storage;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Policies.Webhooks;

/// <summary>The webhook of policies: how it is set, returned, exported and tested.</summary>
public sealed class WebhookSettingsTests(PolicyEdge at) : IClassFixture<PolicyEdge>
{
    private const string Signed = $$""","secret":"{{WebhookScene.Secret}}" """;

    [Fact]
    public async Task The_secret_is_never_returned_and_the_full_address_only_to_users_who_may_change_it()
    {
        await using var scene = await WebhookScene.CreateAsync(at);
        await scene.BlockAsync();
        await scene.NextAsync();
        var got = (await at.Edge.SendAdminAsync(HttpMethod.Get, scene.Policies)).ToJsonString();
        var audit = (await at.Edge.SendAdminAsync(HttpMethod.Get, "/api/audit?limit=200")).ToJsonString();
        var exported = (await at.Edge.SendAdminAsync(HttpMethod.Get, "/api/export?format=json")).ToJsonString();
        await using var database = await at.Edge.Services.GetRequiredService<IDbContextFactory<EdgeDbContext>>().CreateDbContextAsync();
        var stored = (await database.Projects.SingleAsync(project => project.Id == scene.Project)).Policies!;

        Assert.Equal($$"""{"url":"{{scene.Url}}","has_secret":true}""", JsonNode.Parse(got)!["webhook"]!.ToJsonString());
        Assert.Contains("_POLICIES_WEBHOOK_SECRET}", exported, StringComparison.Ordinal);
        Assert.Contains("sealed:", stored, StringComparison.Ordinal);
        Assert.All((string[])[audit, exported], text => Assert.DoesNotContain(scene.Url, text, StringComparison.Ordinal));
        Assert.All((string[])[got, audit, exported], text => Assert.DoesNotContain("sealed:", text, StringComparison.Ordinal));
        Assert.DoesNotContain(new[] { got, audit, exported, stored }.Concat(at.Edge.Logs.Lines.Select(line => line.Text)), text => text.Contains(WebhookScene.Secret, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_secret_is_kept_for_the_same_server_and_removed_on_request()
    {
        await using var scene = await WebhookScene.CreateAsync(at);
        var set = await scene.SetAsync(new Uri(scene.Receiver.Address, "/elsewhere").ToString(), "", WebhookScene.Rules);
        Assert.True((bool?)set["webhook"]!["has_secret"]);
        await scene.BlockAsync();
        await scene.NextAsync();
        Assert.Equal("/elsewhere", scene.Receiver.Requests[^1].Target);

        using (var refused = await at.Edge.Admin.PutAsync(scene.Policies, RunningEdge.Json("""{"rules":[],"webhook":{"url":"https://elsewhere.example/"}}""")))
        {
            Assert.Equal((400, "webhook.secret"), ((int)refused.StatusCode, (string?)JsonNode.Parse(await refused.Content.ReadAsStringAsync())!["param"]));
        }

        set = await scene.SetAsync(""","has_secret":false""");
        Assert.Null(set["webhook"]!["has_secret"]);
        Assert.Contains("The webhook has no secret", set["warnings"]!.ToJsonString(), StringComparison.Ordinal);
        await scene.BlockAsync();
        Assert.Empty((await scene.Receiver.NextRequestAsync()).Values("X-Cencori-Signature"));

        await at.SetAsync(scene.Project, WebhookScene.Rules);
        await scene.BlockAsync();
        Assert.Null((await at.Edge.SendAdminAsync(HttpMethod.Get, scene.Policies))["webhook"]);
        Assert.Equal(2, scene.Receiver.Requests.Count);
    }

    [Theory]
    [InlineData(""" "url":"http://ops.example/" """, "webhook.url")]
    [InlineData(""" "url":"ftp://ops.example/" """, "webhook.url")]
    [InlineData(""" "url":"https://user:pass@ops.example/" """, "webhook.url")]
    [InlineData(""" "url":"https://ops.example/#here" """, "webhook.url")]
    [InlineData(""" "url":"/blocks" """, "webhook.url")]
    [InlineData(""" "url":"https://ops.example/","secret":"short" """, "webhook.secret")]
    [InlineData(""" "url":"https://ops.example/","secret":"sealed:00000000:AAAAAAAA" """, "webhook.secret")]
    [InlineData(""" "url":"https://ops.example/","has_secret":true """, "webhook.secret")]
    public async Task Invalid_settings_are_refused_with_their_place(string webhook, string place)
    {
        using var response = await at.Edge.Admin.PutAsync($"/api/projects/{at.ProjectId}/policies", RunningEdge.Json($$$"""{"rules":[],"webhook":{{{{webhook}}}}}"""));
        Assert.Equal((400, place), ((int)response.StatusCode, (string?)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["param"]));
    }

    [Fact]
    public async Task Applying_as_code_keeps_an_equal_or_omitted_webhook_and_removes_a_null_one()
    {
        await using var scene = await WebhookScene.CreateAsync(at);
        var slug = (string)(await at.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{scene.Project}"))["project"]!["slug"]!;
        var document = (await at.Edge.SendAdminAsync(HttpMethod.Get, "/api/export?format=json")).AsObject();
        var mine = document["projects"]!.AsArray().Single(project => (string)project!["slug"]! == slug)!.DeepClone().AsObject();
        document["projects"] = new JsonArray(mine);
        var webhook = mine["policies"]!["webhook"]!;
        Assert.Empty(await ApplyAsync());

        (webhook["url"], webhook["secret"]) = (scene.Url, WebhookScene.Secret);
        Assert.Empty(await ApplyAsync());

        webhook["secret"] = "another-secret-of-the-webhook";
        Assert.DoesNotContain("another-secret", Assert.Single(await ApplyAsync())!.ToJsonString(), StringComparison.Ordinal);
        webhook["url"] = new Uri(scene.Receiver.Address, "/other").ToString();
        Assert.Single(await ApplyAsync());
        await scene.BlockAsync();
        var request = await scene.Receiver.NextRequestAsync();
        WebhookScene.AssertSigned(request, "another-secret-of-the-webhook");
        Assert.Equal("/other", request.Target);

        mine["policies"]!.AsObject().Remove("webhook");
        Assert.Empty(await ApplyAsync());
        mine["policies"]!["webhook"] = null;
        Assert.Single(await ApplyAsync());
        Assert.Null((await at.Edge.SendAdminAsync(HttpMethod.Get, scene.Policies))["webhook"]);

        async Task<JsonArray> ApplyAsync() => (await at.Edge.SendAdminAsync(HttpMethod.Post, "/api/apply", document))["projects"]![0]!["changes"]!.AsArray();
    }

    [Fact]
    public async Task A_test_event_is_marked_and_the_result_is_returned()
    {
        await using var scene = await WebhookScene.CreateAsync(at);
        scene.Receiver.Enqueue((_, response) => response.JsonAsync(503, "{}"));
        Assert.Equal("""{"status":503,"fault":"The webhook responded with 503."}""", (await at.Edge.SendAdminAsync(HttpMethod.Post, scene.Policies + "/webhook/test")).ToJsonString());

        var reported = await scene.NextAsync();
        Assert.Equal((true, "policy.blocked", scene.Project), ((bool)reported["test"]!, (string)reported["type"]!, (string)reported["project_id"]!));
        Assert.Contains("policies.webhook_tested", (await at.Edge.SendAdminAsync(HttpMethod.Get, $"/api/audit?project={scene.Project}")).ToJsonString(), StringComparison.Ordinal);

        // A repeated click is rate limited.
        using var again = await at.Edge.Admin.PostAsync(scene.Policies + "/webhook/test", content: null);
        Assert.Equal((HttpStatusCode.TooManyRequests, true), (again.StatusCode, again.Headers.RetryAfter!.Delta <= Throttle<string>.Interval));
        Assert.Single(scene.Receiver.Requests);

        await at.SetAsync(scene.Project, WebhookScene.Rules);
        using var nothing = await at.Edge.Admin.PostAsync(scene.Policies + "/webhook/test", content: null);
        Assert.Equal(HttpStatusCode.BadRequest, nothing.StatusCode);
    }

    [Fact]
    public async Task By_default_a_webhook_cannot_point_to_this_machine()
    {
        await using var scene = new WebhookScene(at);
        await using var edge = await RunningEdge.StartAsync();
        var policies = $"/api/projects/{await edge.CreateProjectAsync()}/policies";
        await edge.SendAdminAsync(HttpMethod.Put, policies, JsonNode.Parse($$$"""{"rules":[],"webhook":{"url":"{{{scene.Url}}}"{{{Signed}}}}}"""));
        var reported = await edge.SendAdminAsync(HttpMethod.Post, policies + "/webhook/test");

        Assert.Null((int?)reported["status"]);
        Assert.Contains("Egress:AllowedNetworks", (string)reported["fault"]!, StringComparison.Ordinal);
        Assert.Empty(scene.Receiver.Requests);
    }
}
