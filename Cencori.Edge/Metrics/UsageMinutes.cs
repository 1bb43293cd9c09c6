using System.Data.Common;
using Cencori.Edge.Records.Rollups;
using Cencori.Edge.Records.Sql;

namespace Cencori.Edge.Metrics;

/// <summary>
/// Checks whether the sums by minute are as complete as the sums by hour. Older versions of the edge write no sums by minute.
/// Also, the table of minutes has own rows for fewer models than the table of hours: it adds up all other models in one row.
/// </summary>
internal static class UsageMinutes
{
    private const int OfHour = 60;

    /// <param name="connection">The open connection.</param>
    /// <param name="scope">The rows to compare.</param>
    /// <param name="isByModel">True: the sums by minute are also incomplete if they add up models that have own rows in the table of hours.</param>
    /// <param name="first">The first hour, numbered as in <see cref="RollupKey"/>.</param>
    /// <param name="last">The last hour, inclusive.</param>
    /// <param name="cancellation">Cancels the query.</param>
    public static async Task<bool> AreWholeAsync(DbConnection connection, UsageScope scope, bool isByModel, long first, long last, CancellationToken cancellation)
    {
        await using var command = connection.CreateCommand();
        var where = scope.OfSums(RollupTable.Hours, command);
        command.CommandText =
            $"""
            SELECT CAST(COALESCE(SUM("Requests"), 0) AS BIGINT), CAST(COALESCE(SUM(CASE WHEN "Model" = '{RollupKey.OtherModels}' THEN "Requests" ELSE 0 END), 0) AS BIGINT)
            FROM (
                SELECT "Requests", "Model" FROM {RollupTable.Hours.Name} WHERE {where} AND {RollupTable.Hours.Period} BETWEEN @first AND @last
                UNION ALL
                SELECT -"Requests", "Model" FROM {RollupTable.Minutes.Name} WHERE {where} AND {RollupTable.Minutes.Period} BETWEEN @firstMinute AND @lastMinute
            ) AS missing
            """;
        command.Add("first", first);
        command.Add("last", last);
        command.Add("firstMinute", first * OfHour);
        command.Add("lastMinute", (last * OfHour) + OfHour - 1);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation) && reader.GetInt64(0) == 0 && (!isByModel || reader.GetInt64(1) == 0);
    }
}
