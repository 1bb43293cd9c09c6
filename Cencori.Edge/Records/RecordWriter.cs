using System.Threading.Channels;
using Cencori.Edge.Records.Spool;
using Cencori.Edge.Records.Sql;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Storage.Startup;
using Cencori.Edge.Storage.Systems;
using Cencori.Edge.Telemetry;
using Microsoft.Extensions.Options;

namespace Cencori.Edge.Records;

/// <summary>
/// Queues the record of every request. Writes batches to the database, or to the spool (a file) while the database cannot be reached. A record is written
/// at most about <see cref="MaxWait"/> after it arrives, so a killed process loses only records of about the last second.
/// </summary>
public sealed partial class RecordWriter : BackgroundWriter
{
    /// <summary>How long the writer collects records before it writes a batch.</summary>
    public static readonly TimeSpan BatchInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>How long after its arrival a record may wait for the database. After this time the record goes to the spool.</summary>
    public static readonly TimeSpan MaxWait = TimeSpan.FromMilliseconds(700);

    /// <summary>Maximum number of records in one batch.</summary>
    public const int BatchSize = 2_000;

    // Time between two searches for spools of ended processes. One search at the start is not enough, because another process may end later. A search costs one
    // directory listing.
    private static readonly TimeSpan TakeOverInterval = TimeSpan.FromSeconds(10);

    // Number of times that FlushAsync checks whether the spool is empty. All checks together take one second of the system clock.
    private const int MaxSpoolPolls = 50;
    private static readonly TimeSpan SpoolPollInterval = TimeSpan.FromMilliseconds(20);

    // Number of records that may wait: some seconds at the maximum rate of one edge.
    private const int Capacity = 50_000;

    private readonly Channel<(RequestRecord Record, long Since)> _channel = Channel.CreateBounded<(RequestRecord, long)>(new BoundedChannelOptions(Capacity) { SingleReader = true });
    private readonly RefusalSampler _refused = new();
    private readonly RecordFlushes _flushes = new();
    private readonly InterruptibleDelay _replays = new();
    private readonly RecordStore _store;
    private readonly RecordSpool _spool;
    private readonly SpoolReplay _replay;
    private readonly RecordMeters _meters;
    private readonly StorageMonitor _storage;
    private readonly DatabaseStartup _database;
    private readonly IDatabaseSystem _system;
    private readonly string _spoolDirectory;
    private readonly TimeProvider _time;
    private readonly ILogger<RecordWriter> _logger;
    private readonly ThrottledWarning _dropping;
    private long _sequence;

    // True during an outage, so that each outage logs only one line.
    private bool _isSpooling;

    public RecordWriter(
        RecordStore store, SpoolReplay replay, RecordMeters meters, StorageMonitor storage, DatabaseStartup database, IDatabaseSystem system,
        DataDirectory directory, IOptions<UsageOptions> options, TimeProvider time, ILogger<RecordWriter> logger)
    {
        _store = store;
        _replay = replay;
        _meters = meters;
        _storage = storage;
        _database = database;
        _system = system;
        _spoolDirectory = directory.SpoolDirectory;
        _spool = new RecordSpool(_spoolDirectory, store.WriterId, options.Value.MaxSpoolBytes);
        _time = time;
        _dropping = new ThrottledWarning(time);
        _logger = logger;
        meters.Observe(() => _flushes.Pending, () => _spool.Bytes);
    }

    /// <summary>Number of records that are neither in the database nor in the spool yet.</summary>
    public long Pending => _flushes.Pending;

    /// <summary>Size of the records in the spool, in bytes.</summary>
    public long SpoolBytes => _spool.Bytes;

    /// <summary>Queues a record. Never waits and never throws. If the queue is full, the record is counted as dropped.</summary>
    public void Write(RequestRecord record)
    {
        _flushes.Enter();
        if (!_channel.Writer.TryWrite((record, _time.GetTimestamp())))
        {
            _flushes.CountFinished(1);
            Drop(1, "records arrive faster than the edge can write them");
        }
        else if (_flushes.Pending % BatchSize == 0)
        {
            _flushes.Pause.Interrupt();
        }
    }

    /// <summary>Completes when every record passed to <see cref="Write"/> is in the database, or in the spool if the database is not available.</summary>
    public Task DrainAsync() => _flushes.WaitAsync();

    /// <summary>
    /// Like <see cref="DrainAsync"/>, for readers of the records. Also waits a moment for records that went to the spool because the database was slow.
    /// </summary>
    public async Task FlushAsync()
    {
        await DrainAsync();
        for (var polls = 0; polls < MaxSpoolPolls && !_spool.IsEmpty && _database.IsPrepared; polls++)
        {
            _replays.Interrupt();
            await Task.Delay(SpoolPollInterval, TimeProvider.System);
        }
    }

    public override void Dispose()
    {
        _spool.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // When the stop is signalled, all requests have ended, so no more records arrive.
        using var end = stoppingToken.Register(() =>
        {
            _channel.Writer.TryComplete();
            _flushes.Pause.Interrupt();
        });
        var replaying = ReplayAsync(stoppingToken);
        while (await _channel.Reader.WaitToReadAsync(CancellationToken.None))
        {
            await _flushes.Pause.WaitAsync(BatchInterval, _time, CancellationToken.None);
            PendingRecord[] batch;

            // Only a full batch is followed by the next one at once. Otherwise records are collected again, because a transaction costs as much as many records.
            do
            {
                batch = NextBatch(out var since);
                if (batch.Length > 0 && !await TryStoreAsync(batch, MaxWait - _time.GetElapsedTime(since)))
                {
                    Spool(batch);
                }

                _flushes.CountFinished(batch.Length);
            }
            while (batch.Length == BatchSize);
        }

        await replaying;
        await _replay.TryAsync(_spool, CancellationToken.None);
    }

    /// <summary>Takes the next records from the queue.</summary>
    /// <param name="since">Arrival of the first of them.</param>
    private PendingRecord[] NextBatch(out long since)
    {
        since = 0;
        var batch = new List<PendingRecord>(Math.Min(BatchSize, _channel.Reader.Count));
        while (batch.Count < BatchSize && _channel.Reader.TryRead(out var next))
        {
            since = batch.Count == 0 ? next.Since : since;
            batch.Add(new PendingRecord(next.Record, ++_sequence, _refused.Keeps(next.Record)));
        }

        return [.. batch];
    }

    private async Task<bool> TryStoreAsync(PendingRecord[] batch, TimeSpan timeout)
    {
        // While the spool has records, new ones go there too: the older records must be written first.
        if (!_database.IsPrepared || !_spool.IsEmpty || timeout <= TimeSpan.Zero)
        {
            return false;
        }

        // Task.Run, because SQLite blocks the calling thread. An attempt that timed out may still succeed. This is harmless: a batch that is written twice is counted once.
        var storing = Task.Run(() => _store.WriteAsync(_store.WriterId, batch, CancellationToken.None));
        try
        {
            _meters.Written(await storing.WaitAsync(timeout, _time));
            _isSpooling = false;
            return true;
        }
        catch (Exception exception)
        {
            _ = storing.ContinueWith(static ended => ended.Exception, TaskScheduler.Default);
            _storage.Report(exception);
            if (!_isSpooling)
            {
                _isSpooling = true;
                Log.DatabaseUnavailable(_logger, _system.Explain(exception) is { } fault ? $"{_system.Name} {fault.Reason}" : $"{_system.Name} does not accept the records ({exception.GetType().Name})");
            }

            return false;
        }
    }

    private void Spool(PendingRecord[] batch)
    {
        try
        {
            if (!_spool.TryAppend(batch))
            {
                Drop(batch.Length, "the database is not available and the spool is full (Usage:MaxSpoolBytes)");
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _storage.Report(exception);
            Drop(batch.Length, $"the database is not available and the spool cannot be written: {exception.Message}");
        }
    }

    private async Task ReplayAsync(CancellationToken stopping)
    {
        var searchedAt = (long?)null;
        while (!stopping.IsCancellationRequested)
        {
            if (searchedAt is null || _time.GetElapsedTime(searchedAt.Value) >= TakeOverInterval)
            {
                await _replay.TakeOverAsync(_spoolDirectory, stopping);
                searchedAt = _time.GetTimestamp();
            }

            await _replay.RunAsync(_spool, stopping);
            await _replays.WaitAsync(BatchInterval, _time, stopping);
        }
    }

    private void Drop(int count, string reason)
    {
        _meters.Drop(count);
        if (_dropping.IsDue())
        {
            Log.Dropping(_logger, reason);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(86, LogLevel.Warning, "Request records go to the spool: {Fault}. The edge stores them when the database accepts records again.", EventName = "RecordsSpooled")]
        public static partial void DatabaseUnavailable(ILogger logger, string fault);

        [LoggerMessage(87, LogLevel.Error, "Request records are dropped: {Why}. Requests are still served.", EventName = "RecordsDropped")]
        public static partial void Dropping(ILogger logger, string why);
    }
}
