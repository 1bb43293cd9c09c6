using System.Globalization;
using Cencori.Edge.Pricing;
using Cencori.Edge.Records.Payloads;
using Cencori.Edge.Records.Rollups;
using Cencori.Edge.Records.Sql;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Startup;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Cencori.Edge.Records;

/// <summary>
/// Every <see cref="Interval"/>: deletes expired records, merges the roll-up rows that several processes wrote for a past hour, and sums up the hours of
/// past days. Batches are so small that concurrent writers hardly wait. Every edge runs this service, and finds nothing to do if another edge has just done
/// the work.
/// </summary>
public sealed partial class Retention(
    IDbContextFactory<EdgeDbContext> contexts, RollupMerge rollups, RollupDays days, StoredPayloads stored, DatabaseStartup database, IOptions<UsageOptions> options, TimeProvider time, ILogger<Retention> logger)
    : BackgroundService
{
    public static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    /// <summary>
    /// Number of months before the current month for which <c>key_spend</c> keeps what each API key has spent. A record that is written late
    /// is added to the month of its request.
    /// </summary>
    public const int MonthsOfKeys = 1;

    /// <summary>How long the sums per minute are stored.</summary>
    public static readonly TimeSpan Minutes = TimeSpan.FromHours(48);

    // Minimum number of days for which sums by hour and day are kept.
    private const int DaysOfSums = 31;

    private const int BatchSize = 500;

    // Number of payloads deleted in one transaction. A payload may have 128 KiB.
    private const int PayloadBatchSize = 16;

    // Time before the first run, so that an edge can do other work in its first minute.
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMinutes(1);

    // Pause between two batches. A connection that waits for SQLite's lock only polls at intervals, so the pause must be long enough for one poll.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    public async Task DeleteAsync(CancellationToken cancellation)
    {
        foreach (var delete in Deletions(cancellation))
        {
            await delete();
        }
    }

    private IEnumerable<Func<Task>> Deletions(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var records = now.AddDays(-options.Value.RecordRetentionDays).ToUnixTimeMilliseconds();
        var payloads = Math.Max(records, now.AddDays(-options.Value.PayloadRetentionDays).ToUnixTimeMilliseconds());

        // A month may be shorter than the 30 days that can be asked for.
        var hours = Math.Min(RollupKey.HourOf(now.AddMonths(-options.Value.RollupRetentionMonths)), RollupKey.HourOf(now.AddDays(-DaysOfSums)));
        yield return () => DeleteAsync("request_payloads", "\"Id\"", "\"StartedAt\"", payloads, cancellation, PayloadBatchSize);
        yield return () => stored.DeleteOrphansAsync(cancellation);
        yield return () => DeleteRecordsAsync(records, cancellation);
        yield return () => DeleteAsync(RollupTable.Hours, hours, cancellation);
        yield return () => DeleteAsync(RollupTable.Callers, hours, cancellation);

        // The hourly rows of one day may be deleted only in part. The sums of this day would be too high, so they are deleted too.
        yield return () => DeleteAsync(RollupTable.Days, RollupKey.DayOf(hours) + 1, cancellation);
        yield return () => DeleteAsync(RollupTable.CallerDays, RollupKey.DayOf(hours) + 1, cancellation);
        yield return () => DeleteAsync(RollupTable.Minutes, RollupKey.MinuteOf(now - Minutes), cancellation);

        yield return () => DeleteAsync("key_spend", """("ProjectId", "KeyId", "Month", "WriterId")""", "\"Month\"", BillingMonth.Of(now).Number - MonthsOfKeys, cancellation);

        // An owned object can be background work, whose cost is added to the month of its creation. Only the current and the previous month are stored in
        // key_spend, so older rows of background work are not needed.
        var owned = Math.Min(records, BillingMonth.Of(now).Start.AddMonths(-MonthsOfKeys).ToUnixTimeMilliseconds());
        yield return () => DeleteAsync("owned_objects", """("ProjectId", "Provider", "Environment", "ObjectId")""", "\"CreatedAt\"", owned, cancellation);

        // Deletes writers without recent records. If a spool of such a writer is found later, the records in it are already expired.
        yield return () => DeleteAsync("usage_writers", "\"Id\"", "\"SeenAt\"", Math.Min(records, RollupKey.StartOf(hours).ToUnixTimeMilliseconds()), cancellation);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Delay(FirstDelay, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        while (!stoppingToken.IsCancellationRequested)
        {
            if (database.IsPrepared)
            {
                await RunAsync(stoppingToken);
            }

            await Task.Delay(Interval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // A step that fails in every run, such as on a table that has grown too large for it, must not keep the others from their work for ever.
    private async Task RunAsync(CancellationToken stoppingToken)
    {
        Exception? failure = null;
        foreach (var step in Deletions(stoppingToken).Append(() => rollups.RunAsync(stoppingToken)).Append(() => days.RunAsync(stoppingToken)))
        {
            try
            {
                await step();
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                failure ??= exception;
            }
            catch (Exception)
            {
                return;
            }
        }

        if (failure is not null)
        {
            Log.Failed(logger, failure.GetType().Name);
        }
    }

    // Deletes project by project, because the only index starts with the project. Includes deleted projects. Finding the next project is one index lookup.
    private async Task DeleteRecordsAsync(long before, CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var connection = context.Database.GetDbConnection();
        await connection.OpenAsync(cancellation);
        await using var next = connection.CreateUpkeepCommand();
        next.CommandText = """SELECT MIN("ProjectId") FROM request_records WHERE "ProjectId" > @project""";
        var after = next.Add("project", 0L);
        while (await next.ExecuteScalarAsync(cancellation) is (int or long) and var found)
        {
            var project = Convert.ToInt64(found, CultureInfo.InvariantCulture);
            after.Value = project;
            await DeleteAsync("request_records", "\"Id\"", "\"StartedAt\"", before, cancellation, project: project);
        }
    }

    private Task DeleteAsync(RollupTable table, long before, CancellationToken cancellation) =>
        DeleteAsync(table.Name, $"({table.KeyColumns})", table.Period, before, cancellation);

    /// <param name="table">The table to delete from.</param>
    /// <param name="key">Columns of its primary key.</param>
    /// <param name="age">The column that is compared with <paramref name="before"/>.</param>
    /// <param name="before">Rows with a lower value are deleted.</param>
    /// <param name="cancellation">Stops the deletion between two batches.</param>
    /// <param name="batchSize">Rows per batch.</param>
    /// <param name="project">Number of the project. Null: all projects.</param>
    private async Task DeleteAsync(string table, string key, string age, long before, CancellationToken cancellation, int batchSize = BatchSize, long? project = null)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var connection = context.Database.GetDbConnection();
        await connection.OpenAsync(cancellation);
        await using var command = connection.CreateUpkeepCommand();
        var scope = project is null ? "" : "\"ProjectId\" = @project AND ";

        // Several edges may delete at the same time. SKIP LOCKED avoids deadlocks between deletes in different order.
        var taken = connection is SqliteConnection ? "" : " FOR UPDATE SKIP LOCKED";
        command.CommandText = $"DELETE FROM {table} WHERE {key} IN (SELECT {key.Trim('(', ')')} FROM {table} WHERE {scope}{age} < @before ORDER BY {age} LIMIT {batchSize}{taken})";
        command.Add("before", before);
        if (project is not null)
        {
            command.Add("project", project);
        }

        while (await command.ExecuteNonQueryAsync(cancellation) == batchSize)
        {
            await Task.Delay(Pause, time, cancellation);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(88, LogLevel.Warning, "Old records could not be deleted, or roll-ups could not be merged ({Fault}). The edge tries again in an hour.", EventName = "RetentionFailed")]
        public static partial void Failed(ILogger logger, string fault);
    }
}
