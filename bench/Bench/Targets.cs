using System.Globalization;
using System.Text;

namespace Cencori.Edge.Bench;

/// <summary>What the edge means to reach, and whether this run has.</summary>
internal sealed class Targets(Suite suite)
{
    private readonly StringBuilder _text = new("| Figure | Meant | Measured | |\n|---|---|---|---|\n");

    public string Table()
    {
        AtLeast("requests/s beside bare YARP, limits in memory", 0.90, Ratio(suite.Small, Names.Memory, Column.Rate), "×");
        AtLeast("requests/s beside bare YARP, Redis limits, one hot project, 64 connections", 0.80, Ratio(suite.Hot, Names.Redis, Column.Rate), "×");
        AtLeast("requests/s beside Portkey's open gateway", 15, Median(suite.Small, Names.Memory, Column.Rate) / Median(suite.Small, Names.Portkey, Column.Rate), "×");
        AtMost("added p50 at half of bare YARP's peak", 60, Added(suite.Paced, Names.Memory, Column.P50) * 1_000, "µs");
        AtMost("added p99 at half of bare YARP's peak", 500, Added(suite.Paced, Names.Memory, Column.P99) * 1_000, "µs");
        AtMost("memory per open stream", 30, suite.Open.Select(open => Median(open, Names.Memory, Column.Resident)).FirstOrDefault(double.NaN), "KiB");
        AtMost("added time to first byte at many streams, p99", 5, suite.Open.Select(open => Added(open, Names.Memory, Column.FirstByteP99)).FirstOrDefault(double.NaN), "ms");
        AtMost("Redis round trips per request at 64 connections, one hot project", 0.2, Median(suite.Hot, Names.Redis, Column.RoundTrips), "");
        AtLeast("refused requests/s beside bare YARP's answered", 2, Median(suite.Flood, Names.Memory, Column.Rate) / Median(suite.Small, Names.Bare, Column.Rate), "×");
        AtMost("start to the first answered request", 1, suite.Start.EdgeSeconds, "s");
        AtMost("CPU per request with many projects, beside one", 1.1, Median(suite.ManyProjects, Names.Memory, Column.Cpu) / Median(suite.OneProject, Names.Memory, Column.Cpu), "×");
        AtLeast("requests/s with metering, beside without", 0.95, Median(suite.Small, Names.Memory, Column.Rate) / Median(suite.Small, Names.Unmetered, Column.Rate), "×");
        AtMost("p50 added by metering at half of bare YARP's peak", 50, (Median(suite.Paced, Names.Memory, Column.P50) - Median(suite.Paced, Names.Unmetered, Column.P50)) * 1_000, "µs");
        return _text.ToString();
    }

    private static double Median(Workload workload, string subject, Column column) => workload.Figures.Median(subject, column);

    private static double Ratio(Workload workload, string subject, Column column) => Median(workload, subject, column) / Median(workload, Names.Bare, column);

    private static double Added(Workload workload, string subject, Column column) => Median(workload, subject, column) - Median(workload, Names.Bare, column);

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
