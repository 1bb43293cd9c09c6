using System.Diagnostics.Metrics;
using System.Threading.Channels;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Storage.Startup;
using Cencori.Edge.Telemetry;

namespace Cencori.Edge.Records.Payloads;

/// <summary>
/// Stores payloads in the background, with less durability than records: payloads are dropped and counted when the queue is full or the database fails.
/// Payloads never go to the spool, because the spool is not encrypted.
/// </summary>
public sealed partial class PayloadWriter : BackgroundWriter
{
    public const string DroppedName = "cencori.edge.payloads.dropped";

    // Number of payloads that may wait to be written. Together they have at most 32 MiB.
    private const int Capacity = 256;

    // Number of payloads in one transaction. Small, because SQLite blocks other writers during the transaction.
    private const int BatchSize = 16;

    // How long the writing of a batch may take, also when the edge stops.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    private readonly Channel<(RequestRecord Record, PayloadCopy Payload)> _channel =
        Channel.CreateBounded<(RequestRecord, PayloadCopy)>(new BoundedChannelOptions(Capacity) { SingleReader = true });

    private readonly RecordFlushes _flushes = new();
    private readonly StoredPayloads _store;
    private readonly DatabaseStartup _database;
    private readonly TimeProvider _time;
    private readonly ILogger<PayloadWriter> _logger;
    private readonly Counter<long> _dropped;
    private int _isDropping;

    public PayloadWriter(StoredPayloads store, DatabaseStartup database, IMeterFactory meters, TimeProvider time, ILogger<PayloadWriter> logger)
    {
        _store = store;
        _database = database;
        _time = time;
        _logger = logger;
        _dropped = meters.Create(EdgeTelemetry.MeterName).CreateCounter<long>(
            DroppedName, "{payload}", "Payloads that were lost, because the database was not available or payloads arrived faster than the edge could write them.");
    }

    /// <summary>Queues a payload. Never waits and never throws.</summary>
    public void Write(RequestRecord record, PayloadCopy payload)
    {
        _flushes.Enter();
        if (!_channel.Writer.TryWrite((record, payload)))
        {
            _flushes.CountFinished(1);
            Drop(1, "payloads arrive faster than the edge can write them");
        }
    }

    /// <summary>Completes when every payload whose <see cref="Write"/> has returned is stored or dropped.</summary>
    public Task FlushAsync() => _flushes.WaitAsync();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var end = stoppingToken.Register(() => _channel.Writer.TryComplete());
        var batch = new List<(RequestRecord, PayloadCopy)>(BatchSize);
        while (await _channel.Reader.WaitToReadAsync(CancellationToken.None))
        {
            while (batch.Count < BatchSize && _channel.Reader.TryRead(out var payload))
            {
                batch.Add(payload);
            }

            await StoreAsync([.. batch]);
            _flushes.CountFinished(batch.Count);
            batch.Clear();
        }
    }

    private async Task StoreAsync((RequestRecord, PayloadCopy)[] batch)
    {
        if (!_database.IsPrepared)
        {
            Drop(batch.Length, "the database is not available");
            return;
        }

        // Task.Run, because SQLite blocks the calling thread.
        var storing = Task.Run(() => _store.WriteAsync(batch));
        try
        {
            await storing.WaitAsync(Timeout, _time);
            _isDropping = 0;
        }
        catch (Exception exception)
        {
            _ = storing.ContinueWith(static ended => ended.Exception, TaskScheduler.Default);
            Drop(batch.Length, $"the database does not accept payloads ({exception.GetType().Name})");
        }
    }

    private void Drop(int count, string reason)
    {
        _dropped.Add(count);

        // Logs only one line per outage.
        if (Interlocked.Exchange(ref _isDropping, 1) == 0)
        {
            Log.Dropping(_logger, reason);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(89, LogLevel.Error, "Payloads of requests are dropped: {Why}. Requests are still served and recorded.", EventName = "PayloadsDropped")]
        public static partial void Dropping(ILogger logger, string why);
    }
}
