namespace Cencori.Edge.Admin.Routes;

/// <summary>Report on a route in a period: how many requests succeeded only because of a fallback, and what the fallbacks cost.</summary>
/// <param name="Route">Name of the route.</param>
/// <param name="From">Start of the period, inclusive.</param>
/// <param name="To">End of the period, exclusive.</param>
/// <param name="IsWhole">False: there were more requests than the maximum; only the newest are counted.</param>
/// <param name="Requests">Number of requests on the route.</param>
/// <param name="AnsweredByFirst">Number of requests that the first target served.</param>
/// <param name="Saved">Number of requests that another target served after the first had failed.</param>
/// <param name="Failed">Number of requests that no target served, without those whose caller disconnected.</param>
/// <param name="Fallbacks">Number of fallbacks, by the reason of the first failure.</param>
/// <param name="CostUsd">Sum of the known costs of all requests, in US dollars.</param>
/// <param name="ExtraCostUsd">The part of <paramref name="CostUsd"/> for attempts whose response no caller received.</param>
/// <param name="IsAtLeast">True: some costs are unknown or estimated, so the sums may be too low.</param>
/// <param name="P99Ms">99th percentile of the duration of successful requests, in milliseconds. Null: no success.</param>
/// <param name="P99OfSavedMs">99th percentile of the duration of the requests counted in <paramref name="Saved"/>, in milliseconds. Null: there are none.</param>
/// <param name="Affinity">Benefit of prompt affinity. Null: no request had affinity.</param>
/// <param name="Targets">Targets with attempts, most attempts first.</param>
public sealed record RouteReport(
    string Route,
    DateTimeOffset From,
    DateTimeOffset To,
    bool IsWhole,
    int Requests,
    int AnsweredByFirst,
    int Saved,
    int Failed,
    IReadOnlyDictionary<string, int> Fallbacks,
    decimal CostUsd,
    decimal ExtraCostUsd,
    bool IsAtLeast,
    long? P99Ms,
    long? P99OfSavedMs,
    AffinityReport? Affinity,
    IReadOnlyList<ReportedTarget> Targets);

/// <summary>Totals of one target.</summary>
/// <param name="Model">The model, as a caller writes it: <c>provider/model</c>.</param>
/// <param name="Attempts">Number of attempts.</param>
/// <param name="Good">Number of successful attempts.</param>
/// <param name="CostUsd">Sum of the known costs of the attempts, in US dollars.</param>
public sealed record ReportedTarget(string Model, int Attempts, int Good, decimal CostUsd);
