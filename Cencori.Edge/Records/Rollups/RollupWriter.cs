using System.Data.Common;

namespace Cencori.Edge.Records.Rollups;

/// <summary>Adds records to every roll-up, in the transaction that stores them. Not thread-safe.</summary>
internal sealed class RollupWriter
{
    private const int MaxModels = 500;

    // Lower, because there are sixty times as many minutes as hours.
    private const int MaxModelsOfMinute = 50;

    // Keys and agents come from the operator; the limit only bounds memory.
    private const int MaxCallers = 10_000;

    // Records of older periods get new rows.
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

    /// <summary>Must be called with the value from <c>usage_writers</c> before a write: hours before it may have been merged.</summary>
    public void Release(long mergedBefore)
    {
        _hours.Release(mergedBefore);
        _callers.Release(mergedBefore);
    }

    /// <summary>Call after a successful write.</summary>
    public void Trim()
    {
        _hours.Trim();
        _callers.Trim();
        _minutes.Trim();
    }

    /// <summary>Call after a write whose outcome is unknown.</summary>
    public void Forget()
    {
        _hours.Forget();
        _callers.Forget();

        // After a reset, minute sums go into new rows, so nothing must be loaded before the next write.
        _minutes.Reset(long.MinValue);
    }

    private static async Task WriteAsync(
        DbTransaction transaction, long writerId, RollupTable table, RollupCache cache, ReadOnlyMemory<PendingRecord> records, CancellationToken cancellation)
    {
        var oldest = cache.Oldest(records.Span);
        if (!cache.Knows(oldest))
        {
            await table.LoadAsync(transaction, writerId, oldest, cache, cancellation);
        }

        await table.WriteAsync(transaction, writerId, cache.Add(records.Span), cancellation);
    }
}
