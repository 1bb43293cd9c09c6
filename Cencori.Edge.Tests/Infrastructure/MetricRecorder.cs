using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Cencori.Edge.Tests.Infrastructure;

/// <summary>Records every tag of every measurement of all meters of the process.</summary>
public sealed class MetricRecorder : IDisposable
{
    private readonly ConcurrentDictionary<string, bool> _tags = new();
    private readonly MeterListener _listener = new();

    public MetricRecorder()
    {
        _listener.InstrumentPublished = (instrument, listener) => listener.EnableMeasurementEvents(instrument);
        _listener.SetMeasurementEventCallback<long>((instrument, _, tags, _) => Keep(instrument, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, _, tags, _) => Keep(instrument, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Keep(instrument, tags));
        _listener.Start();
    }

    /// <summary>Each combination of instrument, tag and value, once.</summary>
    public IReadOnlyList<string> Tags => [.. _tags.Keys];

    public void Dispose() => _listener.Dispose();

    private void Keep(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        foreach (var tag in tags)
        {
            _tags[$"{instrument.Name} {tag.Key}={tag.Value}"] = true;
        }
    }
}
