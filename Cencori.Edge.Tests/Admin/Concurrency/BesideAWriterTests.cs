using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Cencori.Edge.Admin;
using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage.Startup;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Databases;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Records;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Admin.Concurrency;

/// <summary>During a large write, reads do not wait, and other changes do not wait unless the database requires it.</summary>
public sealed class BesideAWriterTests
{
    // Less than SQLite's timeout of 30 s for a lock: a call that succeeds within this time has not waited for the lock.
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(25);

    [Fact]
    public async Task Keys_and_pages_can_be_read_during_a_write()
    {
        await using var edge = await RunningEdge.StartAsync();
        var project = await edge.CreateProjectAsync();
        var key = await edge.CreateKeyAsync(project);
        using var client = await PageClient.SignedInAsync(edge);
        await edge.ReadAsync(database => database.Sessions.ExecuteUpdateAsync(row => row.SetProperty(session => session.SeenAt, session => Some.Now.AddMinutes(-5))));
        (await edge.SendAsync(key, HttpMethod.Get, "/v1/models")).Dispose();
        await using var writer = new SqliteConnection($"Data Source={edge.Services.GetRequiredService<DataDirectory>().DatabaseFile};Pooling=False");
        await writer.OpenAsync();
        await using var transaction = await writer.BeginTransactionAsync();

        var keys = (await edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/api-keys").WaitAsync(Soon))["apiKeys"]!.AsArray();
        Assert.NotNull(keys[0]!["last_used_at"]);
        Assert.NotNull((await edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/api-keys/{keys[0]!["id"]}").WaitAsync(Soon))["apiKey"]!["last_used_at"]);
        await client.GetAsync("/dashboard/p/test-project/keys").WaitAsync(Soon);
        Assert.Equal(200, (int)client.Response.StatusCode);

        await transaction.RollbackAsync();
        await Eventually.IsTrueAsync(() => edge.ReadAsync(database => database.Sessions.AllAsync(session => session.SeenAt > Some.Now.AddMinutes(-4))));
    }

    [Fact]
    public async Task Waiting_changes_on_SQLite_hold_no_threads()
    {
        await using var edge = await RunningEdge.StartAsync();
        var changes = edge.Services.GetRequiredService<Changes>();
        var (begun, end) = (new TaskCompletionSource(), new TaskCompletionSource());
        var large = changes.MakeAsync(AuditActor.Edge, async _ =>
        {
            begun.SetResult();
            await end.Task;
            return 0;
        });
        await begun.Task;

        // If SQLite blocked the thread, the next line would not be reached.
        var small = changes.NoteAsync(AuditActor.Edge, new("a", null, "b"));
        Assert.False(small.IsCompleted);
        end.SetResult();
        await large;
        await small;
    }

    [PostgresFact]
    public async Task An_audit_entry_does_not_wait_for_a_document_that_is_being_applied()
    {
        await using var started = await DatabaseEdge.StartAsync(DatabaseEdge.Postgres);
        var edge = started.Edge;
        var (first, other) = (await edge.CreateProjectAsync(), await edge.CreateProjectAsync());
        var changes = edge.Services.GetRequiredService<Changes>();
        Task<int> beside = Task.FromResult(0);
        await changes.MakeAllAsync(AuditActor.Edge, [first], async () =>
        {
            await RenameAsync(first, "made together");
            using (ExecutionContext.SuppressFlow())
            {
                beside = Task.Run(async () =>
                {
                    await changes.NoteAsync(AuditActor.Edge, new("beside", null, "b"));
                    return await RenameAsync(other, "beside");
                });
            }

            return await beside.WaitAsync(Soon);
        }, isKept: true);

        var rows = (await edge.SendAdminAsync(HttpMethod.Get, "/api/audit?limit=3"))["entries"]!.AsArray();
        Assert.Equal([("project.changed", first), ("project.changed", other), ("beside", null)], rows.Select(row => ((string)row!["action"]!, (string?)row["project_id"])));
        Assert.True((bool)(await edge.SendAdminAsync(HttpMethod.Get, "/api/audit/verify"))["valid"]!);

        Task<int> RenameAsync(string project, string name) => changes.MakeToProjectAsync(AuditActor.Edge, project, (_, row) => Task.FromResult((row.Name = name).Length));
    }

    [Fact]
    public async Task A_plan_evicts_nothing_from_the_caches()
    {
        await using var edge = await RunningEdge.StartAsync();
        var project = await edge.CreateProjectAsync();
        var cache = edge.Services.GetRequiredService<ProjectCache>();
        var cached = await cache.GetAsync(project);
        var document = new { version = 1, projects = new[] { new { slug = "test-project", rate_limits = new { requests_per_minute = 7 } } } };

        Assert.NotEmpty((await edge.SendAdminAsync(HttpMethod.Post, "/api/apply?plan=true", document))["projects"]![0]!["changes"]!.AsArray());
        Assert.Same(cached, await cache.GetAsync(project));

        await edge.SendAdminAsync(HttpMethod.Post, "/api/apply", document);
        Assert.Equal(7, (await cache.GetAsync(project))!.RateLimits.RequestsPerMinute);
    }

    [Fact]
    public async Task Applying_a_document_needs_few_database_commands_per_change()
    {
        var counter = new CommandCounter();
        await using var edge = await RunningEdge.StartAsync(configure: counter.Watch);
        var commands = new List<int>();
        foreach (var count in new[] { 5, 25 })
        {
            var keys = Enumerable.Range(0, count).Select(number => new { name = $"key {number}", key_type = "secret", environment = "test", budget = new { monthly_budget_usd = 5 } });
            using var response = await edge.Admin.PostAsJsonAsync("/api/apply", new { version = 1, projects = new[] { new { slug = $"of-{count}", prices = Array.Empty<object>(), api_keys = keys } } });
            var before = counter.Commands;
            using var again = await edge.Admin.PostAsJsonAsync("/api/apply", new { version = 1, projects = new[] { new { slug = $"twice-{count}", api_keys = keys } } });
            commands.Add(counter.Commands - before);
            Assert.Equal((200, 200), ((int)response.StatusCode, (int)again.StatusCode));
            Assert.Equal(count, JsonNode.Parse(await again.Content.ReadAsStringAsync())!["projects"]![0]!["keys"]!.AsArray().Count);
        }

        // Each key causes two changes: the key and its budget. Each change reads the project and the changed rows, and writes the rows.
        Assert.InRange((commands[1] - commands[0]) / 20.0, 2, 12);
    }
}
