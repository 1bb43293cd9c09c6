using System.Net;
using Cencori.Edge.Storage;
using Cencori.Edge.Tests.Dashboard.Sessions;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Dashboard;

public sealed class AuditPageTests(ShippedEdge shipped) : IClassFixture<ShippedEdge>
{
    private readonly RunningEdge _edge = shipped.Edge;

    [Fact]
    public async Task The_page_shows_who_changed_which_value_from_what_to_what()
    {
        var project = (string)(await _edge.SendAdminAsync(HttpMethod.Post, "/api/projects", new { name = "audited" }))["project"]!["id"]!;
        await _edge.SendAdminAsync(HttpMethod.Patch, "/api/projects/" + project, new { name = "renamed <b>\u202Eafter" });
        using var client = await PageClient.SignedInAsync(_edge);

        await client.GetAsync($"/dashboard/audit?project={project}&action=project.changed&who=token");

        var row = Assert.Single(client.Document.QuerySelectorAll("tbody tr"));
        Assert.Equal("audited", row.QuerySelector("del")!.TextContent);
        Assert.Equal("renamed <b>\\u202Eafter", row.QuerySelector("ins")!.TextContent);
        Assert.NotNull(row.QuerySelector("a[href^='/dashboard/p/']"));
        await client.GetAsync($"/dashboard/audit?object={project}&from=2000-01-01&to=2000-01-01");
        Assert.Contains("No entry matches these filters.", client.Text);
        await client.GetAsync("/dashboard/audit?from=yesterday&nothing=1&who=a%00&cursor=x&done=saved");
        Assert.Contains("These parts of the address are invalid and were ignored: from, nothing, cursor.", client.Text);
    }

    [Fact]
    public async Task Older_entries_are_on_the_next_page_and_the_filter_stays()
    {
        var project = (string)(await _edge.SendAdminAsync(HttpMethod.Post, "/api/projects", new { name = "paged" }))["project"]!["id"]!;
        for (var i = 0; i < 54; i++)
        {
            await _edge.SendAdminAsync(HttpMethod.Patch, "/api/projects/" + project, new { name = $"paged {i}" });
        }

        using var client = await PageClient.SignedInAsync(_edge);
        await client.GetAsync("/dashboard/audit?project=" + project);
        Assert.Equal(50, client.Document.QuerySelectorAll("tbody tr").Length);
        await client.GetAsync(client.Document.QuerySelectorAll("nav[aria-label=Pages] a").Single().GetAttribute("href")!);
        Assert.Equal(5, client.Document.QuerySelectorAll("tbody tr").Length);
        await client.GetAsync(client.Document.QuerySelectorAll("nav[aria-label=Pages] a").Single().GetAttribute("href")!);
        Assert.Equal(50, client.Document.QuerySelectorAll("tbody tr").Length);
    }

    [Fact]
    public async Task Sign_ins_sign_outs_and_exports_are_entries()
    {
        using var client = await PageClient.SignedInAsync(_edge);
        await client.GetAsync("/dashboard/audit/export?format=csv&action=sign_in");
        Assert.Equal("text/csv", client.Response.Content.Headers.ContentType!.MediaType);
        Assert.All(client.Html.TrimEnd().Split("\r\n").Skip(1), line => Assert.Contains(",sign_in,", line));
        await client.GetAsync("/dashboard/audit/export?format=jsonl");
        Assert.Contains("\"action\":\"audit.exported\"", client.Html);
        await client.GetAsync("/dashboard");
        await client.SubmitAsync("/dashboard/sign-out");

        var rows = (await _edge.SendAdminAsync(HttpMethod.Get, "/api/audit?limit=1000"))["entries"]!.AsArray();
        Assert.All((string[])["sign_in", "sign_out", "audit.exported"], action => Assert.Contains(rows, row => (string)row!["action"]! == action && (string)row["result"]! == "done" && (string)row["actor"]! == "token"));
    }

    [Fact]
    public async Task Verify_says_where_the_chain_breaks()
    {
        await using var edge = await RunningEdge.StartAsync();
        using var client = await PageClient.SignedInAsync(edge);
        await client.GetAsync("/dashboard/audit/verify");
        Assert.Contains("The log is unchanged.", client.Text);

        await using (var database = await edge.Services.GetRequiredService<IDbContextFactory<EdgeDbContext>>().CreateDbContextAsync())
        {
            await database.Audit.Where(row => row.Id == 2).ExecuteUpdateAsync(row => row.SetProperty(entry => entry.Actor, "nobody"));
        }

        await client.GetAsync("/dashboard/audit/verify");
        Assert.Contains("the chain breaks at no. 2", client.Text);
    }

    [Fact]
    public async Task Only_owners_see_the_audit_log()
    {
        using var member = await _edge.SignedInAsync(UserRole.Member);
        foreach (var path in (string[])["/dashboard/audit", "/dashboard/audit/verify", "/dashboard/audit/export", "/dashboard/members", "/dashboard/invitations/new"])
        {
            await member.GetAsync(path);
            Assert.Equal(HttpStatusCode.Forbidden, member.Response.StatusCode);
        }
    }
}
