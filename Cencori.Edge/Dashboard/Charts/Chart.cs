namespace Cencori.Edge.Dashboard.Charts;

/// <summary>The form of a chart.</summary>
public enum ChartShape
{
    /// <summary>Stacked bars: the series add up.</summary>
    Bars,
    Lines,
}

/// <summary>The unit of a chart's values.</summary>
public enum ChartUnit
{
    Count,
    Usd,
    Milliseconds,
}

/// <summary>One chart. The server's drawing, the script's drawing and the table all use this data.</summary>
/// <param name="Id">The element's id in the page.</param>
/// <param name="Title">Its heading.</param>
/// <param name="Shape">The form of the chart.</param>
/// <param name="Unit">The unit of its values.</param>
/// <param name="Series">Bottom series first.</param>
public sealed record Chart(string Id, string Title, ChartShape Shape, ChartUnit Unit, IReadOnlyList<ChartSeries> Series)
{
    /// <summary>One sentence on what the chart includes and leaves out; null: no explanation is needed.</summary>
    public string? Note { get; init; }

    /// <summary>The sum of all series at a point; null: the series do not add up.</summary>
    public decimal? Sum(int point) => Shape == ChartShape.Lines ? null : Series.Sum(series => series.Values[point] ?? 0);

    /// <summary>The highest drawn value and its point; null: there are no values.</summary>
    public (decimal Value, int Point)? Highest
    {
        get
        {
            (decimal Value, int Point)? highest = null;
            for (var point = 0; point < (Series.Count == 0 ? 0 : Series[0].Values.Count); point++)
            {
                var value = Shape == ChartShape.Bars ? Sum(point) : Series.Max(series => series.Values[point]);
                if (value > (highest?.Value ?? 0))
                {
                    highest = (value.Value, point);
                }
            }

            return highest;
        }
    }
}

/// <param name="Name">The name to show, already made safe.</param>
/// <param name="Colour">Colour 1 to 6 of the page; 0: the rest series.</param>
/// <param name="Values">One value per point; null: no value.</param>
public sealed record ChartSeries(string Name, int Colour, IReadOnlyList<decimal?> Values);
