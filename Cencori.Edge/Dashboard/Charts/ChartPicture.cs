using System.Globalization;
using System.Text;

namespace Cencori.Edge.Dashboard.Charts;

/// <summary>
/// Draws a chart on the server as SVG paths, 600 wide and 200 high. A page shows this drawing until scripts run, and without scripts only this
/// one.
/// </summary>
public static class ChartPicture
{
    public const int Width = 600;
    public const int Height = 200;

    // Maximum bars in the server's drawing, so that the page stays small: with more points, a bar sums up several. The script draws all points.
    private const int MaxBars = 60;

    /// <summary>The label of the chart's upper edge: the highest value. When a bar sums up several points, the label is for the highest bar.</summary>
    public static string Top(Chart chart, ChartAxis axis)
    {
        var (bars, each) = Spread(axis.Starts.Count);
        if (chart.Shape == ChartShape.Lines || each == 1)
        {
            return ChartText.Brief(chart.Unit, chart.Highest?.Value ?? 0);
        }

        var highest = Enumerable.Range(0, bars).Max(bar => Enumerable.Range(bar * each, Math.Min(each, axis.Starts.Count - (bar * each))).Sum(point => chart.Sum(point) ?? 0));
        return $"{ChartText.Brief(chart.Unit, highest)} in {each} {axis.StepsName}";
    }

    /// <returns>For each series the SVG paths of its bars: one path for whole points, one for partial points.</returns>
    public static IReadOnlyList<(string Whole, string Partial)> Bars(Chart chart, ChartAxis axis)
    {
        var points = axis.Starts.Count;
        var (bars, each) = Spread(points);
        var sums = chart.Series.Select(series => Enumerable.Range(0, bars).Select(bar => series.Values.Skip(bar * each).Take(each).Sum(value => value ?? 0)).ToArray()).ToArray();
        var highest = Enumerable.Range(0, bars).Max(bar => sums.Sum(series => series[bar]));
        var bases = new double[bars];
        var paths = new List<(string, string)>();
        foreach (var series in sums)
        {
            var (whole, partial) = (new StringBuilder(), new StringBuilder());
            for (var bar = 0; bar < bars; bar++)
            {
                var height = highest == 0 ? 0 : (double)(series[bar] / highest) * (Height - 4);
                if (height > 0)
                {
                    var isPartial = (bar == 0 && axis.IsFirstPartial) || (bar == bars - 1 && axis.IsLastPartial);
                    Append(isPartial ? partial : whole, bar, bars, bases[bar], height);
                    bases[bar] += height;
                }
            }

            paths.Add((whole.ToString(), partial.ToString()));
        }

        return paths;
    }

    /// <returns>For each series the SVG path of its line, with gaps where values are missing.</returns>
    public static IReadOnlyList<string> Lines(Chart chart)
    {
        var highest = (double)(chart.Highest?.Value ?? 1);
        return [.. chart.Series.Select(series => Line(series, highest))];
    }

    private static string Line(ChartSeries series, double highest)
    {
        var path = new StringBuilder();
        var isOpen = false;
        for (var point = 0; point < series.Values.Count; point++)
        {
            if (series.Values[point] is not { } value)
            {
                isOpen = false;
                continue;
            }

            var x = (point + 0.5) * Width / series.Values.Count;
            var y = Height - ((double)value / highest * (Height - 4));

            // A point without neighbours would be invisible, so this adds a short horizontal line.
            path.Append(CultureInfo.InvariantCulture, $"{(isOpen ? 'L' : 'M')}{x:0.#} {y:0.#}{(isOpen ? "" : "h2")}");
            isOpen = true;
        }

        return path.ToString();
    }

    private static void Append(StringBuilder path, int bar, int bars, double from, double height)
    {
        var step = (double)Width / bars;
        path.Append(CultureInfo.InvariantCulture, $"M{(bar * step) + (step * 0.1):0.#} {Height - from:0.#}v-{height:0.#}h{step * 0.8:0.#}v{height:0.#}z");
    }

    private static (int Bars, int Each) Spread(int points)
    {
        var each = (points + MaxBars - 1) / MaxBars;
        return ((points + each - 1) / each, each);
    }
}
