using Cencori.Edge.Records.Rollups;

namespace Cencori.Edge.Metrics;

/// <summary>The usage of a project. The numbers have the same meaning as in <see cref="UsageSums"/> and in <c>/v1/metrics</c>.</summary>
public sealed record UsageResult
{
    public required UsageQuery Query { get; init; }

    /// <summary>When the values were read. The last moments of other edges may be missing.</summary>
    public required DateTimeOffset AsOf { get; init; }

    /// <summary>The step of the result. It may differ from the requested one.</summary>
    public required UsageStep Step { get; init; }

    /// <summary>Start of each point, oldest first, without gaps. The first and the last point count only the part in the range.</summary>
    public required IReadOnlyList<DateTimeOffset> Starts { get; init; }

    public required UsageSeries Total { get; init; }

    /// <summary>The series, which add up to <see cref="Total"/> at every point: named ones by number of requests, then the unknown one, then the others.</summary>
    public required IReadOnlyList<UsageSeries> Groups { get; init; }

    /// <summary>True: no roll-up table has this combination, so records were counted. Refused requests without a record are missing.</summary>
    public bool IsFromRecords { get; init; }

    /// <summary>Requests before this time are missing, because they were not read or not counted this way. Null: the result is complete.</summary>
    public DateTimeOffset? Begins { get; init; }
}

/// <summary>What the requests of a series have in common.</summary>
public enum UsageSeriesKind
{
    Named,

    /// <summary>Requests whose group is unknown: an edge that did not count by this property recorded them.</summary>
    Unknown,

    /// <summary>All groups beyond the requested number.</summary>
    Other,
}

/// <summary>Sums over time.</summary>
/// <param name="Kind">What the requests have in common.</param>
/// <param name="Name">The model, provider, id, or <c>production</c> or <c>test</c> of a named series; empty: its requests have none.</param>
/// <param name="Sums">Sum of all points. Do not change it or the points.</param>
/// <param name="Points">One value per start.</param>
public sealed record UsageSeries(UsageSeriesKind Kind, string Name, UsageSums Sums, IReadOnlyList<UsageSums> Points);
