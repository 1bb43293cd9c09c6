using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Cencori.Edge.Hosting;

/// <summary>
/// Makes results of the edge's health checks. The description of a result is its status, one word. Everybody can read status and reason, so they never
/// contain the text of an exception or a host name.
/// </summary>
internal static class HealthResults
{
    private const string Reason = "reason";

    public static HealthCheckResult Ok { get; } = HealthCheckResult.Healthy("ok");

    /// <summary>A result that means: the edge serves requests but needs attention.</summary>
    public static HealthCheckResult Degraded(string status, string? reason = null) =>
        HealthCheckResult.Degraded(status, data: reason is null ? null : new Dictionary<string, object> { [Reason] = reason });

    /// <summary>A result that means: a load balancer should send requests elsewhere.</summary>
    public static HealthCheckResult NotReady(string status) => HealthCheckResult.Unhealthy(status);

    /// <summary>The reason in a result; null: the result has no reason.</summary>
    public static string? ReasonOf(in HealthReportEntry entry) => entry.Data.GetValueOrDefault(Reason) as string;
}
