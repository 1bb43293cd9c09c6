namespace Cencori.Edge.Dashboard.Charts;

/// <summary>The form of a chart.</summary>
public enum ChartShape
{
    /// <summary>Stacked bars, for series that add up to a total.</summary>
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
/// <param name="Title">The heading of the chart.</param>
/// <param name="Shape">The form of the chart.</param>
/// <param name="Unit">The unit of the values.</param>
/// <param name="Series">The series; the lowest in the drawing first.</param>
public sealed record Chart(string Id, string Title, ChartShape Shape, ChartUnit Unit, IReadOnlyList<ChartSeries> Series)
{
    /// <summary>One sentence on what the chart includes and leaves out; null: no explanation is needed.</summary>
    public string? Note { get; init; }

    /// <summary>The sum of all series at a point; null: the series do not add up.</summary>
    public decimal? Sum(int point) => Shape == ChartShape.Lines ? null : Series.Sum(series => series.Values[point] ?? 0);

    /// <summary>The highest value in the drawing and the index of its point; null: there are no values.</summary>
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

/// <param name="Name">The name, safe to show.</param>
/// <param name="Colour">Number of a chart colour in the style sheet, 1 to 6; 0: the colour of the series "other".</param>
/// <param name="Values">One value per point; a null element: the point has no value.</param>
public sealed record ChartSeries(string Name, int Colour, IReadOnlyList<decimal?> Values);
