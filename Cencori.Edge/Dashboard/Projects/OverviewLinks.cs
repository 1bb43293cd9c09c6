using Cencori.Edge.Dashboard.Layout;
using Cencori.Edge.Dashboard.Logs;
using Cencori.Edge.Dashboard.Parts;

namespace Cencori.Edge.Dashboard.Projects;

/// <summary>Makes links from today's numbers of a project to the requests that they count.</summary>
/// <param name="Path">The project's path.</param>
/// <param name="DayStart">Start of the counted period.</param>
/// <param name="Environment">The environment's name in the URL; null: both.</param>
public sealed record OverviewLinks(string Path, DateTimeOffset DayStart, string? Environment = null)
{
    /// <param name="results">Lists only requests with these results; empty: all requests.</param>
    public string Logs(params IEnumerable<string> results) => $"{Path}/logs{Today.AddAll(LogResults.Name, results)}";

    public string LogsOf(string model) => $"{Path}/logs{Today.Add("served", model)}";

    public string Usage => $"{Path}/usage{Today}";

    private PageQuery Today => new PageQuery().Set("from", Period.Text(DayStart)).Set("env", Environment);

    public static OverviewLinks Of(Frame frame, DateTimeOffset dayStart) => new(frame.Project!.Path, dayStart, frame.Environment?.ToString().ToLowerInvariant());
}
