namespace Cencori.Edge.Dashboard.Logs;

/// <summary>Values of the filter <c>status</c> that match the numbers on pages.</summary>
public static class LogResults
{
    public const string Name = "status";

    /// <summary>Results that sums count as errors, as <c>/v1/metrics</c> does.</summary>
    public static readonly IReadOnlyList<string> Errors = ["error", "rate_limited"];

    /// <summary>Errors, and requests that a policy refused.</summary>
    public static readonly IReadOnlyList<string> Failures = [.. Errors, "filtered"];
}
