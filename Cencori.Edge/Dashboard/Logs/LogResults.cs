namespace Cencori.Edge.Dashboard.Logs;

/// <summary>Values of the filter <c>status</c> behind numbers that pages show.</summary>
public static class LogResults
{
    public const string Name = "status";

    /// <summary>What sums call errors, as <c>/v1/metrics</c> does.</summary>
    public static readonly IReadOnlyList<string> Errors = ["error", "rate_limited"];

    /// <summary>Errors, and what a filter has refused.</summary>
    public static readonly IReadOnlyList<string> Failures = [.. Errors, "filtered"];
}
