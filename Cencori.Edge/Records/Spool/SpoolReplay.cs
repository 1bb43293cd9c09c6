using System.Data.Common;
using Cencori.Edge.Records.Sql;
using Cencori.Edge.Storage;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Cencori.Edge.Records.Spool;

/// <summary>Brings spooled records into the database, in their order, as soon as it takes them.</summary>
public sealed partial class SpoolReplay(
    RecordStore store, RecordMeters meters, DatabaseStartup database, IDatabaseSystem system, TimeProvider time, ILogger<SpoolReplay> logger)
{
    /// <summary>Between two attempts.</summary>
    public static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    private const int RecordsAtOnce = 2_000;

    private const int SqliteTooBig = 18;
    private const int SqliteConstraint = 19;
    private const int SqliteMismatch = 20;

    // Nobody waits for it, and a database that is slow at last is still one that takes records.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Ends when the spool is empty or the edge stops.</summary>
    public async Task RunAsync(RecordSpool spool, CancellationToken stopping)
    {
        while (!await TryAsync(spool, stopping) && !stopping.IsCancellationRequested)
        {
            await Task.Delay(RetryInterval, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>One attempt at all there is.</summary>
    /// <returns>False: some of it is left.</returns>
    public async Task<bool> TryAsync(RecordSpool spool, CancellationToken cancellation)
    {
        if (!database.IsPrepared)
        {
            return spool.IsEmpty;
        }

        var (replayed, atOnce) = (0L, RecordsAtOnce);
        while (!spool.IsEmpty)
        {
            PendingRecord[] records = [];
            try
            {
                records = spool.Read(atOnce, out var bytes);
                if (records.Length > 0)
                {
                    replayed += await WriteAsync(spool.WriterId, records, cancellation);
                    atOnce = Math.Min(atOnce * 2, RecordsAtOnce);
                }
                else
                {
                    // Only what an ended process has left can end in the middle of a record, or be damaged.
                    bytes = spool.Bytes;
                    Log.Torn(logger, bytes);
                }

                spool.Remove(bytes);
            }
            catch (Exception exception) when (IsAboutData(exception))
            {
                // One of them can never be stored; alone it stops only itself.
                if (records.Length == 1)
                {
                    spool.Read(1, out var bytes);
                    spool.Remove(bytes);
                    meters.Drop(1);
                    Log.Impossible(logger, exception.GetType().Name, records[0].Record.RequestId);
                }

                atOnce = 1;
            }
            catch (Exception)
            {
                return false;
            }
        }

        if (replayed > 0)
        {
            Log.Replayed(logger, system.Name, replayed);
        }

        return true;
    }

    private async Task<int> WriteAsync(long writerId, PendingRecord[] records, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var timer = time.CreateTimer(static state => ((CancellationTokenSource)state!).Cancel(), limit, Patience, Timeout.InfiniteTimeSpan);
        var written = await store.WriteAsync(writerId, records, limit.Token);
        meters.Written(written);
        return written;
    }

    private static bool IsAboutData(Exception exception) => exception switch
    {
        // 22: a value that cannot be; 23: one that must not be.
        PostgresException told => told.SqlState.StartsWith("22", StringComparison.Ordinal) || told.SqlState.StartsWith("23", StringComparison.Ordinal),
        SqliteException fault => fault.SqliteErrorCode is SqliteTooBig or SqliteConstraint or SqliteMismatch,
        DbException or OperationCanceledException or IOException or TimeoutException or ObjectDisposedException => false,
        _ => exception is ArgumentException or FormatException or OverflowException,
    };

    private static partial class Log
    {
        [LoggerMessage(83, LogLevel.Information, "{Database} takes request records again. Those from the spool: {Count}.", EventName = "Replayed")]
        public static partial void Replayed(ILogger logger, string database, long count);

        [LoggerMessage(84, LogLevel.Warning, "A spool ends in a record that is not whole. Passed over: {Bytes} bytes.", EventName = "SpoolTorn")]
        public static partial void Torn(ILogger logger, long bytes);

        [LoggerMessage(85, LogLevel.Error, "The database can never hold the record of request {RequestId} ({Fault}). It is dropped.", EventName = "RecordImpossible")]
        public static partial void Impossible(ILogger logger, string fault, string requestId);
    }
}
