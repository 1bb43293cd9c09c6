using System.Data.Common;

namespace Cencori.Edge.Records.Rollups;

/// <summary>Adds records to all roll-ups, in the transaction that stores the records. Not thread-safe.</summary>
internal sealed class RollupWriter
{
    private const int MaxModels = 500;

    // Number of models with their own row per project and minute. Lower than for hours, because there are sixty times as many minutes.
    private const int MaxModelsOfMinute = 50;

    // Number of keys and agents with their own row per project and hour. The operator creates keys and agents, so this only limits memory.
    private const int MaxCallers = 10_000;

    // Number of past minutes whose sums are kept in memory. Records of older minutes get new rows.
    private const int MinutesKept = 5;
    private const int HoursKept = 2;

    private readonly RollupCache _hours = new(HoursKept, MaxModels, RollupKey.OfHour);
    private readonly RollupCache _callers = new(HoursKept, MaxCallers, RollupKey.OfCaller, RollupKey.OfAgent);
    private readonly RollupCache _minutes = new(MinutesKept, MaxModelsOfMinute, RollupKey.OfMinute);

    public async Task WriteAsync(DbTransaction transaction, long writerId, ReadOnlyMemory<PendingRecord> records, CancellationToken cancellation)
    {
        await WriteAsync(transaction, writerId, RollupTable.Hours, _hours, records, cancellation);
        await WriteAsync(transaction, writerId, RollupTable.Callers, _callers, records, cancellation);
        await RollupTable.Minutes.WriteAsync(transaction, writerId, _minutes.Add(records.Span), cancellation);
    }

    /// <summary>Drops from memory the sums of hours that may have been merged in the database. Must be called before each write.</summary>
    /// <param name="mergedBefore">Number of the hour before which all hours may have been merged, from <c>usage_writers</c>.</param>
    public void Release(long mergedBefore)
    {
        _hours.Release(mergedBefore);
        _callers.Release(mergedBefore);
    }

    /// <summary>Drops old sums from memory. Call after a successful write.</summary>
    public void Trim()
    {
        _hours.Trim();
        _callers.Trim();
        _minutes.Trim();
    }

    /// <summary>Drops all sums from memory. Call after a write whose outcome is unknown.</summary>
    public void Forget()
    {
        _hours.Forget();
        _callers.Forget();

        // From now on, minute sums go into new rows, so no rows must be loaded before the next write.
        _minutes.Reset(long.MinValue);
    }

    private static async Task WriteAsync(
        DbTransaction transaction, long writerId, RollupTable table, RollupCache cache, ReadOnlyMemory<PendingRecord> records, CancellationToken cancellation)
    {
        var oldest = cache.Oldest(records.Span);
        if (!cache.IsCached(oldest))
        {
            await table.LoadAsync(transaction, writerId, oldest, cache, cancellation);
        }

        await table.WriteAsync(transaction, writerId, cache.Add(records.Span), cancellation);
    }
}
