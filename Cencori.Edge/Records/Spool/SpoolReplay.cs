using System.Data.Common;
using Cencori.Edge.Records.Sql;
using Cencori.Edge.Storage;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Cencori.Edge.Records.Spool;

/// <summary>Brings spooled records into the database, in their order, as soon as it takes them.</summary>
public sealed partial class SpoolReplay(
    RecordStore store, RecordMeters meters, StorageMonitor storage, DatabaseStartup database, IDatabaseSystem system, TimeProvider time, ILogger<SpoolReplay> logger)
{
    /// <summary>Between two attempts.</summary>
    public static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    private const int RecordsAtOnce = 2_000;

    private const int SqliteTooBig = 18;
    private const int SqliteConstraint = 19;
    private const int SqliteMismatch = 20;

    // Nobody waits for it, and a database that is slow at last is still one that takes records.
    private static readonly TimeSpan ReplayTimeout = TimeSpan.FromSeconds(30);

    /// <summary>Ends when the spool is empty or the edge stops.</summary>
    public async Task RunAsync(RecordSpool spool, CancellationToken stopping)
    {
        while (!await TryAsync(spool, stopping) && !stopping.IsCancellationRequested)
        {
            await Task.Delay(RetryInterval, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Stores what ended processes have left. Ends when that is done or the edge stops.</summary>
    public async Task TakeOverAsync(string directory, CancellationToken stopping)
    {
        foreach (var left in RecordSpool.TakeOver(directory, SetAside))
        {
            using (left)
            {
                await RunAsync(left, stopping);
            }
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
            catch (Exception exception) when (IsAboutData(exception))
            {
                // One of them can never be stored; alone it stops only itself.
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

        return true;
    }

    /// <summary>To be told of what was set aside of a spool, or a whole one.</summary>
    public void SetAside(long bytes)
    {
        meters.SetAside(bytes);
        Log.SetAside(logger, bytes);
    }

    // False: what came next could not be read, and no longer comes next.
    private bool TryRead(RecordSpool spool, int atOnce, out PendingRecord[] records, out long bytes)
    {
        try
        {
            records = spool.Read(atOnce, out bytes);
            if (records.Length > 0)
            {
                return true;
            }

            SetAside(spool.SetAside());
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            SetAside(spool.Abandon());
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

        [LoggerMessage(84, LogLevel.Warning, "{Bytes} bytes of a spool are no records that this edge can read. They are set aside in a file that ends in .unreadable; what follows them is stored.", EventName = "SpoolUnreadable")]
        public static partial void SetAside(ILogger logger, long bytes);

        [LoggerMessage(85, LogLevel.Error, "The database can never hold the record of request {RequestId} ({Fault}). It is dropped.", EventName = "RecordImpossible")]
        public static partial void Impossible(ILogger logger, string fault, string requestId);
    }
}
