using System.Globalization;
using Cencori.Edge.Dashboard.Parts;

namespace Cencori.Edge.Dashboard.Charts;

/// <summary>Formats the numbers of charts.</summary>
public static class ChartText
{
    /// <summary>Formats a value in the short form for page text.</summary>
    public static string Brief(ChartUnit unit, decimal value) => unit switch
    {
        ChartUnit.Usd => Numbers.Usd(value),
        ChartUnit.Milliseconds => Numbers.Duration(TimeSpan.FromMilliseconds((double)value)),
        _ => Numbers.Count((long)value),
    };

    /// <summary>Formats a value with all digits, for tables. Their header names the unit.</summary>
    public static string Exact(ChartUnit unit, decimal? value) => value switch
    {
        null => "–",
        { } number when unit == ChartUnit.Count => Numbers.Exact((long)number),
        { } number => number.ToString("#,0.############", CultureInfo.InvariantCulture),
    };

    /// <summary>The unit's name for a table header.</summary>
    public static string Unit(ChartUnit unit) => unit switch { ChartUnit.Usd => "US dollars", ChartUnit.Milliseconds => "milliseconds", _ => "" };

    /// <summary>Describes the chart's content in one sentence, for screen readers.</summary>
    public static string Sentence(Chart chart, ChartAxis axis) => chart.Highest is var (value, point)
        ? $"{chart.Title} per {axis.StepName}, {axis.Labels[0]} to {axis.Labels[^1]} ({axis.Zone}); highest {Brief(chart.Unit, value)} at {axis.Labels[point]}. The table below has all numbers."
        : $"{chart.Title} per {axis.StepName}: none from {axis.Labels[0]} to {axis.Labels[^1]} ({axis.Zone}).";
}
