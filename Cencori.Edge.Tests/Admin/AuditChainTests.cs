using System.Text.Json.Nodes;
using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Startup;
using Cencori.Edge.Tests.Infrastructure.Databases;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Cencori.Edge.Tests.Admin;

/// <summary>Changes of the audit log outside of the edge are detected.</summary>
public sealed class AuditChainTests
{
    private const int Rows = 6;

    [Theory, OnSqlite, OnPostgres]
    public async Task Tampering_is_found_and_reported_at_its_row(string system)
    {
        await using var started = await DatabaseEdge.StartAsync(system);
        var edge = started.Edge;
        var project = (string)(await edge.SendAdminAsync(HttpMethod.Post, "/api/projects", new { name = "audited" }))["project"]!["id"]!;
        for (var i = 1; i < Rows; i++)
        {
            await edge.SendAdminAsync(HttpMethod.Patch, "/api/projects/" + project, new { name = $"name {i}" });
        }

        var last = await MaxAsync(edge);
        Assert.True((bool)(await VerifyAsync(edge))["valid"]!);
        foreach (var (sql, brokenAt) in new (string, long)[]
        {
            ($"""UPDATE audit SET "Actor" = 'somebody else' WHERE "Id" = {last - 2}""", last - 2),
            ($"""UPDATE audit SET "After" = NULL WHERE "Id" = {last - 1}""", last - 1),
            ($"""UPDATE audit SET "Mac" = (SELECT "Mac" FROM audit WHERE "Id" = {last - 1}) WHERE "Id" = {last}""", last),
            ($"""DELETE FROM audit WHERE "Id" = {last - 3}""", last - 3),
            ($"""DELETE FROM audit WHERE "Id" <= {last - 3}""", 1),
            ($"""DELETE FROM audit WHERE "Id" = {last}""", last),
            ("""DELETE FROM audit""", 1),
        })
        {
            await TamperAsync(edge, sql, async () =>
            {
                var verified = await VerifyAsync(edge);
                Assert.False((bool)verified["valid"]!, sql);
                Assert.Equal(brokenAt, (long)verified["broken_at"]!);
            });
        }

        await TamperAsync(edge, """UPDATE settings SET "Value" = REPLACE("Value", ' ', '  ') WHERE "Name" = 'audit_head'""", async () => Assert.False((bool)(await VerifyAsync(edge))["valid"]!));
        Assert.True((bool)(await VerifyAsync(edge))["valid"]!);
    }

    [Theory]
    [InlineData("DELETE FROM audit WHERE \"Id\" > {0}; UPDATE settings SET \"Value\" = '{0} ' || lower(hex((SELECT \"Mac\" FROM audit WHERE \"Id\" = {0}))) || ' 0011aabb 00' WHERE \"Name\" = 'audit_head'")]
    [InlineData("DELETE FROM audit WHERE \"Id\" > {0}")]
    [InlineData("DELETE FROM audit; DELETE FROM settings WHERE \"Name\" = 'nothing'")]
    [InlineData("DELETE FROM settings WHERE \"Name\" = 'audit_head'")]
    [InlineData("UPDATE settings SET \"Value\" = 'nonsense' WHERE \"Name\" = 'audit_head'")]
    public async Task Later_changes_do_not_hide_tampering(string sql)
    {
        await using var edge = await RunningEdge.StartAsync();
        for (var i = 0; i < 4; i++)
        {
            await edge.SendAdminAsync(HttpMethod.Post, "/api/projects", new { name = $"project {i}" });
        }

        var keep = await MaxAsync(edge) - 2;
        Assert.NotEqual(0, await edge.ReadAsync(database => database.Database.ExecuteSqlRawAsync(sql.Replace("{0}", $"{keep}", StringComparison.Ordinal))));
        for (var i = 0; i < 2; i++)
        {
            await edge.SendAdminAsync(HttpMethod.Post, "/api/projects", new { name = "afterwards" });
            Assert.False((bool)(await VerifyAsync(edge))["valid"]!, sql);
        }
    }

    [Fact]
    public async Task The_log_stays_valid_after_retention_has_deleted_rows()
    {
        await using var edge = await RunningEdge.StartAsync();
        await edge.SendAdminAsync(HttpMethod.Post, "/api/projects", new { name = "old" });
        var old = await MaxAsync(edge);

        // Only the retention's clock is a day ahead: moving the clock of a whole edge starts much other work.
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddDays(1));
        var services = edge.Services;
        using var retention = new AuditRetention(
            services.GetRequiredService<IDbContextFactory<EdgeDbContext>>(), services.GetRequiredService<AuditTrail>(), services.GetRequiredService<DatabaseStartup>(),
            Options.Create(new AuditOptions { RetentionDays = 1 }), clock, NullLogger<AuditRetention>.Instance);
        await retention.DeleteAsync(default);
        Assert.Equal(0, await edge.ReadAsync(database => database.Audit.CountAsync()));
        Assert.True((bool)(await VerifyAsync(edge))["valid"]!);
        await edge.SendAdminAsync(HttpMethod.Post, "/api/projects", new { name = "new" });

        var verified = await VerifyAsync(edge);
        Assert.True((bool)verified["valid"]!, verified.ToJsonString());
        Assert.Equal((1, old + 1, old + 1), ((long)verified["entries"]!, (long)verified["first_id"]!, (long)verified["last_id"]!));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Concurrent_changes_form_one_chain(string system)
    {
        await using var started = await DatabaseEdge.StartAsync(system);
        var before = await MaxAsync(started.Edge);
        await Task.WhenAll(Enumerable.Range(0, 24).Select(i => started.Edge.SendAdminAsync(HttpMethod.Post, "/api/projects", new { name = $"project {i}" })));

        var verified = await VerifyAsync(started.Edge);
        Assert.True((bool)verified["valid"]!, verified.ToJsonString());
        Assert.Equal(before + 24, (long)verified["last_id"]!);
    }

    private static async Task<JsonNode> VerifyAsync(RunningEdge edge) => await edge.SendAdminAsync(HttpMethod.Get, "/api/audit/verify");

    private static async Task<long> MaxAsync(RunningEdge edge)
    {
        await using var database = await edge.Services.GetRequiredService<IDbContextFactory<EdgeDbContext>>().CreateDbContextAsync();
        return await database.Audit.MaxAsync(row => row.Id);
    }

    // Restores the rows afterwards.
    private static async Task TamperAsync(RunningEdge edge, string sql, Func<Task> look)
    {
        await using var database = await edge.Services.GetRequiredService<IDbContextFactory<EdgeDbContext>>().CreateDbContextAsync();
        var (rows, settings) = (await database.Audit.AsNoTracking().ToListAsync(), await database.Settings.AsNoTracking().Where(row => row.Name == "audit_head").ToListAsync());
        Assert.NotEqual(0, await database.Database.ExecuteSqlRawAsync(sql));
        await look();
        await database.Audit.ExecuteDeleteAsync();
        await database.Settings.Where(row => row.Name == "audit_head").ExecuteDeleteAsync();
        database.AddRange(rows);
        database.AddRange(settings);
        await database.SaveChangesAsync();
    }
}
