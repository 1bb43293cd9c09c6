using System.Diagnostics.Metrics;
using Cencori.Edge.Telemetry;

namespace Cencori.Edge.RateLimiting;

/// <summary>Counts the limiter's decisions in <c>cencori.edge.rate_limiter.decisions</c>.</summary>
public sealed class RateLimitMetrics(IMeterFactory meters)
{
    public const string DecisionsName = "cencori.edge.rate_limiter.decisions";

    private readonly Counter<long> _decisions = meters.Create(EdgeTelemetry.MeterName)
        .CreateCounter<long>(DecisionsName, "{decision}", "Decisions of the rate limiter about requests, by outcome and by the limit that refused.");

    public void Record(RateLimitReservation decided)
    {
        if (!_decisions.Enabled)
        {
            return;
        }

        if (decided.RefusedBy is { } limit)
        {
            _decisions.Add(1, new("outcome", "refused"), new("limit", limit));
        }
        else
        {
            _decisions.Add(1, new KeyValuePair<string, object?>("outcome", "acquired"));
        }
    }
}
