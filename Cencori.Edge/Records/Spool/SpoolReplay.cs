using System.Data.Common;
using Cencori.Edge.Records.Sql;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Startup;
using Cencori.Edge.Storage.Systems;
using Cencori.Edge.Telemetry;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Cencori.Edge.Records.Spool;

/// <summary>Writes spooled records to the database, in their order, when the database accepts records again.</summary>
public sealed partial class SpoolReplay(
    RecordStore store, RecordMeters meters, StorageMonitor storage, DatabaseStartup database, IDatabaseSystem system, TimeProvider time, ILogger<SpoolReplay> logger)
{
    /// <summary>Time between two attempts.</summary>
    public static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    private const int RecordsAtOnce = 2_000;

    private const int SqliteTooBig = 18;
    private const int SqliteConstraint = 19;
    private const int SqliteMismatch = 20;

    // How long one write may take. Long, because no caller waits, and even a slow database makes progress.
    private static readonly TimeSpan ReplayTimeout = TimeSpan.FromSeconds(30);

    private readonly ThrottledWarning _failed = new(time);

    /// <summary>Writes the records of the spool. Completes when the spool is empty or the edge stops.</summary>
    public async Task RunAsync(RecordSpool spool, CancellationToken stopping)
    {
        while (!await TrySafelyAsync(() => TryAsync(spool, stopping), stopping) && !stopping.IsCancellationRequested)
        {
            await Task.Delay(RetryInterval, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Stores the records in spools of ended processes. Completes when all are stored, the spools cannot be found now, or the edge stops.</summary>
    public Task TakeOverAsync(string directory, CancellationToken stopping) => TrySafelyAsync(
        async () =>
        {
            foreach (var left in RecordSpool.TakeOver(directory, CountQuarantined))
            {
                using (left)
                {
                    await RunAsync(left, stopping);
                }
            }

            return true;
        },
        stopping);

    /// <summary>Tries once to write all records of the spool.</summary>
    /// <returns>False: some records are still in the spool.</returns>
    public async Task<bool> TryAsync(RecordSpool spool, CancellationToken cancellation)
    {
        if (!database.IsPrepared)
        {
            return spool.IsEmpty;
        }

        var (replayed, atOnce) = (0L, RecordsAtOnce);
        while (spool.Bytes > 0)
        {
            if (!TryRead(spool, atOnce, out var records, out var bytes))
            {
                continue;
            }

            try
            {
                replayed += await WriteAsync(spool.WriterId, records, cancellation);
                atOnce = Math.Min(atOnce * 2, RecordsAtOnce);
                spool.Remove(bytes);
            }
            catch (Exception exception) when (IsDataError(exception))
            {
                // The database can never store one of these records. The edge writes the records one by one to find that record, and drops only that record.
                if (records.Length == 1)
                {
                    spool.Remove(bytes);
                    meters.Drop(1);
                    Log.Impossible(logger, exception.GetType().Name, records[0].Record.RequestId);
                }

                atOnce = 1;
            }
            catch (Exception exception)
            {
                storage.Report(exception);
                return false;
            }
        }

        if (replayed > 0)
        {
            Log.Replayed(logger, system.Name, replayed);
        }

        return spool.IsEmpty;
    }

    /// <summary>Counts and logs unreadable bytes of a spool, which were moved to another file.</summary>
    public void CountQuarantined(long bytes)
    {
        meters.AddQuarantined(bytes);
        Log.Quarantined(logger, bytes);
    }

    // An error, for example that no file can be opened at the moment, must not end the replay. Otherwise all later records would stay in the spool, too.
    internal async Task<bool> TrySafelyAsync(Func<Task<bool>> step, CancellationToken stopping)
    {
        try
        {
            return await step();
        }
        catch (Exception exception) when (!stopping.IsCancellationRequested)
        {
            storage.Report(exception);
            if (_failed.IsDue())
            {
                Log.Failed(logger, exception.GetType().Name);
            }

            return false;
        }
    }

    // False: the next bytes could not be read, and were moved to another file.
    private bool TryRead(RecordSpool spool, int atOnce, out PendingRecord[] records, out long bytes)
    {
        try
        {
            records = spool.Read(atOnce, out bytes);
            if (records.Length > 0)
            {
                return true;
            }

            CountQuarantined(spool.Quarantine());
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            CountQuarantined(spool.Abandon());
        }

        (records, bytes) = ([], 0);
        return false;
    }

    private async Task<int> WriteAsync(long writerId, PendingRecord[] records, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var timer = time.CreateTimer(static state => ((CancellationTokenSource)state!).Cancel(), limit, ReplayTimeout, Timeout.InfiniteTimeSpan);
        var written = await store.WriteAsync(writerId, records, limit.Token);
        meters.Written(written);
        return written;
    }

    private static bool IsDataError(Exception exception) => exception switch
    {
        // Errors that a retry cannot fix. SQLSTATE class 22: invalid data. Class 23: violated constraint.
        PostgresException error => error.SqlState.StartsWith("22", StringComparison.Ordinal) || error.SqlState.StartsWith("23", StringComparison.Ordinal),
        SqliteException fault => fault.SqliteErrorCode is SqliteTooBig or SqliteConstraint or SqliteMismatch,
        DbException or OperationCanceledException or IOException or TimeoutException or ObjectDisposedException => false,
        _ => exception is ArgumentException or FormatException or OverflowException,
    };

    private static partial class Log
    {
        [LoggerMessage(404, LogLevel.Error, "The edge cannot read its spool of request records at the moment ({Fault}). It tries again.", EventName = "SpoolReplayFailed")]
        public static partial void Failed(ILogger logger, string fault);

        [LoggerMessage(83, LogLevel.Information, "{Database} accepts request records again. Records written from the spool: {Count}.", EventName = "Replayed")]
        public static partial void Replayed(ILogger logger, string database, long count);

        [LoggerMessage(84, LogLevel.Warning, "{Bytes} bytes of a spool are not records that this edge can read. The edge has moved them to a file that ends in .unreadable, and stores the records after them.", EventName = "SpoolUnreadable")]
        public static partial void Quarantined(ILogger logger, long bytes);

        [LoggerMessage(85, LogLevel.Error, "The database can never store the record of request {RequestId} ({Fault}). The record is dropped.", EventName = "RecordImpossible")]
        public static partial void Impossible(ILogger logger, string fault, string requestId);
    }
}
