using System.Diagnostics.Metrics;
using System.Text.Json;
using Cencori.Edge.Policies;
using Cencori.Edge.Telemetry;

namespace Cencori.Edge.Screening.Guardrails;

/// <summary>Metrics of guardrails, labelled by type.</summary>
public sealed class GuardrailMeters
{
    public const string FailuresName = "cencori.edge.guardrail.failures";
    public const string DurationName = "cencori.edge.guardrail.duration";

    private readonly Counter<long> _failures;
    private readonly Histogram<double> _duration;

    public GuardrailMeters(IMeterFactory meters)
    {
        var meter = meters.Create(EdgeTelemetry.MeterName);
        _failures = meter.CreateCounter<long>(FailuresName, "{request}", "Failed guardrail checks, by type.");
        _duration = meter.CreateHistogram(DurationName, "s", "Time spent waiting for guardrails, by type.", tags: null, new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
        });
    }

    internal void Record(GuardrailType type, TimeSpan time, bool hasFailed)
    {
        var tag = new KeyValuePair<string, object?>("type", JsonNamingPolicy.SnakeCaseLower.ConvertName(type.ToString()));
        _duration.Record(time.TotalSeconds, tag);
        if (hasFailed)
        {
            _failures.Add(1, tag);
        }
    }
}
