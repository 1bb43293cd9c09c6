using System.Diagnostics.Metrics;
using Cencori.Edge.Telemetry;

namespace Cencori.Edge.Files;

/// <summary>Metric: counts how often a changed settings file was applied or refused.</summary>
internal sealed class ReloadCounter(IMeterFactory meters, string name, string description)
{
    private readonly Counter<long> _reloads = meters.Create(EdgeTelemetry.MeterName).CreateCounter<long>(name, "{reload}", description);

    public void Applied() => Count("applied");

    public void Refused() => Count("refused");

    private void Count(string outcome) => _reloads.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
}
