using Cencori.Edge.Dashboard.Layout;
using Cencori.Edge.Dashboard.Logs;
using Cencori.Edge.Dashboard.Parts;

namespace Cencori.Edge.Dashboard.Projects;

/// <summary>Where the rows behind a project's numbers of today are.</summary>
/// <param name="Path">Of the project.</param>
/// <param name="DayStart">From when on it is counted.</param>
/// <param name="Environment">As an address names it; null: both.</param>
public sealed record OverviewLinks(string Path, DateTimeOffset DayStart, string? Environment = null)
{
    /// <param name="results">Which of the requests; none: all.</param>
    public string Logs(params IEnumerable<string> results) => $"{Path}/logs{Today.AddAll(LogResults.Name, results)}";

    public string LogsOf(string model) => $"{Path}/logs{Today.Add("served", model)}";

    public string Usage => $"{Path}/usage{Today}";

    private PageQuery Today => new PageQuery().Set("from", Period.Text(DayStart)).Set("env", Environment);

    public static OverviewLinks Of(Frame frame, DateTimeOffset dayStart) => new(frame.Project!.Path, dayStart, frame.Environment?.ToString().ToLowerInvariant());
}
