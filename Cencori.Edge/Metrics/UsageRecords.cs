using System.Data.Common;
using Cencori.Edge.Records.Rollups;
using Cencori.Edge.Records.Sql;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Requests;

namespace Cencori.Edge.Metrics;

/// <summary>Adds up the records of requests one by one, newest first. Stops at the limits of <see cref="RecordBudget.Page"/>.</summary>
internal static class UsageRecords
{
    /// <returns>The time since which the count is complete; null: the whole range.</returns>
    public static async Task<DateTimeOffset?> AddAsync(DbConnection connection, UsageQuery query, UsageChart chart, CancellationToken cancellation)
    {
        var records = QueryOf(query);
        var columns =
            $"""
            r."StartedAt", {GroupOf(query.Group)}, r."Outcome", r."PromptTokens", r."CachedTokens", r."CompletionTokens", r."Picodollars", {UsageSums.LatencyColumn}, CASE WHEN r."IsStream" THEN r."FirstByteMicroseconds" END
            """;
        var end = await new RecordScan(connection, RecordBudget.Page).RunAsync(
            records, [(query.From.ToUnixTimeMilliseconds(), query.To.ToUnixTimeMilliseconds())], AddAsync, cancellation);
        return end is { } stopped ? DateTimeOffset.FromUnixTimeMilliseconds(stopped) : null;

        async Task<bool> AddAsync(RecordQuery piece)
        {
            await using var command = piece.ToCommand(connection, columns);
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
            {
                chart.At(reader.IsDBNull(1) ? "" : reader.GetString(1), DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(0)))
                    .Add((RequestOutcome)reader.GetInt16(2), reader.GetInt64(3), reader.GetInt64(4), reader.GetInt64(5), Number(reader, 6), Number(reader, 7), Number(reader, 8));
            }

            return true;
        }
    }

    private static RecordQuery QueryOf(UsageQuery query)
    {
        var records = new RecordQuery(query.ProjectId);
        if (query.Environment is { } environment)
        {
            records.Where("r.\"Environment\" = @environment", ("environment", (short)environment));
        }

        records.WhereText(nameof(RequestRecord.ModelServed), query.Models);
        records.WhereName(nameof(RequestRecord.Provider), query.Providers);
        records.WhereName(nameof(RequestRecord.KeyId), query.Keys);
        records.WhereName(nameof(RequestRecord.AgentId), query.Agents);
        return records;
    }

    private static string GroupOf(UsageGroup group) => group switch
    {
        UsageGroup.Model => "r.\"ModelServed\"",
        UsageGroup.Provider => RecordRow.TextOf(nameof(RequestRecord.Provider)),
        UsageGroup.Key => RecordRow.TextOf(nameof(RequestRecord.KeyId)),
        UsageGroup.Agent => RecordRow.TextOf(nameof(RequestRecord.AgentId)),
        UsageGroup.Environment => $"CASE r.\"Environment\" WHEN {(int)KeyEnvironment.Production} THEN '{UsageSource.NameOf(KeyEnvironment.Production)}' ELSE '{UsageSource.NameOf(KeyEnvironment.Test)}' END",
        _ => "''",
    };

    private static long? Number(DbDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetInt64(column);
}
