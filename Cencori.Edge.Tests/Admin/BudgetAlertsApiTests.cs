using System.Net;
using System.Text.Json.Nodes;
using Cencori.Edge.Admin;
using Cencori.Edge.Storage;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;
using Cencori.Edge.Tests.Records;

namespace Cencori.Edge.Tests.Admin;

/// <summary>Lists deliveries of budget alerts, and sends alerts again, at the API.</summary>
public sealed class BudgetAlertsApiTests(BudgetAlertsApiTests.Scene scene) : IClassFixture<BudgetAlertsApiTests.Scene>
{
    private const string Secret = "a-secret-of-the-webhook";

    [Fact]
    public async Task An_alert_is_listed_and_sent_again_with_its_original_content()
    {
        var (project, budget, receiver) = await CreateAsync();
        await using var _ = receiver;
        var alert = await AddAlertAsync(project);

        var listed = Assert.Single((await scene.Edge.SendAdminAsync(HttpMethod.Get, budget + "/alerts"))["alerts"]!.AsArray())!;
        Assert.Equal((alert, 80, "2029-12", 8m, 10m), ((long)listed["id"]!, (int)listed["threshold"]!, (string)listed["month"]!, (decimal)listed["spend_usd"]!, (decimal)listed["budget_usd"]!));

        var reported = (await scene.Edge.SendAdminAsync(HttpMethod.Post, $"{budget}/alerts/{alert}/resend"))["alert"]!;
        Assert.Equal((200, 1), ((int)reported["status"]!, (int)reported["attempts"]!));
        Assert.Null(reported["fault"]);
        var sent = await receiver.NextRequestAsync();
        var body = JsonNode.Parse(sent.BodyText)!;
        Assert.Equal((80, "2029-12"), ((int)body["threshold"]!, (string)body["month"]!));
        Assert.Null(body["test"]);
        Assert.Equal(2, (await scene.Edge.SendAdminAsync(HttpMethod.Get, budget + "/alerts"))["alerts"]!.AsArray().Count);
        Assert.Contains("webhook.resent", (await scene.Edge.SendAdminAsync(HttpMethod.Get, $"/api/audit?project={project}")).ToJsonString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("alerts/{0}/resend", "An alert of this project was sent again a moment ago. Try again in 10 s.")]
    [InlineData("test", "A webhook of this project was tested a moment ago. Try again in 10 s.")]
    public async Task A_repeated_call_is_refused_for_ten_seconds_and_sends_nothing(string call, string reported)
    {
        var (project, budget, receiver) = await CreateAsync();
        await using var _ = receiver;
        var path = $"{budget}/{call.Replace("{0}", (await AddAlertAsync(project)).ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal)}";
        await scene.Edge.SendAdminAsync(HttpMethod.Post, path);

        for (var i = 0; i < 20; i++)
        {
            using var refused = await scene.Edge.Admin.PostAsync(new Uri(scene.Edge.Address, path), content: null);
            Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
            Assert.Equal(Throttle<string>.Interval, refused.Headers.RetryAfter!.Delta);
            Assert.Contains(reported, await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        Assert.Single(receiver.Requests);

        // Another project is not affected.
        var (_, other, another) = await CreateAsync();
        await using var __ = another;
        await scene.Edge.SendAdminAsync(HttpMethod.Post, other + "/test");
        scene.Clock.Advance(Throttle<string>.Interval);
        await scene.Edge.SendAdminAsync(HttpMethod.Post, path);
        Assert.Equal(2, receiver.Requests.Count);
    }

    [Fact]
    public async Task Calls_for_unknown_alerts_send_nothing_and_do_not_start_the_wait()
    {
        var (project, budget, receiver) = await CreateAsync();
        await using var _ = receiver;
        var alert = await AddAlertAsync(project);
        var (_, other, another) = await CreateAsync();
        await using var __ = another;
        foreach (var path in new[] { $"{budget}/alerts/0/resend", $"{budget}/alerts/x/resend", $"{budget}/alerts/-1/resend", $"{other}/alerts/{alert}/resend", "/api/projects/nowhere/budget/test" })
        {
            using var response = await scene.Edge.Admin.PostAsync(new Uri(scene.Edge.Address, path), content: null);
            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        }

        var bare = $"/api/projects/{await scene.Edge.CreateProjectAsync()}/budget";
        Assert.Empty((await scene.Edge.SendAdminAsync(HttpMethod.Get, bare + "/alerts"))["alerts"]!.AsArray());
        using var nothing = await scene.Edge.Admin.PostAsync(new Uri(scene.Edge.Address, bare + "/test"), content: null);
        Assert.Equal(HttpStatusCode.BadRequest, nothing.StatusCode);
        await scene.Edge.SendAdminAsync(HttpMethod.Post, $"{budget}/alerts/{alert}/resend");
        Assert.Empty(another.Requests);
    }

    [Fact]
    public async Task The_page_has_the_same_pace()
    {
        var (project, budget, receiver) = await CreateAsync();
        await using var _ = receiver;
        await AddAlertAsync(project);
        using var client = await PageClient.SignedInAsync(scene.Edge);
        var path = $"/dashboard/p/{(string)(await scene.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}"))["project"]!["slug"]!}/budget";
        await client.GetAsync(path);
        await client.SubmitAsync(path + "/resend");
        Assert.Contains("The webhook accepted the alert.", client.Text, StringComparison.Ordinal);

        await client.SubmitAsync(path + "/resend");
        Assert.Equal(HttpStatusCode.TooManyRequests, client.Response.StatusCode);
        Assert.Contains("sent again a moment ago", client.Text, StringComparison.Ordinal);
        Assert.Single(receiver.Requests);
    }

    private async Task<(string Project, string Budget, ScriptedProvider Receiver)> CreateAsync()
    {
        var receiver = new ScriptedProvider();
        receiver.Respond((_, response) => response.JsonAsync(200, "{}"));
        var project = await scene.Edge.CreateProjectAsync();
        var budget = $"/api/projects/{project}/budget";
        await scene.Edge.SendAdminAsync(HttpMethod.Put, budget, new { monthly_budget_usd = 10, webhook_url = new Uri(receiver.Address, "/hook").ToString(), webhook_secret = Secret });
        return (project, budget, receiver);
    }

    private Task<long> AddAlertAsync(string project) => scene.Edge.ReadAsync(async database =>
    {
        var added = database.AlertDeliveries.Add(new AlertDeliveryRecord { ProjectId = project, KeyId = "", Month = "2029-12", Threshold = 80, SpendUsd = 8, BudgetUsd = 10, At = scene.Clock.GetUtcNow(), Attempts = 3, Status = 500, Fault = "The webhook responded with 500." });
        await database.SaveChangesAsync();
        return added.Entity.Id;
    });

    public sealed class Scene : ClockedEdge;
}
