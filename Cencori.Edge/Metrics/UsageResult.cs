using Cencori.Edge.Records.Rollups;

namespace Cencori.Edge.Metrics;

/// <summary>The usage of a project. The numbers have the same meaning as in <see cref="UsageSums"/> and in <c>/v1/metrics</c>.</summary>
public sealed record UsageResult
{
    public required UsageQuery Query { get; init; }

    /// <summary>When the values were read. Other edges write with a short delay, so their newest requests may be missing.</summary>
    public required DateTimeOffset AsOf { get; init; }

    /// <summary>The step of the result. It may differ from the requested one.</summary>
    public required UsageStep Step { get; init; }

    /// <summary>Start of each point, oldest first, without gaps. The first and the last point count only requests in the queried range.</summary>
    public required IReadOnlyList<DateTimeOffset> Starts { get; init; }

    public required UsageSeries Total { get; init; }

    /// <summary>The series, which add up to <see cref="Total"/> at every point: named series by number of requests, then the unknown group, then all other groups.</summary>
    public required IReadOnlyList<UsageSeries> Groups { get; init; }

    /// <summary>True: no roll-up table has the query's combination, so records were counted. Refused requests without a record are missing.</summary>
    public bool IsFromRecords { get; init; }

    /// <summary>Requests before this time are missing: their records were not read, or the edge did not count by this group yet. Null: the result is complete.</summary>
    public DateTimeOffset? Begins { get; init; }
}

/// <summary>What the requests of a series have in common.</summary>
public enum UsageSeriesKind
{
    Named,

    /// <summary>Requests whose group is unknown, because an older version of the edge recorded them, which did not count by this property.</summary>
    Unknown,

    /// <summary>Requests of all groups without their own series.</summary>
    Other,
}

/// <summary>One series of a result: sums over time.</summary>
/// <param name="Kind">What the requests have in common.</param>
/// <param name="Name">The model, provider, id, or <c>production</c> or <c>test</c> of a named series; empty: the requests have no such value.</param>
/// <param name="Sums">Sum of all points. Do not change it or the points.</param>
/// <param name="Points">The sums of each point, in the order of <see cref="UsageResult.Starts"/>.</param>
public sealed record UsageSeries(UsageSeriesKind Kind, string Name, UsageSums Sums, IReadOnlyList<UsageSums> Points);
