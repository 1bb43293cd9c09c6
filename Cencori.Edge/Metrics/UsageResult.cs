using Cencori.Edge.Records.Rollups;

namespace Cencori.Edge.Metrics;

/// <summary>What a project has used. The numbers mean what they do in <see cref="UsageSums"/>, and in <c>/v1/metrics</c>.</summary>
public sealed record UsageResult
{
    public required UsageQuery Query { get; init; }

    /// <summary>When it was read. Other edges' last moments may be missing.</summary>
    public required DateTimeOffset AsOf { get; init; }

    /// <summary>As answered.</summary>
    public required UsageStep Step { get; init; }

    /// <summary>When each point begins, oldest first, without gaps. Of the first and the last only what is asked for counts.</summary>
    public required IReadOnlyList<DateTimeOffset> Starts { get; init; }

    public required UsageSeries Total { get; init; }

    /// <summary>They add up to <see cref="Total"/>, point by point: the named ones, most requests first, then what is unknown, then the others.</summary>
    public required IReadOnlyList<UsageSeries> Groups { get; init; }

    /// <summary>No table of sums has this combination, and records were counted one by one: refusals of which only some have a record are missing.</summary>
    public bool IsFromRecords { get; init; }

    /// <summary>Requests of before were not looked at, or not counted by what is asked for; null: all are in it.</summary>
    public DateTimeOffset? Begins { get; init; }
}

/// <summary>What the requests of a series have in common.</summary>
public enum UsageSeriesKind
{
    Named,

    /// <summary>Nobody can say what: they were counted before an edge knew how, or by one that does not.</summary>
    Unknown,

    /// <summary>All groups beyond those that were asked for.</summary>
    Other,
}

/// <summary>Sums over time.</summary>
/// <param name="Kind">What its requests have in common.</param>
/// <param name="Name">Of one that is named: a model, a provider, an id, or <c>production</c> or <c>test</c>; empty: they have none.</param>
/// <param name="Sums">Of all points. Not to be changed, nor are those of the points.</param>
/// <param name="Points">As many as there are starts.</param>
public sealed record UsageSeries(UsageSeriesKind Kind, string Name, UsageSums Sums, IReadOnlyList<UsageSums> Points);
