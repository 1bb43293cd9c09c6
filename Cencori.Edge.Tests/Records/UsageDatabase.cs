using Cencori.Edge.Records;
using Cencori.Edge.Records.Rollups;
using Cencori.Edge.Records.Sql;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Records;

/// <summary>Reads the usage that an edge has stored.</summary>
internal static class UsageDatabase
{
    public static RecordWriter Records(this RunningEdge edge) => edge.Services.GetRequiredService<RecordWriter>();

    /// <summary>Waits until all records that have arrived are in the database. A flush waits only about a second for those that a busy machine made late.</summary>
    public static Task StoredAsync(this RunningEdge edge) => Eventually.IsTrueAsync(async () =>
    {
        await edge.Records().FlushAsync();
        return edge.Records().SpoolBytes == 0;
    });

    public static async Task<T> ReadAsync<T>(this RunningEdge edge, Func<EdgeDbContext, Task<T>> read)
    {
        await using var database = await edge.Services.GetRequiredService<IDbContextFactory<EdgeDbContext>>().CreateDbContextAsync();
        return await read(database);
    }

    /// <summary>The one matching row. Waits for it, because a client can have its response before the record is stored.</summary>
    public static async Task<RequestRecord> RowAsync(this RunningEdge edge, Func<RequestRecord, bool> which)
    {
        RequestRecord? found = null;
        await Eventually.IsTrueAsync(async () =>
        {
            await edge.Records().FlushAsync();
            return (found = (await edge.RowsAsync()).SingleOrDefault(which)) is not null;
        });
        return found!;
    }

    /// <summary>All rows of a project, once there are at least this many.</summary>
    public static async Task<List<RequestRecord>> RowsOfAsync(this RunningEdge edge, string project, int count)
    {
        List<RequestRecord> rows = [];
        await Eventually.IsTrueAsync(async () =>
        {
            await edge.Records().FlushAsync();
            rows = await edge.RowsAsync(project);
            return rows.Count >= count;
        });
        return rows;
    }

    /// <summary>Rows in the order in which they were stored.</summary>
    /// <param name="edge">The edge.</param>
    /// <param name="project">Null: all projects.</param>
    public static Task<List<RequestRecord>> RowsAsync(this RunningEdge edge, string? project = null) =>
        edge.ReadAsync(async database =>
        {
            await database.Database.OpenConnectionAsync();
            await using var command = database.Database.GetDbConnection().CreateCommand();
            command.CommandText = $"SELECT {RecordRow.Selected} FROM request_records AS r {(project is null ? "" : "WHERE r.\"ProjectId\" = (SELECT \"Id\" FROM record_texts WHERE \"Text\" = @project)")} ORDER BY r.\"Id\"";
            if (project is not null)
            {
                var parameter = command.CreateParameter();
                (parameter.ParameterName, parameter.Value) = ("@project", project);
                command.Parameters.Add(parameter);
            }

            await using var reader = await command.ExecuteReaderAsync();
            var rows = new List<RequestRecord>();
            while (await reader.ReadAsync())
            {
                rows.Add(RecordRow.Read(reader).Record);
            }

            return rows;
        });

    public static Task<List<UsageRollupRecord>> RollupsAsync(this RunningEdge edge) => edge.ReadAsync(database => database.UsageRollups.AsNoTracking().ToListAsync());

    /// <summary>Asserts that the roll-ups of all writers equal the sums of the rows, for each hour, project, environment, provider and model.</summary>
    public static async Task AssertRollupsAreTheSumOfRowsAsync(this RunningEdge edge)
    {
        var rollups = (await edge.RollupsAsync())
            .GroupBy(row => (row.Hour, row.ProjectId, row.Environment, row.Provider, row.Model))
            .ToDictionary(group => group.Key, group => Describe(
                group.Sum(row => row.Requests), group.Sum(row => row.Success), group.Sum(row => row.Errors), group.Sum(row => row.Filtered), group.Sum(row => row.RateLimited), group.Sum(row => row.Cancelled),
                group.Sum(row => row.PromptTokens), group.Sum(row => row.CachedTokens), group.Sum(row => row.CompletionTokens), group.Sum(row => row.Picodollars), group.Sum(row => row.Unpriced),
                group.Sum(row => row.LatencyMicroseconds), Merge(group.Select(row => row.Latencies))));
        var rows = (await edge.RowsAsync())
            .GroupBy(row => (row.StartedAt.ToUnixTimeSeconds() / 3_600, row.ProjectId, row.Environment, row.Provider ?? "", row.ModelServed ?? ""))
            .ToDictionary(group => group.Key, group => Describe(
                group.Count(row => row.Outcome != RequestOutcome.Shadow), Count(group, RequestOutcome.Success, RequestOutcome.SuccessFallback), Count(group, RequestOutcome.Error), Count(group, RequestOutcome.Filtered), Count(group, RequestOutcome.RateLimited), Count(group, RequestOutcome.Cancelled),
                group.Sum(row => row.PromptTokens), group.Sum(row => row.CachedTokens), group.Sum(row => row.CompletionTokens), (long)(group.Sum(row => row.CostUsd ?? 0) * 1_000_000_000_000m), group.Count(row => row.CostUsd is null),
                group.Where(IsSuccess).Sum(row => row.DurationMicroseconds), Of(group.Where(IsSuccess).Select(row => row.DurationMicroseconds))));

        Assert.NotEmpty(rows);
        Assert.Equal(rows.OrderBy(pair => pair.Key), rollups.OrderBy(pair => pair.Key));
    }

    private static bool IsSuccess(RequestRecord row) => row.Outcome is RequestOutcome.Success or RequestOutcome.SuccessFallback;

    private static long Count(IEnumerable<RequestRecord> rows, params RequestOutcome[] outcomes) => rows.Count(row => outcomes.Contains(row.Outcome));

    private static string Describe(params object[] values) => string.Join(' ', values);

    private static string Merge(IEnumerable<byte[]> stored)
    {
        var histogram = new LatencyHistogram();
        foreach (var part in stored)
        {
            histogram.Add(part);
        }

        return Convert.ToHexString(histogram.ToArray());
    }

    private static string Of(IEnumerable<long> latencies)
    {
        var histogram = new LatencyHistogram();
        foreach (var latency in latencies)
        {
            histogram.Add(latency);
        }

        return Convert.ToHexString(histogram.ToArray());
    }
}
