using System.Globalization;
using System.Text;

namespace Cencori.Edge.Bench;

/// <summary>What the edge means to reach, and whether this run has.</summary>
internal sealed class Targets(Suite suite)
{
    private readonly StringBuilder _text = new("| Figure | Meant | Measured | |\n|---|---|---|---|\n");

    public string Table()
    {
        AtLeast("requests/s beside bare YARP, limits in memory", 0.90, suite.Small.Figures.Ratio(Names.Memory, Names.Bare, Column.Rate), "×");
        AtLeast("requests/s beside bare YARP, Redis limits, one hot project, 64 connections", 0.80, suite.Hot.Figures.Ratio(Names.Redis, Names.Bare, Column.Rate), "×");
        AtLeast("requests/s beside Portkey's open gateway", 15, suite.Small.Figures.Ratio(Names.Memory, Names.Portkey, Column.Rate), "×");
        AtMost("added p50 at half of bare YARP's peak", 60, suite.Paced.Figures.Added(Names.Memory, Names.Bare, Column.P50) * 1_000, "µs");
        AtMost("added p99 at half of bare YARP's peak", 500, suite.Paced.Figures.Added(Names.Memory, Names.Bare, Column.P99) * 1_000, "µs");
        AtMost("memory per open stream", 30, suite.Open.Select(open => open.Figures.Median(Names.Memory, Column.Resident)).FirstOrDefault(double.NaN), "KiB");
        AtMost("added time to first byte at many streams, p99", 5, suite.Open.Select(open => open.Figures.Added(Names.Memory, Names.Bare, Column.FirstByteP99)).FirstOrDefault(double.NaN), "ms");
        AtMost("Redis round trips per request at 64 connections, one hot project", 0.2, suite.Hot.Figures.Median(Names.Redis, Column.RoundTrips), "");
        AtLeast("refused requests/s beside bare YARP's answered", 2, suite.Flood.Figures.Ratio(Names.Memory, Names.Bare, Column.Rate), "×");
        AtMost("start to the first answered request", 1, suite.Start.EdgeSeconds, "s");
        AtMost("CPU per request with many projects, beside one", 1.1, suite.Projects.Figures.Ratio(ClosedWorkload.Row(Names.Memory, Suite.ManyProjects), ClosedWorkload.Row(Names.Memory, Suite.OneProject), Column.Cpu), "×");
        AtLeast("requests/s with metering, beside without", 0.95, suite.Small.Figures.Ratio(Names.Memory, Names.Unmetered, Column.Rate), "×");
        AtMost("p50 added by metering at half of bare YARP's peak", 50, suite.Paced.Figures.Added(Names.Memory, Names.Unmetered, Column.P50) * 1_000, "µs");
        return _text.ToString();
    }

    private void AtLeast(string figure, double meant, double measured, string unit) => Row(figure, $"≥ {Show(meant)} {unit}", measured, unit, measured >= meant);

    private void AtMost(string figure, double meant, double measured, string unit) => Row(figure, $"≤ {Show(meant)} {unit}", measured, unit, measured <= meant);

    private void Row(string figure, string meant, double measured, string unit, bool isReached)
    {
        if (!double.IsNaN(measured))
        {
            _text.Append(CultureInfo.InvariantCulture, $"| {figure} | {meant.Trim()} | {Show(measured)} {unit} | {(isReached ? "reached" : "missed")} |\n");
        }
    }

    private static string Show(double value) => value.ToString(Math.Abs(value) >= 20 ? "0" : "0.##", CultureInfo.InvariantCulture);
}
