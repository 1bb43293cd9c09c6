using System.Text.Json;
using Cencori.Edge.Dashboard.Parts;

namespace Cencori.Edge.Dashboard.Charts;

/// <summary>What the script draws, which asks the page's own address for it.</summary>
/// <param name="AsOf">When it was read.</param>
/// <param name="Step"><c>minute</c>, <c>hour</c> or <c>day</c>.</param>
/// <param name="Zone">Of the labels.</param>
/// <param name="Times">When each point begins, UTC, and when the last one ends.</param>
/// <param name="Labels">Of each point.</param>
/// <param name="Partial">Which points have only part of their step in them.</param>
/// <param name="Charts">By their ids in the page.</param>
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
