namespace Cencori.Edge.Dashboard.Charts;

/// <summary>How a chart is drawn.</summary>
public enum ChartShape
{
    /// <summary>Stacked, so that they add up.</summary>
    Bars,
    Lines,
}

/// <summary>What its numbers are.</summary>
public enum ChartUnit
{
    Count,
    Usd,
    Milliseconds,
}

/// <summary>One chart, as the server draws it, as a script draws it anew, and as its table says it: from the same numbers.</summary>
/// <param name="Id">In the page.</param>
/// <param name="Title">Its heading.</param>
/// <param name="Shape">How it is drawn.</param>
/// <param name="Unit">What its numbers are.</param>
/// <param name="Series">Bottom first.</param>
public sealed record Chart(string Id, string Title, ChartShape Shape, ChartUnit Unit, IReadOnlyList<ChartSeries> Series)
{
    /// <summary>What it shows and leaves out, in a sentence; null: that goes without saying.</summary>
    public string? Note { get; init; }

    /// <summary>Of all series; null where there is nothing to be added up.</summary>
    public decimal? Sum(int point) => Shape == ChartShape.Lines ? null : Series.Sum(series => series.Values[point] ?? 0);

    /// <summary>The highest that is drawn, and where; null: nothing is.</summary>
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

/// <param name="Name">For people; what strangers chose is made safe.</param>
/// <param name="Colour">1 to 6 of the page's own, 0 for what is left.</param>
/// <param name="Values">One for each point; null: there is none.</param>
public sealed record ChartSeries(string Name, int Colour, IReadOnlyList<decimal?> Values);
