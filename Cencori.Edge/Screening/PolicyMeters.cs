using System.Diagnostics.Metrics;
using System.Text.Json;
using Cencori.Edge.Policies;
using Cencori.Edge.Telemetry;

namespace Cencori.Edge.Screening;

/// <summary>Metrics of policies. No label contains the name of a rule or project.</summary>
public sealed class PolicyMeters
{
    public const string DecisionsName = "cencori.edge.policy.decisions";
    public const string DurationName = "cencori.edge.policy.duration";

    private const double MicrosecondsPerSecond = 1e6;

    private readonly Counter<long> _decisions;
    private readonly Histogram<double> _duration;

    public PolicyMeters(IMeterFactory meters)
    {
        var meter = meters.Create(EdgeTelemetry.MeterName);
        _decisions = meter.CreateCounter<long>(DecisionsName, "{hit}", "Policy findings, by kind, stage and action.");
        _duration = meter.CreateHistogram(DurationName, "s", "Time spent on policies per request, by stage.", tags: null, new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries = [0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1],
        });
    }

    /// <summary>Records the time and the findings of one stage of a request. Call once for each stage.</summary>
    public void Record(PolicyFindings findings, bool isOutput)
    {
        if (_duration.Enabled)
        {
            _duration.Record((isOutput ? findings.OutputMicroseconds : findings.InputMicroseconds) / MicrosecondsPerSecond, new KeyValuePair<string, object?>("stage", StageOf(isOutput)));
        }

        CountFindings(findings, isOutput);
    }

    /// <summary>Counts the findings that were added since the last call.</summary>
    public void CountFindings(PolicyFindings findings, bool isOutput)
    {
        if (_decisions.Enabled)
        {
            findings.Report(isOutput, (rule, action, count) => _decisions.Add(count, new("kind", WordOf(rule.Kind)), new("stage", StageOf(isOutput)), new("action", WordOf(action))));
        }
    }

    private static string StageOf(bool isOutput) => isOutput ? "output" : "input";

    private static string WordOf<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
}
