namespace Cencori.Edge.Admin.Routes;

/// <summary>What a route's fallbacks cost and saved in a period.</summary>
/// <param name="Route">Name of the route.</param>
/// <param name="From">Start of the period, inclusive.</param>
/// <param name="To">End of the period, exclusive.</param>
/// <param name="IsWhole">False: there were more requests; only the newest are counted.</param>
/// <param name="Requests">Requests on the route.</param>
/// <param name="AnsweredByFirst">Requests that the first target served.</param>
/// <param name="Saved">Requests that another target served after the first had failed.</param>
/// <param name="Failed">Requests that no target served and whose caller did not disconnect.</param>
/// <param name="Fallbacks">Number of fallbacks, by the reason of the first failure.</param>
/// <param name="CostUsd">Known cost of all requests, in US dollars.</param>
/// <param name="ExtraCostUsd">Part of the cost for attempts whose response no caller received.</param>
/// <param name="IsAtLeast">True: some costs are unknown or estimated.</param>
/// <param name="P99Ms">99th percentile of the duration of successful requests, in milliseconds. Null: no success.</param>
/// <param name="P99OfSavedMs">The same for saved requests.</param>
/// <param name="Affinity">Benefit of affinity. Null: no request had affinity.</param>
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

/// <summary>Result of a target.</summary>
/// <param name="Model">The model, as a caller writes it: <c>provider/model</c>.</param>
/// <param name="Attempts">Number of attempts.</param>
/// <param name="Good">Number of successful attempts.</param>
/// <param name="CostUsd">Known cost, in US dollars.</param>
public sealed record ReportedTarget(string Model, int Attempts, int Good, decimal CostUsd);
