using System.Diagnostics;
using Cencori.Edge.Records;
using Cencori.Edge.Records.Rollups;
using Cencori.Edge.Records.Sql;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Systems;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Bench.Pages;

/// <summary>Stores the records once, as an edge does, and prints the cost.</summary>
internal static class Filling
{
    private const int MadeAtOnce = 50 * RecordWriter.BatchSize;

    /// <summary>Continues an interrupted run.</summary>
    /// <returns>The time of the last record.</returns>
    public static async Task<DateTimeOffset> EnsureAsync(IServiceProvider services, string mark, int count)
    {
        if (!File.Exists(mark))
        {
            await File.WriteAllTextAsync(mark, $"{count}");
        }
        else if (await File.ReadAllTextAsync(mark) is var planned && planned != $"{count}")
        {
            throw new InvalidOperationException($"The directory is for {planned} records, not for {count}.");
        }

        var stored = (int)(await AskAsync(services, "SELECT COUNT(*) FROM request_records"))!;
        var now = await AskAsync(services, "SELECT MIN(\"StartedAt\") FROM request_records") is { } first ? DateTimeOffset.FromUnixTimeMilliseconds(first).AddDays(Traffic.Days) : DateTimeOffset.UtcNow;
        if (stored < count)
        {
            var (elapsed, cpu) = await FillAsync(services, new Traffic(now, count), stored, count);
            Console.WriteLine($"{count - stored:N0} records in {elapsed.TotalSeconds:0} s, {cpu.TotalMicroseconds / (count - stored):0.00} µs of this process's CPU each");
        }

        await SettleAsync(services, isNew: stored < count);
        return now;
    }

    private static async Task<(TimeSpan Elapsed, TimeSpan Cpu)> FillAsync(IServiceProvider services, Traffic traffic, int stored, int count)
    {
        var store = services.GetRequiredService<RecordStore>();
        var (clock, cpu) = (new Stopwatch(), TimeSpan.Zero);
        for (var number = 0; number < stored; number++)
        {
            traffic.Make(number);
        }

        for (var done = stored; done < count; done += MadeAtOnce)
        {
            // Creating records, and the garbage from it, is the cost of requests, so it is not measured.
            var records = Enumerable.Range(done, Math.Min(MadeAtOnce, count - done)).Select(number => new PendingRecord(traffic.Make(number), number + 1, HasRow: true)).ToArray();
            GC.Collect();
            var began = Environment.CpuUsage.TotalTime;
            clock.Start();
            for (var written = 0; written < records.Length; written += RecordWriter.BatchSize)
            {
                await store.WriteAsync(store.WriterId, records.AsMemory(written, Math.Min(RecordWriter.BatchSize, records.Length - written)), default);
            }

            clock.Stop();
            cpu += Environment.CpuUsage.TotalTime - began;

            // Deletes old rows, as the hourly retention does.
            await RunAsync(services, $"DELETE FROM {RollupTable.Minutes.Name} WHERE {RollupTable.Minutes.Period} < {RollupKey.MinuteOf(records[^1].Record.StartedAt - Retention.Minutes)}");
        }

        return (clock.Elapsed, cpu);
    }

    // Does what an edge and a database do by themselves within the hour.
    private static async Task SettleAsync(IServiceProvider services, bool isNew)
    {
        await services.GetRequiredService<RollupDays>().RunAsync(default);
        if (isNew && services.GetRequiredService<IDatabaseSystem>() is PostgresSystem)
        {
            await RunAsync(services, "VACUUM ANALYZE");
        }
    }

    private static async Task RunAsync(IServiceProvider services, string sql) => await AskAsync(services, sql);

    private static async Task<long?> AskAsync(IServiceProvider services, string sql)
    {
        await using var database = await services.GetRequiredService<IDbContextFactory<EdgeDbContext>>().CreateDbContextAsync();
        await database.Database.OpenConnectionAsync();
        await using var command = database.Database.GetDbConnection().CreateCommand();
        command.CommandTimeout = 600;
        command.CommandText = sql;
        return await command.ExecuteScalarAsync() as long?;
    }
}
