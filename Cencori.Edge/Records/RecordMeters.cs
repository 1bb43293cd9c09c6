using System.Diagnostics.Metrics;
using Cencori.Edge.Telemetry;

namespace Cencori.Edge.Records;

/// <summary>Metrics about writing request records.</summary>
public sealed class RecordMeters(IMeterFactory meters)
{
    public const string DroppedName = "cencori.edge.records.dropped";
    public const string WrittenName = "cencori.edge.records.written";
    public const string PendingName = "cencori.edge.records.pending";
    public const string SpoolBytesName = "cencori.edge.records.spool.bytes";
    public const string UnreadableName = "cencori.edge.records.spool.unreadable";

    private readonly Meter _meter = meters.Create(EdgeTelemetry.MeterName);
    private Counter<long>? _dropped;
    private Counter<long>? _written;
    private Counter<long>? _unreadable;
    private long _droppedCount;

    /// <summary>Number of records dropped since this process started.</summary>
    public long Dropped => Volatile.Read(ref _droppedCount);

    /// <summary>Creates the instruments. Must be called once.</summary>
    public void Observe(Func<long> pending, Func<long> spoolBytes)
    {
        _dropped = _meter.CreateCounter<long>(DroppedName, "{record}", "Request records that were lost, because the spool was full or records arrived faster than the edge could write them.");
        _written = _meter.CreateCounter<long>(WrittenName, "{record}", "Request records stored in the database.");
        _unreadable = _meter.CreateCounter<long>(UnreadableName, "By", "Bytes in the spool that the edge could not read as records and moved to another file.");
        _meter.CreateObservableGauge(PendingName, pending, "{record}", "Request records that are not yet in the database or in the spool.");
        _meter.CreateObservableGauge(SpoolBytesName, spoolBytes, "By", "Size of the request records that wait in the data directory until the database accepts them.");
    }

    public void Drop(long count)
    {
        Interlocked.Add(ref _droppedCount, count);
        _dropped?.Add(count);
    }

    public void AddQuarantined(long bytes) => _unreadable?.Add(bytes);

    public void Written(long count) => _written?.Add(count);
}
