using System.Text;
using Cencori.Edge.Admin.Logs;
using Cencori.Edge.Metrics;
using Cencori.Edge.Records;
using Cencori.Edge.Records.Rollups;
using Cencori.Edge.Records.Sql;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Databases;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Metrics;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Records.Rollups;

/// <summary>Summing up past days changes no query result, only its speed; on each database system.</summary>
public sealed class RollupDaysTests
{
    [Theory, OnSqlite, OnPostgres]
    [Trait(SlowestTests.Trait, "Generated days are stored and summed up.")]
    public async Task Usage_queries_return_the_same_by_days_and_by_hours_also_after_late_records(string system)
    {
        await using var started = await DatabaseEdge.StartAsync(system);
        var edge = started.Edge;
        var now = Some.Now;
        await UsageReaderTests.StoreAsync(edge, Traffic(seed: 21));
        var byHours = await AskAsync(edge, now);
        await SumAsync(edge);

        Assert.True(await edge.ReadAsync(database => database.UsageDays.Select(row => row.Day).Distinct().CountAsync()) is 3 or 4);
        Assert.Equal(byHours, await AskAsync(edge, now));

        await UsageReaderTests.StoreAsync(edge, Traffic(seed: 22));
        var byDays = await AskAsync(edge, now);
        Assert.NotEqual(byHours, byDays);
        await edge.ReadAsync(async database =>
        {
            await database.UsageDays.ExecuteDeleteAsync();
            return await database.CallerDays.ExecuteDeleteAsync();
        });
        Assert.Equal(await AskAsync(edge, now), byDays);
    }

    [Theory, OnSqlite, OnPostgres, Trait(SlowestTests.Trait, "Days are written, summed up and merged concurrently, with pauses in between.")]
    public async Task Each_day_is_the_sum_of_its_hours_during_concurrent_late_writes_sums_and_merges(string system)
    {
        await using var started = await DatabaseEdge.StartAsync(system);
        var edge = started.Edge;
        await UsageReaderTests.StoreAsync(edge, Traffic(seed: 23));
        var writing = Task.WhenAll(Enumerable.Range(30, 2).Select(seed => Task.Run(() => WriteAsync(edge, Traffic(seed)))));
        var summing = Enumerable.Range(0, 2).Select(_ => Task.Run(async () =>
        {
            do
            {
                await SumAsync(edge);
                await edge.Services.GetRequiredService<RollupMerge>().RunAsync(default);
            }
            while (!writing.IsCompleted);
        })).ToList();
        await writing;
        await Task.WhenAll(summing);
        await SumAsync(edge);

        Assert.Equal(await TellAsync(edge, RollupTable.Hours), await TellAsync(edge, RollupTable.Days));
        Assert.Equal(await TellAsync(edge, RollupTable.Callers), await TellAsync(edge, RollupTable.CallerDays));
    }

    [Theory, OnSqlite, OnPostgres]
    [Trait(SlowestTests.Trait, "A query for each day of 14 months.")]
    public async Task Days_are_deleted_together_with_their_hours(string system)
    {
        await using var started = await DatabaseEdge.StartAsync(system);
        var edge = started.Edge;
        await UsageReaderTests.StoreAsync(edge, [Some.Record(at: Some.Now.AddMonths(-14)), Some.Record(at: Some.Now.AddDays(-3))]);
        await SumAsync(edge);
        Assert.Equal(2, await edge.ReadAsync(database => database.UsageDays.CountAsync()));

        await edge.Services.GetRequiredService<Retention>().DeleteAsync(default);
        Assert.Equal(1, await edge.ReadAsync(database => database.UsageDays.CountAsync()));
        Assert.Equal(2, await edge.ReadAsync(database => database.CallerDays.CountAsync()));
    }

    private static List<RequestRecord> Traffic(int seed) =>
        [.. UsageReaderTests.Traffic("prj_1", count: 250, hours: 80, seed), .. UsageReaderTests.Traffic("prj_2", count: 20, hours: 80, seed)];

    private static Task SumAsync(RunningEdge edge) => edge.Services.GetRequiredService<RollupDays>().RunAsync(default);

    private static async Task WriteAsync(RunningEdge edge, List<RequestRecord> records)
    {
        using var store = new RecordStore(edge.Services.GetRequiredService<IDbContextFactory<EdgeDbContext>>(), TimeProvider.System);
        var pending = records.Select((record, index) => new PendingRecord(record, index + 1, HasRow: true)).ToArray();
        for (var done = 0; done < pending.Length; done += 50)
        {
            await store.WriteAsync(store.WriterId, pending.AsMemory(done, Math.Min(50, pending.Length - done)), default);
        }
    }

    private static async Task<string> AskAsync(RunningEdge edge, DateTimeOffset now)
    {
        var (from, to) = (new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero).AddDays(-6), now.AddDays(1));
        var reported = new StringBuilder();
        foreach (var query in Enum.GetValues<UsageGroup>().SelectMany(group => (UsageQuery[])
        [
            new() { ProjectId = "prj_1", From = from, To = to, Group = group, Step = UsageStep.Day, Top = 2 },
            new() { ProjectId = "prj_1", From = from, To = to, Group = group, Step = UsageStep.Day, Environment = KeyEnvironment.Test },
            new() { ProjectId = "prj_1", From = from, To = to, Group = group, Step = UsageStep.Day, Keys = ["key_1"] },
            new() { ProjectId = "prj_1", From = from, To = to, Group = group, Step = UsageStep.Day, Models = ["claude", ""] },
        ]))
        {
            var result = await edge.Services.GetRequiredService<UsageReader>().ReadAsync(query, default);
            foreach (var series in result.Groups.Prepend(result.Total))
            {
                reported.Append(series.Kind).Append(' ').Append(series.Name).AppendJoin("; ", series.Points.Select(UsageReaderTests.Describe)).AppendLine();
            }
        }

        var metrics = await edge.Services.GetRequiredService<MetricsQuery>().RunAsync("prj_1", KeyEnvironment.Production, from, to, default);
        reported.AppendJoin(Environment.NewLine, metrics.OrderBy(part => part.Key).Select(part => $"{part.Key} {UsageReaderTests.Describe(part.Value)}"));
        foreach (var filter in (LogFilter[])[new() { Agents = ["agent_1"], Statuses = [LogStatus.Parse("error")!] }, new() { ServedModels = ["claude"], Keys = ["key_2"] }])
        {
            var page = await edge.Services.GetRequiredService<LogReader>().ReadAsync("prj_1", filter, default, 1_000, new(1_000_000, TimeSpan.FromMinutes(1)), default);
            reported.AppendJoin(' ', page.Rows.Select(row => row.Record.RequestId)).AppendLine();
        }

        return reported.ToString();
    }

    /// <summary>
    /// Returns the sums of each project and day that is summed up. A day is not summed up yet if the first records of its project came late.
    /// Readers then use its hours.
    /// </summary>
    private static Task<string> TellAsync(RunningEdge edge, RollupTable table) => edge.ReadAsync(async database =>
    {
        await using var transaction = await database.Database.BeginTransactionAsync();
        var sums = new Dictionary<RollupKey, UsageSums>();
        var end = RollupKey.DayOf(RollupKey.HourOf(Some.Now) - 2);
        var known = (await database.UsageDays.Select(row => new { row.ProjectId, row.Day }).Distinct().ToListAsync()).Select(row => (row.ProjectId, row.Day)).ToHashSet();
        Assert.NotEmpty(known);
        foreach (var project in new[] { "prj_1", "prj_2" })
        {
            await table.ReadAsync(transaction.GetDbTransaction(), project, 0, table.IsOfDays ? end - 1 : (end * RollupKey.HoursOfDay) - 1, Add, default);
        }

        return string.Join(Environment.NewLine, sums.OrderBy(row => row.Key.ToString(), StringComparer.Ordinal).Select(row => $"{row.Key} {UsageReaderTests.Describe(row.Value)}"));

        void Add(RollupKey key, UsageSums row)
        {
            key = key with { Period = table.IsOfDays ? key.Period : RollupKey.DayOf(key.Period) };
            if (!known.Contains((key.ProjectId, key.Period)))
            {
                return;
            }

            if (!sums.TryGetValue(key, out var all))
            {
                sums[key] = all = new UsageSums();
            }

            all.Add(row);
        }
    });
}
