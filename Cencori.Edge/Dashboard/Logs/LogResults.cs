namespace Cencori.Edge.Dashboard.Logs;

/// <summary>Values of the filter <c>status</c> in links from numbers on other pages. The linked list contains exactly the counted requests.</summary>
public static class LogResults
{
    public const string Name = "status";

    /// <summary>Results that count as errors in sums on pages and in <c>/v1/metrics</c>.</summary>
    public static readonly IReadOnlyList<string> Errors = ["error", "rate_limited"];

    /// <summary>Errors, and requests that a policy refused.</summary>
    public static readonly IReadOnlyList<string> Failures = [.. Errors, "filtered"];
}
