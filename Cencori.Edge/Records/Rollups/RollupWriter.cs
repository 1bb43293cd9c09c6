using System.Data.Common;

namespace Cencori.Edge.Records.Rollups;

/// <summary>Counts records into every roll-up, in the transaction that stores them. Not thread-safe.</summary>
internal sealed class RollupWriter
{
    private const int MaxModels = 500;

    // There are sixty times as many of them.
    private const int MaxModelsOfMinute = 50;

    // Keys and agents are the operator's own: a bound for what is remembered.
    private const int MaxCallers = 10_000;

    // Whatever comes later has rows of its own.
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

    /// <summary>To be told what <c>usage_writers</c> says before anything is written: hours before this one may have been merged.</summary>
    public void Release(long mergedBefore)
    {
        _hours.Release(mergedBefore);
        _callers.Release(mergedBefore);
    }

    /// <summary>After a write that succeeded.</summary>
    public void Trim()
    {
        _hours.Trim();
        _callers.Trim();
        _minutes.Trim();
    }

    /// <summary>After a write of which nobody can tell whether it happened.</summary>
    public void Forget()
    {
        _hours.Forget();
        _callers.Forget();

        // Each of its rows is one of its own: nothing has to be read before the next is written.
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
