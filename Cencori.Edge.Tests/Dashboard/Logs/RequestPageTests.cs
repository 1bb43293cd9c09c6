using System.Net;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Tests.Dashboard.Sessions;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Records;

namespace Cencori.Edge.Tests.Dashboard.Logs;

/// <summary>The page of one request: result, times, facts and payload.</summary>
public sealed class RequestPageTests(RespondingEdge openai) : IClassFixture<RespondingEdge>
{
    private const string Said = "a-recognisable-prompt";

    [Fact]
    public async Task The_heading_shows_the_result()
    {
        using var client = await PageClient.SignedInAsync(openai.Edge);
        var (project, key) = await openai.CreateAsync(new { requests_per_minute = 1 });
        using var completed = await openai.ChatAsync(key, headers: [("X-Request-Id", "good")]);
        using var refused = await openai.ChatAsync(key, headers: [("X-Request-Id", "refused")]);
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);

        await OpenAsync(client, project, "good");
        Assert.StartsWith("Answered in", client.Title);
        Assert.Equal(["Arrived", "Admitted and routed", "One attempt at openai", "First byte to the caller", "Response forwarded", "End"], Steps(client));
        Assert.Contains("test key", client.Text);
        Assert.Contains("POST /v1/chat/completions", client.Text);

        await OpenAsync(client, project, "refused");
        Assert.StartsWith("Refused: ", client.Title);
        Assert.Equal(["Arrived", "Refused by the edge", "End"], Steps(client));
        Assert.Contains("RATE_LIMIT_EXCEEDED", client.Text);
    }

    [Fact]
    public async Task The_timeline_shows_every_attempt_and_only_known_times()
    {
        using var client = await PageClient.SignedInAsync(openai.Edge);
        var project = (await openai.CreateAsync(new { })).ProjectId;
        var record = Some.Record(project, RequestOutcome.SuccessFallback, id: "tries");
        record.Attempts =
        [
            new RequestAttempt { Number = 1, Target = "openai/gpt-4o", Started = 1_000, HeadUs = 40_000, Outcome = "status", Status = 503, CredentialHint = "abcd" },
            new RequestAttempt { Number = 2, Target = "azure/gpt-4o", Started = 50_000, Outcome = "never_sent" },
        ];
        openai.Edge.Records().Write(record);

        await OpenAsync(client, project, "tries");

        Assert.Equal(["Arrived", "Admitted and routed", "Attempt 1: openai/gpt-4o", "Attempt 2: azure/gpt-4o", "First byte to the caller", "Response forwarded", "End"], Steps(client));
        Assert.Contains("status 503", client.Text);
        Assert.Contains("never sent", client.Text);
        Assert.Contains("1 ms – 41 ms", client.Text);
    }

    [Fact]
    public async Task Previous_and_next_follow_the_list_it_was_opened_from()
    {
        using var client = await PageClient.SignedInAsync(openai.Edge);
        var project = (await openai.CreateAsync(new { })).ProjectId;
        foreach (var (id, key, age) in new[] { ("a", "key_1", 30), ("b", "key_2", 20), ("c", "key_1", 10), ("c", "key_1", 5) })
        {
            openai.Edge.Records().Write(Some.Record(project, at: Some.Now.AddSeconds(-age), id: id, key: key, milliseconds: age));
        }

        await openai.Edge.StoredAsync();

        await client.GetAsync($"/dashboard/p/{project}/logs?key=key_1");
        await client.GetAsync(client.Document.QuerySelectorAll("[data-row] th a")[1].GetAttribute("href")!);
        Assert.Equal("Answered in 10 ms", client.Title);

        var newer = client.Document.QuerySelector("a[rel=prev]")!.GetAttribute("href")!;
        await client.GetAsync(client.Document.QuerySelector("a[rel=next]")!.GetAttribute("href")!);
        Assert.Equal("Answered in 30 ms", client.Title);
        Assert.Null(client.Document.QuerySelector("a[rel=next]"));
        await client.GetAsync(newer);
        Assert.Equal("Answered in 5 ms", client.Title);
        Assert.Contains("key=key_1", client.Document.QuerySelector("main nav a")!.GetAttribute("href"));
    }

    [Fact]
    public async Task A_member_opens_the_payload_and_the_audit_log_records_it()
    {
        var (project, key) = await openai.CreateAsync(new { });
        await openai.Edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{project}", new { log_payloads = true });
        using var response = await openai.ChatAsync(key, ScriptedEdge.Chat.Replace("Hello!", Said, StringComparison.Ordinal), ("X-Request-Id", "said/so"));
        using var member = await openai.Edge.SignedInAsync(UserRole.Member, project);
        await OpenAsync(member, project, "said/so");
        Assert.DoesNotContain(Said, member.Html);

        await member.SubmitAsync(ActionOf(member, "/logs/said%2Fso"));
        Assert.Contains(Said, member.Document.GetElementById("payload-Request")!.TextContent);
        Assert.Contains("\"hi\"", member.Document.GetElementById("payload-Answer")!.TextContent);
        Assert.Contains(Said, member.Document.GetElementById("curl")!.TextContent);
        await member.SubmitAsync(ActionOf(member, "/logs/said%2Fso"), ("view", "formatted"));
        Assert.Contains("\n  \"model\": \"gpt-4o\"", member.Document.GetElementById("payload-Request")!.TextContent);
        var audit = await openai.Edge.SendAdminAsync(HttpMethod.Get, "/api/audit?limit=100");
        Assert.Equal(2, audit.ToJsonString().Split("payload.viewed").Length - 1);

        using var viewer = await openai.Edge.SignedInAsync(UserRole.Viewer, project);
        await OpenAsync(viewer, project, "said/so");
        Assert.Contains("your role (viewer) may not see it", viewer.Text);
        await viewer.PostAsync($"/dashboard/p/{project}/logs/said%2Fso", ("form_token", viewer.Document.QuerySelector("input[name=form_token]")!.GetAttribute("value")!));
        Assert.Equal(HttpStatusCode.Forbidden, viewer.Response.StatusCode);
        Assert.DoesNotContain(Said, viewer.Html);
    }

    [Fact]
    public async Task A_payload_opens_even_if_the_id_cannot_be_part_of_a_path()
    {
        var (project, key) = await openai.CreateAsync(new { });
        await openai.Edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{project}", new { log_payloads = true });
        using var response = await openai.ChatAsync(key, ScriptedEdge.Chat.Replace("Hello!", Said, StringComparison.Ordinal), ("X-Request-Id", ".."));
        await openai.Edge.RowsOfAsync(project, 1);
        using var member = await openai.Edge.SignedInAsync(UserRole.Member, project);
        await member.GetAsync($"/dashboard/p/{project}/logs");
        await member.GetAsync(member.Document.QuerySelector("[data-row] th a")!.GetAttribute("href")!);

        await member.SubmitAsync(ActionOf(member, "/logs?"));
        Assert.Contains(Said, member.Document.GetElementById("payload-Request")!.TextContent);

        var token = member.Document.QuerySelector("input[name=form_token]")!.GetAttribute("value")!;
        await member.PostAsync($"/dashboard/p/{project}/logs", ("form_token", token));
        Assert.Equal(HttpStatusCode.NotFound, member.Response.StatusCode);
    }

    [Fact]
    public async Task Without_a_stored_payload_the_page_says_why()
    {
        using var client = await PageClient.SignedInAsync(openai.Edge);
        var project = (await openai.CreateAsync(new { })).ProjectId;
        openai.Edge.Records().Write(Some.Record(project, id: "off"));
        openai.Edge.Records().Write(Some.Record(project, at: Some.Now.AddDays(-8), id: "old"));
        openai.Edge.Records().Write(Some.Record(project, RequestOutcome.RateLimited, id: "refused", model: null));

        await OpenAsync(client, project, "off");
        Assert.Contains("does not keep payloads", client.Text);
        Assert.NotNull(client.Document.QuerySelector("#payload a[href$='/settings']"));
        await OpenAsync(client, project, "old");
        Assert.Contains("this request is older", client.Text);
        await OpenAsync(client, project, "refused");
        Assert.Contains("The edge refused this request", client.Text);
        await openai.Edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{project}", new { log_payloads = true });
        await OpenAsync(client, project, "off");
        Assert.Contains("storing it failed", client.Text);
    }

    // Form actions contain the project's slug.
    private static string ActionOf(PageClient client, string part) => client.Document.QuerySelector($"form[action*='{part}']")!.GetAttribute("action")!;

    private static IEnumerable<string> Steps(PageClient client) => client.Document.QuerySelectorAll(".timeline-label").Select(step => step.TextContent);

    // The record is written a moment after the caller has received the response.
    private static async Task OpenAsync(PageClient client, string project, string id) => await Eventually.IsTrueAsync(async () =>
    {
        await client.GetAsync($"/dashboard/p/{project}/logs/{Uri.EscapeDataString(id)}");
        return client.Response.IsSuccessStatusCode;
    });
}
