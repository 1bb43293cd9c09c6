using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Tests.Infrastructure.Databases;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Admin;

/// <summary>Short reads together find the same rows as one long read, however large the audit log is.</summary>
public sealed class AuditRowsTests
{
    private const int Count = (2 * AuditRows.Step) + 100;

    [Theory, OnSqlite, OnPostgres]
    public async Task Rare_rows_are_found_across_several_reads(string system)
    {
        await using var started = await DatabaseEdge.StartAsync(system);
        await FillAsync(started.Edge, system == DatabaseEdge.Postgres ? "decode('00', 'hex')" : "x'00'");
        var rows = started.Edge.Services.GetRequiredService<AuditRows>();
        var rare = new AuditFilter { Actor = "rare", Limit = 1, Format = "json" };
        long[] all = [Count + 10_000, Count + 10_000 - AuditRows.Step, 10_001];

        Assert.Equal(all, (await rows.FindAsync(rare, null, 10, default)).Select(row => row.Id));
        Assert.Equal(all[..2], (await rows.FindAsync(rare, null, 2, default)).Select(row => row.Id));
        Assert.Equal(all[1..], (await rows.FindAsync(rare, all[0], 10, default)).Select(row => row.Id));
        Assert.Empty(await rows.FindAsync(rare, 10_001, 10, default));
        Assert.Equal(3, (await rows.AfterAsync(10_005, 3, default)).Count);

        var lines = 0;
        await foreach (var text in AuditExport.ReadAsync(rare with { Actor = null, Format = "jsonl" }, rows, default))
        {
            lines += text.Count(letter => letter == '\n');
        }

        Assert.Equal(await started.Edge.ReadAsync(database => database.Audit.CountAsync()), lines);
    }

    // The new ids are larger than all existing ids.
    private static Task<int> FillAsync(RunningEdge edge, string mac) => edge.ReadAsync(async database =>
    {
        await database.Database.OpenConnectionAsync();
        await using var command = database.Database.GetDbConnection().CreateCommand();
        command.CommandText =
            $"""
            WITH RECURSIVE numbers(number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < {Count})
            INSERT INTO audit ("Id", "At", "Actor", "Action", "ObjectId", "Result", "SealKeyId", "Mac")
            SELECT number + 10000, number, CASE WHEN number IN (1, {Count - AuditRows.Step}, {Count}) THEN 'rare' ELSE 'token' END, 'a', 'o', 'done', 'k', {mac} FROM numbers
            """;
        return await command.ExecuteNonQueryAsync();
    });
}
