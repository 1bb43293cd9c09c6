using System.Runtime.InteropServices;
using Cencori.Edge.Records.Rollups;

namespace Cencori.Edge.Metrics;

/// <summary>Collects usage sums by group (such as a model) and by point in time. The series of a <see cref="UsageResult"/> are made from these sums. Not
/// thread-safe.</summary>
internal sealed class UsageChart(UsageStep step, DateTimeOffset from, DateTimeOffset to)
{
    private const int MaxGroups = 1_000;

    private static readonly UsageSums NoUsage = new();

    private readonly long _first = PointOf(step, from);
    private readonly int _count = (int)(PointOf(step, to.AddTicks(-1)) - PointOf(step, from) + 1);
    private readonly Dictionary<string, UsageSums?[]> _groups = new(StringComparer.Ordinal);

    private UsageSums?[]? _others;

    public UsageStep Step => step;

    /// <summary>Names of the groups that get their own series. Their number is limited, because each series takes memory for all points. Null: the first thousand groups.</summary>
    public IReadOnlySet<string>? Named { get; set; }

    public IReadOnlyList<DateTimeOffset> Starts => [.. Enumerable.Range(0, _count).Select(index => DateTimeOffset.UnixEpoch + (LengthOf(step) * (_first + index)))];

    /// <summary>Number of points for this step and range.</summary>
    public static long CountOf(UsageStep step, DateTimeOffset from, DateTimeOffset to) => PointOf(step, to) - PointOf(step, from) + 1;

    /// <summary>Returns the sums of a group for the point that contains <paramref name="time"/>, so that the caller can add usage to these sums.</summary>
    public UsageSums At(string group, DateTimeOffset time)
    {
        var points = PointsOf(group);

        // Another edge's clock may be ahead, so sums after the end of the chart are added to the last point.
        return points[Math.Clamp(PointOf(step, time) - _first, 0, _count - 1)] ??= new UsageSums();
    }

    /// <summary>Adds up series to one series.</summary>
    public UsageSeries Total(IEnumerable<UsageSeries> groups) => Merge(UsageSeriesKind.Named, groups);

    /// <summary>Returns the series of the groups with the most requests, and all other groups as one series.</summary>
    /// <param name="top">Number of groups with their own series.</param>
    /// <param name="whole">The total over all groups, read from another table. Its requests that no group contains become a series of unknown group. Null:
    /// the groups contain all requests.</param>
    public List<UsageSeries> Groups(int top, UsageSeries? whole)
    {
        var all = _groups.Select(group => Series(UsageSeriesKind.Named, group.Key, group.Value))
            .OrderByDescending(series => series.Sums.Requests).ThenByDescending(series => series.Sums.Picodollars).ThenBy(series => series.Name, StringComparer.Ordinal).ToList();
        var named = all.Take(top).ToList();
        var others = all.Skip(top).ToList();
        if (_others is not null)
        {
            others.Add(Series(UsageSeriesKind.Other, "", _others));
        }

        if (whole is not null && Unknown(whole, [.. named, .. others]) is { Sums.Requests: > 0 } unknown)
        {
            named.Add(unknown);
        }

        if (others.Count > 0)
        {
            named.Add(Merge(UsageSeriesKind.Other, others));
        }

        return named;
    }

    private UsageSums?[] PointsOf(string group) => !_groups.ContainsKey(group) && (Named is null ? _groups.Count >= MaxGroups : !Named.Contains(group))
        ? _others ??= new UsageSums?[_count]
        : CollectionsMarshal.GetValueRefOrAddDefault(_groups, group, out _) ??= new UsageSums?[_count];

    private static TimeSpan LengthOf(UsageStep step) => step switch
    {
        UsageStep.Minute => TimeSpan.FromMinutes(1),
        UsageStep.Hour => TimeSpan.FromHours(1),
        _ => TimeSpan.FromDays(1),
    };

    private static long PointOf(UsageStep step, DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / LengthOf(step).Ticks;

    private static UsageSeries Series(UsageSeriesKind kind, string name, UsageSums?[] points)
    {
        var sums = new UsageSums();
        foreach (var point in points)
        {
            if (point is not null)
            {
                sums.Add(point);
            }
        }

        return new(kind, name, sums, Array.ConvertAll(points, point => point ?? NoUsage));
    }

    private UsageSeries Merge(UsageSeriesKind kind, IEnumerable<UsageSeries> parts)
    {
        var points = new UsageSums?[_count];
        foreach (var part in parts)
        {
            for (var index = 0; index < _count; index++)
            {
                // Shadow copies have costs, but are no requests.
                if (!ReferenceEquals(part.Points[index], NoUsage))
                {
                    (points[index] ??= new UsageSums()).Add(part.Points[index]);
                }
            }
        }

        return Series(kind, "", points);
    }

    // The total minus the known groups. Latencies stay empty: histograms cannot be subtracted.
    private UsageSeries Unknown(UsageSeries whole, List<UsageSeries> known)
    {
        var sum = Merge(UsageSeriesKind.Named, known);
        var points = new UsageSums?[_count];
        for (var index = 0; index < _count; index++)
        {
            var (all, part) = (whole.Points[index], sum.Points[index]);
            if (all.Requests > part.Requests)
            {
                points[index] = new UsageSums
                {
                    Success = Less(all.Success, part.Success),
                    Errors = Less(all.Errors, part.Errors),
                    Filtered = Less(all.Filtered, part.Filtered),
                    RateLimited = Less(all.RateLimited, part.RateLimited),
                    Cancelled = Less(all.Cancelled, part.Cancelled),
                    PromptTokens = Less(all.PromptTokens, part.PromptTokens),
                    CachedTokens = Less(all.CachedTokens, part.CachedTokens),
                    CompletionTokens = Less(all.CompletionTokens, part.CompletionTokens),
                    Picodollars = Less(all.Picodollars, part.Picodollars),
                    Unpriced = Less(all.Unpriced, part.Unpriced),
                };
            }
        }

        return Series(UsageSeriesKind.Unknown, "", points);

        static long Less(long all, long part) => Math.Max(0, all - part);
    }
}
