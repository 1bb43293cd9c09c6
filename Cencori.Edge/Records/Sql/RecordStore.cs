using System.Data.Common;
using System.Security.Cryptography;
using Cencori.Edge.Records.Rollups;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Requests;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Records.Sql;

/// <summary>
/// Writes records to the database in one transaction: rows, roll-ups, what each API key has spent, and the number of the writer's last record. So a batch
/// whose outcome is unknown can be written again, and is counted only once.
/// </summary>
public sealed class RecordStore(IDbContextFactory<EdgeDbContext> contexts, TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim _alone = new(1, 1);
    private readonly RollupWriter _rollups = new();
    private readonly RecordTexts _texts = new();

    /// <summary>Random id of this edge process as a writer. Never reused.</summary>
    public long WriterId { get; } = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long))) & long.MaxValue;

    /// <summary>Stores the records that are not stored yet. Calls run one at a time.</summary>
    /// <param name="writerId">The writer that numbered the records. Sums of the records go to the rows of this process, even if another process numbered them.</param>
    /// <param name="records">In the order of their numbers.</param>
    /// <param name="cancellation">Cancels the attempt. Its outcome is then unknown.</param>
    /// <returns>Number of records stored by this call.</returns>
    public async Task<int> WriteAsync(long writerId, ReadOnlyMemory<PendingRecord> records, CancellationToken cancellation)
    {
        await _alone.WaitAsync(cancellation);
        try
        {
            await using var database = await contexts.CreateDbContextAsync(cancellation);
            var connection = database.Database.GetDbConnection();
            await connection.OpenAsync(cancellation);
            await _texts.LearnAsync(connection, records, cancellation);
            await using var transaction = await connection.BeginTransactionAsync(cancellation);
            var isLate = Late(records).Any();
            var fresh = After(records, await EnterAsync(transaction, writerId, isLate, cancellation));
            if (fresh.Length > 0)
            {
                await WriteRowsAsync(transaction, fresh, cancellation);
                await _rollups.WriteAsync(transaction, WriterId, fresh, cancellation);
                if (isLate)
                {
                    await RollupDays.AddAsync(transaction, Late(fresh), cancellation);
                }

                await KeySpendTable.AddAsync(transaction, WriterId, fresh, cancellation);
                await WriterTable.AdvanceAsync(transaction, writerId, fresh.Span[^1].Sequence, cancellation);
            }

            await transaction.CommitAsync(cancellation);
            _rollups.Trim();
            return fresh.Length;
        }
        catch
        {
            _rollups.Forget();
            _texts.Forget();
            throw;
        }
        finally
        {
            _alone.Release();
        }
    }

    public void Dispose() => _alone.Dispose();

    // Returns the records that belong to past days. The hours of these days may already be summed up.
    private IEnumerable<RequestRecord> Late(ReadOnlyMemory<PendingRecord> records)
    {
        var now = time.GetUtcNow();
        for (var index = 0; index < records.Length; index++)
        {
            var record = records.Span[index].Record;
            if (RollupDays.IsLate(record, now))
            {
                yield return record;
            }
        }
    }

    private static ReadOnlyMemory<PendingRecord> After(ReadOnlyMemory<PendingRecord> records, long sequence)
    {
        var skipped = 0;
        while (skipped < records.Length && records.Span[skipped].Sequence <= sequence)
        {
            skipped++;
        }

        return records[skipped..];
    }

    /// <summary>Locks the rows of <c>usage_writers</c> that this transaction updates. Other transactions that write or merge for these writers wait.</summary>
    /// <returns>The number of the last stored record of <paramref name="writerId"/>.</returns>
    private async Task<long> EnterAsync(DbTransaction transaction, long writerId, bool isLate, CancellationToken cancellation)
    {
        var stored = 0L;

        // All transactions, including merges, lock these rows in the same order, which avoids deadlocks.
        long[] writers = isLate ? [RollupTable.Merged, WriterId, writerId] : [WriterId, writerId];
        foreach (var id in writers.Distinct().Order())
        {
            var (sequence, mergedBefore) = await WriterTable.EnterAsync(transaction, id, time.GetUtcNow(), cancellation);
            if (id == WriterId)
            {
                _rollups.Release(mergedBefore);
            }

            stored = id == writerId ? sequence : stored;
        }

        return stored;
    }

    private Task WriteRowsAsync(DbTransaction transaction, ReadOnlyMemory<PendingRecord> records, CancellationToken cancellation)
    {
        if (transaction is not SqliteTransaction)
        {
            return PostgresRows.WriteAsync(transaction, _texts, records, cancellation);
        }

        SqliteRows.Write(transaction, _texts, records.Span);
        return Task.CompletedTask;
    }
}
