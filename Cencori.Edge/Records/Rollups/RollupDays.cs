using System.Data.Common;
using System.Runtime.InteropServices;
using Cencori.Edge.Records.Sql;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Requests;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Records.Rollups;

/// <summary>
/// Sums up the hourly roll-ups of past days (UTC), so that reading a month or a year is fast. The sums of a project's day are either complete or absent.
/// Readers use the hours of an absent day.
/// </summary>
/// <remarks>
/// Two kinds of transactions change the sums of a day: one sums up its hours, the other adds late records. Both first lock the row of
/// <see cref="RollupTable.Merged"/> in <c>usage_writers</c>. So the later transaction always sees the result of the earlier one.
/// </remarks>
public sealed class RollupDays(IDbContextFactory<EdgeDbContext> contexts, TimeProvider time)
{
    // Hours to wait after the end of a day. An edge whose clock is behind writes records of the day's last hour later.
    private const int HoursLeft = 2;
    private const int HoursOfClocks = 1;

    // Number of past days that each run checks for missing sums. They are missing when a late record is the first record of its project on that day.
    private const int RecheckedDays = 7;

    // Pause between two transactions. A connection that waits for SQLite's lock only polls at intervals, so the pause must be long enough for one poll.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private static readonly (RollupTable Days, Func<RequestRecord, RollupKey>[] Keys)[] Tables =
    [
        (RollupTable.Days, [RollupKey.OfHour]),
        (RollupTable.CallerDays, [RollupKey.OfCaller, RollupKey.OfAgent]),
    ];

    public async Task RunAsync(CancellationToken cancellation)
    {
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        var connection = database.Database.GetDbConnection();
        await connection.OpenAsync(cancellation);
        var end = RollupKey.DayOf(RollupKey.HourOf(time.GetUtcNow()) - HoursLeft);
        for (var day = await FirstAsync(connection, cancellation) ?? end; day < end; day++)
        {
            foreach (var projectId in await MissingAsync(connection, day, cancellation))
            {
                await SumAsync(connection, day, projectId, cancellation);
                await Task.Delay(Pause, time, cancellation);
            }
        }
    }

    /// <summary>True when the day of this record may already have been summed up.</summary>
    internal static bool IsLate(RequestRecord record, DateTimeOffset now) =>
        RollupKey.DayOf(RollupKey.HourOf(record.StartedAt)) < RollupKey.DayOf(RollupKey.HourOf(now) - HoursOfClocks);

    /// <summary>Adds late records to days that are already summed up. The transaction must hold the lock on the row of <see cref="RollupTable.Merged"/>.</summary>
    internal static async Task AddAsync(DbTransaction transaction, IEnumerable<RequestRecord> late, CancellationToken cancellation)
    {
        foreach (var records in late.GroupBy(record => (record.ProjectId, Day: RollupKey.DayOf(RollupKey.HourOf(record.StartedAt)))))
        {
            var (projectId, day) = records.Key;
            foreach (var (days, keys) in Tables)
            {
                var sums = new Dictionary<RollupKey, UsageSums>();
                await days.TakeAsync(transaction, RollupTable.Merged, day, projectId, sums.Add, cancellation);
                if (days == RollupTable.Days && sums.Count == 0)
                {
                    break;
                }

                foreach (var record in records)
                {
                    foreach (var keyOf in keys)
                    {
                        At(sums, keyOf(record), day).Add(record);
                    }
                }

                await days.WriteAsync(transaction, RollupTable.Merged, sums, cancellation);
            }
        }
    }

    private static async Task<long?> FirstAsync(DbConnection connection, CancellationToken cancellation)
    {
        await using var command = connection.CreateUpkeepCommand();
        command.CommandText =
            $"SELECT COALESCE((SELECT MAX({RollupTable.Days.Period}) - {RecheckedDays} FROM {RollupTable.Days.Name}), (SELECT MIN({RollupTable.Hours.Period}) FROM {RollupTable.Hours.Name}) / {RollupKey.HoursOfDay})";
        return await command.ExecuteScalarAsync(cancellation) as long?;
    }

    private static async Task<List<string>> MissingAsync(DbConnection connection, long day, CancellationToken cancellation)
    {
        await using var command = connection.CreateUpkeepCommand();
        command.CommandText =
            $"""
            SELECT DISTINCT "ProjectId" FROM {RollupTable.Hours.Name} WHERE {RollupTable.Hours.Period} BETWEEN @first AND @last
            AND "ProjectId" NOT IN (SELECT "ProjectId" FROM {RollupTable.Days.Name} WHERE {RollupTable.Days.Period} = @day)
            """;
        command.Add("first", day * RollupKey.HoursOfDay);
        command.Add("last", (day * RollupKey.HoursOfDay) + RollupKey.HoursOfDay - 1);
        command.Add("day", day);
        var missing = new List<string>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            missing.Add(reader.GetString(0));
        }

        return missing;
    }

    private async Task SumAsync(DbConnection connection, long day, string projectId, CancellationToken cancellation)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await WriterTable.EnterAsync(transaction, RollupTable.Merged, time.GetUtcNow(), cancellation);
        foreach (var hours in (RollupTable[])[RollupTable.Hours, RollupTable.Callers])
        {
            var sums = new Dictionary<RollupKey, UsageSums>();
            await hours.ReadAsync(
                transaction, projectId, day * RollupKey.HoursOfDay, (day * RollupKey.HoursOfDay) + RollupKey.HoursOfDay - 1, (key, hour) => At(sums, key, day).Add(hour), cancellation);
            await hours.ByDay!.WriteAsync(transaction, RollupTable.Merged, sums, cancellation);
        }

        await transaction.CommitAsync(cancellation);
    }

    private static UsageSums At(Dictionary<RollupKey, UsageSums> sums, RollupKey key, long day) =>
        CollectionsMarshal.GetValueRefOrAddDefault(sums, key with { Period = day }, out _) ??= new UsageSums();
}
