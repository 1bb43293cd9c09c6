using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Policies;

/// <summary>Policies that another version has stored, and that this version cannot read: no request passes, administrators read why, and can replace them.</summary>
public sealed class UnreadablePoliciesTests(PolicyEdge at) : IClassFixture<PolicyEdge>
{
    [Theory]
    [InlineData("""{"rules":[],"of_a_newer_version":1}""")]
    [InlineData("""{"rules":[{"name":"x","kind":"kind_of_a_newer_version"}]}""")]
    [InlineData("not JSON")]
    public async Task They_are_reported_and_can_be_replaced(string stored)
    {
        var (project, key) = await at.CreateAsync("");
        var contexts = at.Edge.Services.GetRequiredService<IDbContextFactory<EdgeDbContext>>();
        await using (var database = await contexts.CreateDbContextAsync())
        {
            Assert.Equal(1, await database.Projects.Where(row => row.Id == project).ExecuteUpdateAsync(row => row.SetProperty(changed => changed.Policies, stored)));
        }

        await at.Edge.Services.GetRequiredService<ProjectCache>().InvalidateAsync(project);
        using (var blocked = await at.ChatAsync(key))
        {
            Assert.Equal(503, (int)blocked.StatusCode);
        }

        foreach (var (method, path, body) in new (HttpMethod, string, string?)[] { (HttpMethod.Get, "", null), (HttpMethod.Post, "/test", """{"text":"x"}"""), (HttpMethod.Post, "/webhook/test", null) })
        {
            using var request = new HttpRequestMessage(method, $"/api/projects/{project}/policies{path}") { Content = body is null ? null : JsonContent.Create(JsonNode.Parse(body)) };
            var refusal = await at.Edge.Admin.SendAsync(request).ErrorAsync();
            Assert.Equal((409, "CONFLICT"), (refusal.Status, refusal.Code));
            Assert.Contains("another version", refusal.Message, StringComparison.Ordinal);
        }

        await at.Edge.SendAdminAsync(HttpMethod.Post, $"/api/projects/{project}/policies/test", JsonNode.Parse("""{"text":"x","policies":{"rules":[]}}"""));
        await at.SetAsync(project, """{"name":"c","kind":"card"}""");
        Assert.Single((await at.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/policies"))["rules"]!.AsArray());
        Assert.NotEmpty(await at.SentAsync(key, """{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}]}"""));
    }
}
