using System.Diagnostics;
using System.Globalization;
using Cencori.Edge.Records;
using Cencori.Edge.Records.Rollups;
using Cencori.Edge.Records.Sql;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Bench.Pages;

/// <summary>Stores the records, once, as an edge does, and tells what that costs.</summary>
internal static class Filling
{
    private const int MadeAtOnce = 50 * RecordWriter.BatchSize;

    /// <returns>The time of the last record.</returns>
    public static async Task<DateTimeOffset> EnsureAsync(IServiceProvider services, string mark, int count)
    {
        if (File.Exists(mark))
        {
            var words = (await File.ReadAllTextAsync(mark)).Split(' ');
            return words[0] == $"{count}"
                ? DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(words[1], CultureInfo.InvariantCulture))
                : throw new InvalidOperationException($"There are {words[0]} records, and not {count}.");
        }

        var now = DateTimeOffset.UtcNow;
        var (elapsed, cpu) = await FillAsync(services, new Traffic(now, count), count);
        Console.WriteLine($"{count:N0} records in {elapsed.TotalSeconds:0} s, {cpu.TotalMicroseconds / count:0.00} µs of this process's CPU each");
        await SettleAsync(services);
        await File.WriteAllTextAsync(mark, string.Create(CultureInfo.InvariantCulture, $"{count} {now.ToUnixTimeMilliseconds()}"));
        return now;
    }

    private static async Task<(TimeSpan Elapsed, TimeSpan Cpu)> FillAsync(IServiceProvider services, Traffic traffic, int count)
    {
        var store = services.GetRequiredService<RecordStore>();
        var (clock, cpu) = (new Stopwatch(), TimeSpan.Zero);
        for (var done = 0; done < count; done += MadeAtOnce)
        {
            // What making them costs, and leaves behind, is the requests' part.
            var records = Enumerable.Range(done, Math.Min(MadeAtOnce, count - done)).Select(number => new PendingRecord(traffic.Make(number), number + 1, HasRow: true)).ToArray();
            GC.Collect();
            var began = Environment.CpuUsage.TotalTime;
            clock.Start();
            for (var stored = 0; stored < records.Length; stored += RecordWriter.BatchSize)
            {
                await store.WriteAsync(store.WriterId, records.AsMemory(stored, Math.Min(RecordWriter.BatchSize, records.Length - stored)), default);
            }

            clock.Stop();
            cpu += Environment.CpuUsage.TotalTime - began;

            // As retention does every hour.
            await RunAsync(services, $"DELETE FROM {RollupTable.Minutes.Name} WHERE {RollupTable.Minutes.Period} < {RollupKey.MinuteOf(records[^1].Record.StartedAt - Retention.Minutes)}");
        }

        return (clock.Elapsed, cpu);
    }

    // What an edge and a database do by themselves within the hour.
    private static async Task SettleAsync(IServiceProvider services)
    {
        await services.GetRequiredService<RollupDays>().RunAsync(default);
        if (services.GetRequiredService<IDatabaseSystem>() is PostgresSystem)
        {
            await RunAsync(services, "VACUUM ANALYZE");
        }
    }

    private static async Task RunAsync(IServiceProvider services, string sql)
    {
        await using var database = await services.GetRequiredService<IDbContextFactory<EdgeDbContext>>().CreateDbContextAsync();
        await database.Database.OpenConnectionAsync();
        await using var command = database.Database.GetDbConnection().CreateCommand();
        command.CommandTimeout = 600;
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }
}
