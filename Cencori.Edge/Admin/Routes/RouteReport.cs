namespace Cencori.Edge.Admin.Routes;

/// <summary>What a route's fallbacks have cost and saved.</summary>
/// <param name="Route">Its name.</param>
/// <param name="From">The oldest request that is looked at may not be older.</param>
/// <param name="To">Nor newer.</param>
/// <param name="IsWhole">False: there were more requests than are looked at, and these are the newest.</param>
/// <param name="Requests">That went by the route.</param>
/// <param name="AnsweredByFirst">Those that the target that was asked first has answered well.</param>
/// <param name="Saved">Those that another has answered well after the first had not.</param>
/// <param name="Failed">Those that nobody has answered well, and whose caller has not left.</param>
/// <param name="Fallbacks">Requests that another was asked for, by what the first one said.</param>
/// <param name="CostUsd">What all of them have cost, in US dollars, so far as anybody knows.</param>
/// <param name="ExtraCostUsd">What of it went to attempts whose response no caller has had.</param>
/// <param name="IsAtLeast">Some cost is not known, or is the edge's own estimate.</param>
/// <param name="P99Ms">99 of 100 good answers took no longer, in milliseconds. Null: there was none.</param>
/// <param name="P99OfSavedMs">The same of those that were saved.</param>
/// <param name="Affinity">What keeping prompts is worth. Null: no request was one whose prompt is kept.</param>
/// <param name="Targets">Each that was asked, by how often.</param>
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

/// <summary>How a target has done.</summary>
/// <param name="Model">As a caller would write it: <c>provider/model</c>.</param>
/// <param name="Attempts">How often it was asked.</param>
/// <param name="Good">How often it has answered well.</param>
/// <param name="CostUsd">What it has cost, in US dollars, so far as anybody knows.</param>
public sealed record ReportedTarget(string Model, int Attempts, int Good, decimal CostUsd);
