using System.Data.Common;
using Cencori.Edge.Records;
using Cencori.Edge.Records.Rollups;
using Cencori.Edge.Records.Sql;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Metrics;

/// <summary>
/// Adds up what a project has used in a period. Whole hours come from the roll-ups. The hour in which the period begins counts only
/// from that moment on: from its rows where those are few, else by its share.
/// </summary>
public sealed class MetricsQuery(IDbContextFactory<EdgeDbContext> contexts, RecordWriter writer)
{
    /// <summary>Requests of the first hour up to which its rows are read.</summary>
    public const int MaxRows = 20_000;

    /// <summary>What this edge was told before the call is in it; what others were told, as far as they have written it.</summary>
    /// <returns>By provider and model.</returns>
    public async Task<Dictionary<(string Provider, string Model), UsageSums>> RunAsync(
        string projectId, KeyEnvironment environment, DateTimeOffset start, DateTimeOffset end, CancellationToken cancellation)
    {
        await writer.FlushAsync().WaitAsync(cancellation);
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        var connection = database.Database.GetDbConnection();
        await connection.OpenAsync(cancellation);

        var firstHour = RollupKey.HourOf(start);
        var isPartial = RollupKey.StartOf(firstHour) < start;
        var whole = await ReadHoursAsync(connection, projectId, environment, isPartial ? firstHour + 1 : firstHour, RollupKey.HourOf(end), cancellation);
        if (isPartial)
        {
            var hour = await ReadHoursAsync(connection, projectId, environment, firstHour, firstHour, cancellation);
            var hourEnd = RollupKey.StartOf(firstHour + 1);
            var share = (hourEnd - start) / TimeSpan.FromHours(1);
            var rows = hour.Values.Sum(sums => sums.Requests - sums.RateLimited) <= MaxRows
                ? await ReadRowsAsync(connection, projectId, environment, RollupKey.StartOf(firstHour), start, hourEnd, cancellation)
                : default;
            Merge(whole, hour, rows, share);
        }

        return whole;
    }

    private static void Merge(
        Dictionary<(string, string), UsageSums> target, Dictionary<(string, string), UsageSums> hour, (Dictionary<(string, string), UsageSums>? Sums, UsageSums All) rows, double share)
    {
        // Of what reached no provider not all has got a row: of an outcome that has some missing only the hour knows how often there was one.
        var all = new UsageSums();
        foreach (var sums in hour.Values)
        {
            all.Add(sums);
        }

        var (errors, filtered, cancelled) = (rows.All?.Errors == all.Errors, rows.All?.Filtered == all.Filtered, rows.All?.Cancelled == all.Cancelled);
        foreach (var (key, sums) in hour)
        {
            At(target, key).Add(rows.Sums is null ? sums : new UsageSums
            {
                RateLimited = sums.RateLimited,
                Errors = errors ? 0 : sums.Errors,
                Filtered = filtered ? 0 : sums.Filtered,
                Cancelled = cancelled ? 0 : sums.Cancelled,
            }, share);
        }

        foreach (var (key, sums) in rows.Sums ?? [])
        {
            (sums.Errors, sums.Filtered, sums.Cancelled) = (errors ? sums.Errors : 0, filtered ? sums.Filtered : 0, cancelled ? sums.Cancelled : 0);
            At(target, key).Add(sums);
        }
    }

    private static async Task<Dictionary<(string, string), UsageSums>> ReadHoursAsync(
        DbConnection connection, string projectId, KeyEnvironment environment, long first, long last, CancellationToken cancellation)
    {
        await using var command = connection.CreateCommand();
        command.CommandText =
            $"""
            SELECT "Provider", "Model", {RollupTable.SumColumns} FROM usage_rollups
            WHERE "ProjectId" = @project AND "Environment" = @environment AND "Hour" BETWEEN @first AND @last
            """;
        AddScope(command, projectId, environment);
        command.Add("first", first);
        command.Add("last", last);
        var found = new Dictionary<(string, string), UsageSums>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            RollupTable.AddSums(reader, first: 2, At(found, (reader.GetString(0), reader.GetString(1))));
        }

        return found;
    }

    /// <returns>What the rows from <paramref name="start"/> on add up to, and all those of the hour.</returns>
    private static async Task<(Dictionary<(string, string), UsageSums> Sums, UsageSums All)> ReadRowsAsync(
        DbConnection connection, string projectId, KeyEnvironment environment, DateTimeOffset hour, DateTimeOffset start, DateTimeOffset end, CancellationToken cancellation)
    {
        await using var command = connection.CreateCommand();
        command.CommandText =
            $"""
            SELECT {RecordRow.TextOf("Provider")}, "ModelServed", "Outcome", "PromptTokens", "CachedTokens", "CompletionTokens", "Picodollars", "DurationMicroseconds", "StartedAt" FROM request_records AS r
            WHERE "ProjectId" = {RecordRow.NumberOf("project")} AND "Environment" = @environment AND "StartedAt" >= @hour AND "StartedAt" < @end AND "Outcome" <> {(int)RequestOutcome.RateLimited}
            """;
        AddScope(command, projectId, environment);

        // The stored time is cut to whole milliseconds, as is this one.
        var first = start.ToUnixTimeMilliseconds();
        command.Add("hour", hour.ToUnixTimeMilliseconds());
        command.Add("end", end.ToUnixTimeMilliseconds());
        var (found, all) = (new Dictionary<(string, string), UsageSums>(), new UsageSums());
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var outcome = (RequestOutcome)reader.GetInt16(2);
            all.Add(outcome, 0, 0, 0, 0, 0);
            if (reader.GetInt64(8) < first)
            {
                continue;
            }

            var key = (await reader.IsDBNullAsync(0, cancellation) ? "" : reader.GetString(0), await reader.IsDBNullAsync(1, cancellation) ? "" : reader.GetString(1));
            long? picodollars = await reader.IsDBNullAsync(6, cancellation) ? null : reader.GetInt64(6);
            At(found, key).Add(outcome, reader.GetInt64(3), reader.GetInt64(4), reader.GetInt64(5), picodollars, reader.GetInt64(7));
        }

        return (found, all);
    }

    private static void AddScope(DbCommand command, string projectId, KeyEnvironment environment)
    {
        command.Add("project", projectId);
        command.Add("environment", (short)environment);
    }

    private static UsageSums At(Dictionary<(string, string), UsageSums> found, (string, string) key) =>
        System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(found, key, out _) ??= new UsageSums();
}
