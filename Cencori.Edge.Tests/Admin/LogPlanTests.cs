using Cencori.Edge.Admin.Logs;
using Cencori.Edge.Records.Sql;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Records;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Tests.Admin;

/// <summary>The query plans of SQLite show that queries for logs use an index and do not sort the records.</summary>
public sealed class LogPlanTests(RespondingEdge fixture) : IClassFixture<RespondingEdge>
{
    [Theory]
    [InlineData("", "IX_request_records_ProjectId_StartedAt (ProjectId=?)")]
    [InlineData("?status=429&model=m", "IX_request_records_ProjectId_StartedAt (ProjectId=?)")]
    [InlineData("?from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z", "IX_request_records_ProjectId_StartedAt (ProjectId=? AND StartedAt>? AND StartedAt<?)")]
    [InlineData("?cursor=AAABnvzu4AAAAAAAAAAAAQ", "IX_request_records_ProjectId_StartedAt (ProjectId=? AND StartedAt<?)")]
    [InlineData("?key=key_1", "IX_request_records_ProjectId_StartedAt (ProjectId=?)")]
    [InlineData("?key=key_1&cursor=AAABnvzu4AAAAAAAAAAAAQ", "IX_request_records_ProjectId_StartedAt (ProjectId=? AND StartedAt<?)")]
    public async Task A_page_is_read_along_an_index(string query, string index)
    {
        var requested = LogQuery.Read(new QueryCollection(QueryHelpers.ParseQuery(query)));
        var records = requested.Filter.Of("prj_1");
        if (requested.Place.Cursor is var (at, id))
        {
            records.OlderThan(at, id);
        }

        Assert.EndsWith("USING INDEX " + index, await PlanAsync(records, 51), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_request_is_searched_around_the_time_in_its_id_and_then_from_the_newest_on()
    {
        Assert.EndsWith(
            "USING INDEX IX_request_records_ProjectId_StartedAt (ProjectId=? AND StartedAt>? AND StartedAt<?)",
            await PlanAsync(LogLookup.QueryAround("prj_1", "req_1", DateTimeOffset.UnixEpoch), 1),
            StringComparison.Ordinal);
        Assert.EndsWith(
            "USING INDEX IX_request_records_ProjectId_StartedAt (ProjectId=?)", await PlanAsync(LogLookup.Anytime("prj_1", "req_1"), 1), StringComparison.Ordinal);
    }

    // Returns the plan without the subqueries that translate between names and their numbers.
    private async Task<string> PlanAsync(RecordQuery query, int limit) => await fixture.Edge.ReadAsync(async database =>
    {
        await database.Database.OpenConnectionAsync();
        await using var command = query.ToCommand(database.Database.GetDbConnection(), limit);
        command.CommandText = "EXPLAIN QUERY PLAN " + command.CommandText;
        await using var reader = await command.ExecuteReaderAsync();
        var steps = new List<string>();
        while (await reader.ReadAsync())
        {
            if (reader.GetInt32(1) == 0 && !reader.GetString(3).Contains("SCALAR SUBQUERY", StringComparison.Ordinal))
            {
                steps.Add(reader.GetString(3));
            }
        }

        return string.Join("; ", steps);
    });
}
