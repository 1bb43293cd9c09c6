using System.Text.Json;
using Cencori.Edge.Dashboard.Parts;

namespace Cencori.Edge.Dashboard.Charts;

/// <summary>The data of a page's charts as JSON. The script chart.js requests this at the page's own URL.</summary>
/// <param name="AsOf">When the data was read.</param>
/// <param name="Step"><c>minute</c>, <c>hour</c> or <c>day</c>.</param>
/// <param name="Zone">The time zone of the labels.</param>
/// <param name="Times">The start of each point, UTC, and the end of the last point.</param>
/// <param name="Labels">The label of each point.</param>
/// <param name="Partial">Indexes of points that cover only part of their step.</param>
/// <param name="Charts">The charts, with their element ids in the page.</param>
public sealed record ChartJson(
    DateTimeOffset AsOf, string Step, string Zone, IReadOnlyList<string> Times, IReadOnlyList<string> Labels, IReadOnlyList<int> Partial, IReadOnlyList<ChartJson.One> Charts)
{
    private static readonly JsonSerializerOptions Options = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static IResult Respond(IReadOnlyList<Chart> charts, ChartAxis axis, DateTimeOffset asOf) => Results.Text(
        JsonSerializer.Serialize(Of(charts, axis, asOf), Options), "application/json");

    private static ChartJson Of(IReadOnlyList<Chart> charts, ChartAxis axis, DateTimeOffset asOf) => new(
        asOf,
        axis.Step.ToString().ToLowerInvariant(),
        axis.Zone,
        [.. axis.Starts.Append(axis.Starts[^1] + axis.Length).Select(Period.Text)],
        axis.Labels,
        [.. Enumerable.Range(0, axis.Starts.Count).Where(axis.IsPartial)],
        [.. charts.Select(chart => new One(chart.Id, chart.Title, chart.Shape.ToString().ToLowerInvariant(), chart.Unit.ToString().ToLowerInvariant(), ChartText.Sentence(chart, axis), chart.Series))]);

    public sealed record One(string Id, string Title, string Shape, string Unit, string Sentence, IReadOnlyList<ChartSeries> Series);
}
