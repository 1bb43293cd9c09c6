using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Cencori.Edge.Hosting;

/// <summary>
/// Results of the edge's health checks. The description of a result is its status, one word. Status and reason are public: they never
/// contain the text of an exception or a host name.
/// </summary>
internal static class HealthResults
{
    private const string Reason = "reason";

    public static HealthCheckResult Ok { get; } = HealthCheckResult.Healthy("ok");

    /// <summary>The edge serves requests but needs attention.</summary>
    public static HealthCheckResult Degraded(string status, string? reason = null) =>
        HealthCheckResult.Degraded(status, data: reason is null ? null : new Dictionary<string, object> { [Reason] = reason });

    /// <summary>A load balancer should send requests elsewhere.</summary>
    public static HealthCheckResult NotReady(string status) => HealthCheckResult.Unhealthy(status);

    /// <summary>The reason that was given for a result; null: none.</summary>
    public static string? ReasonOf(in HealthReportEntry entry) => entry.Data.GetValueOrDefault(Reason) as string;
}
