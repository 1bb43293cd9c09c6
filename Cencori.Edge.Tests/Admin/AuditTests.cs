using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Cencori.Edge.Admin.SignIn;
using Cencori.Edge.Storage;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Admin;

/// <summary>The audit log records administrative changes.</summary>
public sealed class AuditTests(AuditTests.AuditedEdge fixture) : IClassFixture<AuditTests.AuditedEdge>
{
    private readonly RunningEdge _edge = fixture.Edge;

    [Fact]
    public async Task Each_change_is_a_row_with_values_before_and_after_but_no_secrets()
    {
        var project = await NewProjectAsync();
        await _edge.SendAdminAsync(HttpMethod.Patch, "/api/projects/" + project, new { name = "renamed" });
        var credentials = $"/api/projects/{project}/provider-keys";
        await _edge.SendAdminAsync(HttpMethod.Post, credentials, new { provider = "openai", apiKey = "sk-audited-credential-one" });
        await _edge.SendAdminAsync(HttpMethod.Post, credentials, new { provider = "openai", apiKey = "sk-audited-credential-two" });
        await _edge.SendAdminAsync(HttpMethod.Delete, credentials + "/openai");
        var key = await _edge.CreateKeyAsync(project);
        await _edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{project}/budget", new { monthly_budget_usd = 5, enforce = true, webhook_url = "https://hooks.example.com/T1/secret-path", webhook_secret = "whsec-audited-secret" });
        await _edge.SendAdminAsync(HttpMethod.Delete, "/api/projects/" + project);

        var entries = await ReadAsync($"?project={project}&limit=1000");
        Assert.Equal(
            ["project.created", "project.changed", "provider_key.created", "provider_key.changed", "provider_key.deleted", "api_key.created", "budget.created", "project.deleted"],
            entries.Select(entry => (string?)entry["action"]).Reverse());
        Assert.All(entries, entry => Assert.Equal(("token", "done", project), ((string?)entry["actor"], (string?)entry["result"], (string?)entry["project_id"])));
        var renamed = entries[^2];
        Assert.Equal(("""{"name":"project"}""", """{"name":"renamed"}"""), (renamed["before"]!.ToJsonString(), renamed["after"]!.ToJsonString()));
        var all = string.Concat(entries.Select(entry => entry.ToJsonString()));
        Assert.All((string[])["sk-audited", "whsec-audited-secret", "secret-path", key], secret => Assert.DoesNotContain(secret, all, StringComparison.Ordinal));
        Assert.Contains("https://hooks.example.com/", all, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_row_for_a_long_list_has_only_the_differences_and_stays_short()
    {
        var project = await NewProjectAsync();
        var aliases = Enumerable.Range(0, 1_000).ToDictionary(number => $"{number}-{new string('a', 200)}", _ => new string('b', 200));
        await _edge.SendAdminAsync(HttpMethod.Patch, "/api/projects/" + project, new { model_aliases = aliases });
        aliases["added"] = "gpt-4o";
        aliases.Remove($"7-{new string('a', 200)}");
        await _edge.SendAdminAsync(HttpMethod.Patch, "/api/projects/" + project, new { model_aliases = aliases });
        var models = Enumerable.Range(0, 300).Select(number => $"model-{number}").ToList();
        var key = (string)(await _edge.SendAdminAsync(HttpMethod.Post, $"/api/projects/{project}/api-keys", new { name = "k", key_type = "secret", environment = "test", allowed_models = models }))["apiKey"]!["id"]!;
        await _edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{project}/api-keys/{key}", new { allowed_models = models.Append("gpt-4o") });

        var entries = await ReadAsync($"?project={project}&limit=1000");
        Assert.All(entries, entry => Assert.InRange(entry.ToJsonString().Length, 1, 10_000));
        Assert.Equal("""["gpt-4o"]""", (string?)entries[0]["after"]!["allowed_models"]);
        Assert.Equal("""{"added":"gpt-4o"}""", (string?)entries[2]["after"]!["model_aliases"]);
        Assert.StartsWith("""{"7-aaa""", (string?)entries[2]["before"]!["model_aliases"], StringComparison.Ordinal);
        Assert.Matches(@"… \(\d{6} characters\)$", (string?)entries[3]["after"]!["model_aliases"]);
    }

    [Fact]
    public async Task A_refused_change_changes_nothing_and_adds_no_row()
    {
        var project = await NewProjectAsync();
        using var refused = await _edge.Admin.PatchAsJsonAsync("/api/projects/" + project, new { name = "" });
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Single(await ReadAsync($"?project={project}"));
    }

    [Fact]
    public async Task Pages_follow_on_each_other_and_the_log_verifies()
    {
        var project = await NewProjectAsync();
        for (var i = 0; i < 6; i++)
        {
            await _edge.SendAdminAsync(HttpMethod.Patch, "/api/projects/" + project, new { name = $"name {i}" });
        }

        var ids = new List<long>();
        for (string? cursor = ""; cursor is not null;)
        {
            var page = await GetAsync($"?project={project}&limit=3{cursor}");
            ids.AddRange(page["entries"]!.AsArray().Select(entry => (long)entry!["id"]!));
            cursor = (string?)page["next_cursor"] is { } next ? "&cursor=" + next : null;
        }

        Assert.Equal(7, ids.Count);
        Assert.Equal(ids.OrderDescending(), ids);
        var verified = await GetAsync("/verify");
        Assert.True((bool)verified["valid"]!, verified.ToJsonString());
    }

    [Theory]
    [InlineData("?limit=0")]
    [InlineData("?limit=1001")]
    [InlineData("?from=yesterday")]
    [InlineData("?cursor=x")]
    [InlineData("?format=xml")]
    [InlineData("?colour=red")]
    [InlineData("?limit=1&limit=2")]
    public async Task An_invalid_filter_is_refused_by_name(string query)
    {
        using var response = await _edge.Admin.GetAsync("/api/audit" + query);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(query.TrimStart('?').Split('=')[0], await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_CSV_export_contains_no_formulas()
    {
        var project = await NewProjectAsync();
        await _edge.SendAdminAsync(HttpMethod.Post, $"/api/projects/{project}/api-keys", new { name = "=cmd|' /C calc'!A0,\"x\"", key_type = "secret", environment = "test" });

        using var response = await _edge.Admin.GetAsync($"/api/audit?format=csv&project={project}");
        var lines = (await response.Content.ReadAsStringAsync()).Split("\r\n");
        Assert.Equal("text/csv", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal(("id,at,actor,address,action,project_id,object,before,after,result", 4), (lines[0], lines.Length));
        Assert.All(lines.Skip(1).Where(line => line.Length > 0), line => Assert.DoesNotContain(",=", line, StringComparison.Ordinal));
        Assert.NotEmpty(await ReadAsync("?action=audit.exported"));
    }

    [Fact]
    public async Task A_wrong_token_is_logged_and_guesses_do_not_fill_the_log()
    {
        await using var edge = await RunningEdge.StartAsync();
        for (var i = 0; i < 5; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/audit") { Headers = { Authorization = new("Bearer", $"wrong-token-{i}") } };
            using var refused = await edge.Http.SendAsync(request);
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        }

        await using var database = await edge.Services.GetRequiredService<IDbContextFactory<EdgeDbContext>>().CreateDbContextAsync();
        var rows = await database.Audit.Where(row => row.Action == "sign_in").ToListAsync();
        Assert.InRange(rows.Count, 1, FailedSignInLog.MaxInMinute);
        Assert.All(rows, row => Assert.Equal(("unknown", "refused"), (row.Actor, row.Result)));
    }

    private async Task<string> NewProjectAsync() => (string)(await _edge.SendAdminAsync(HttpMethod.Post, "/api/projects", new { name = "project" }))["project"]!["id"]!;

    private async Task<JsonNode> GetAsync(string rest)
    {
        using var response = await _edge.Admin.GetAsync("/api/audit" + rest);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
    }

    private async Task<List<JsonNode>> ReadAsync(string query) => [.. (await GetAsync(query))["entries"]!.AsArray().Select(entry => entry!)];

    public sealed class AuditedEdge : IAsyncLifetime
    {
        internal RunningEdge Edge { get; private set; } = null!;

        public async Task InitializeAsync() => Edge = await RunningEdge.StartAsync();

        public async Task DisposeAsync() => await Edge.DisposeAsync();
    }
}
