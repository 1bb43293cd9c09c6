using System.Globalization;
using Cencori.Edge.Dashboard.Layout;
using Cencori.Edge.Metrics;

namespace Cencori.Edge.Dashboard.Charts;

/// <summary>The time axis of all charts of a page. Days are UTC days, as in the stored daily sums; shorter steps are shown in the viewer's time zone.</summary>
public sealed class ChartAxis
{
    private ChartAxis(UsageStep step, IReadOnlyList<DateTimeOffset> starts, IReadOnlyList<string> labels, string zone) => (Step, Starts, Labels, Zone) = (step, starts, labels, zone);

    public UsageStep Step { get; }

    /// <summary>The start of each point.</summary>
    public IReadOnlyList<DateTimeOffset> Starts { get; }

    /// <summary>The label of each point.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>The time zone of the labels.</summary>
    public string Zone { get; }

    /// <summary>True: the period begins after the start of the first step, so the first point is partial.</summary>
    public bool IsFirstPartial { get; private init; }

    /// <summary>True: the last step has not ended, so the last point is partial.</summary>
    public bool IsLastPartial { get; private init; }

    public TimeSpan Length => LengthOf(Step);

    /// <summary>The step's name, such as <c>hour</c>.</summary>
    public string StepName => Step switch { UsageStep.Minute => "minute", UsageStep.Hour => "hour", _ => "day (UTC)" };

    /// <summary>The step's name in the plural.</summary>
    public string StepsName => Step switch { UsageStep.Minute => "minutes", UsageStep.Hour => "hours", _ => "days (UTC)" };

    public static ChartAxis Of(UsageResult result, Viewer viewer)
    {
        var (starts, step) = (result.Starts, result.Step);
        var end = starts[^1] + LengthOf(step);
        var until = result.Query.To < result.AsOf ? result.Query.To : result.AsOf;
        return new(step, starts, step == UsageStep.Day ? [.. starts.Select(Day)] : LocalLabels(starts, viewer), step == UsageStep.Day ? "UTC" : viewer.ZoneText)
        {
            IsFirstPartial = result.Query.From > starts[0],
            IsLastPartial = until < end,
        };
    }

    /// <summary>True: the point covers only part of its step.</summary>
    public bool IsPartial(int point) => (point == 0 && IsFirstPartial) || (point == Starts.Count - 1 && IsLastPartial);

    private static TimeSpan LengthOf(UsageStep step) => step switch
    {
        UsageStep.Minute => TimeSpan.FromMinutes(1),
        UsageStep.Hour => TimeSpan.FromHours(1),
        _ => TimeSpan.FromDays(1),
    };

    private static string Day(DateTimeOffset start) => start.UtcDateTime.ToString("MMM d", CultureInfo.InvariantCulture);

    // Labels include the UTC offset when it changes within the period: at the end of daylight saving time an hour occurs twice, with different offsets.
    private static List<string> LocalLabels(IReadOnlyList<DateTimeOffset> starts, Viewer viewer)
    {
        var changes = viewer.Zone.GetUtcOffset(starts[0]) != viewer.Zone.GetUtcOffset(starts[^1]);
        var isOneDay = starts[^1] - starts[0] <= TimeSpan.FromHours(2);
        var format = (isOneDay ? "HH:mm" : "MMM d, HH:mm") + (changes ? " zzz" : "");
        return [.. starts.Select(start => TimeZoneInfo.ConvertTime(start, viewer.Zone).ToString(format, CultureInfo.InvariantCulture))];
    }
}
