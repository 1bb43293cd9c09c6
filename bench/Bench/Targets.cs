using System.Globalization;
using System.Text;
using Cencori.Edge.Bench.Loads;
using Cencori.Edge.Bench.Subjects;

namespace Cencori.Edge.Bench;

/// <summary>The edge's performance targets, and whether this run has reached them.</summary>
internal sealed class Targets(Suite suite)
{
    private static readonly string Counting = ClosedWorkload.Row(Names.Memory, Suite.Counting), Masking = ClosedWorkload.Row(Names.Memory, Suite.Masking), WithoutRules = ClosedWorkload.Row(Names.Memory, Suite.WithoutRules);
    private readonly StringBuilder _text = new("| Figure | Meant | Measured | |\n|---|---|---|---|\n");

    public string Table()
    {
        AtMost("CPU per request relative to bare YARP, small chat", 1.30, Beside(suite.Small, Column.Cpu), "×");
        AtMost("CPU per request relative to bare YARP, 8 KB prompt", 1.35, Beside(suite.Long, Column.Cpu), "×");
        AtLeast("requests/s relative to bare YARP, small chat", 0.80, Beside(suite.Small, Column.Rate), "×");
        AtLeast("requests/s relative to bare YARP, 8 KB prompt", 0.75, Beside(suite.Long, Column.Rate), "×");
        AtMost("p99 relative to bare YARP, 8 KB prompt", 2, Beside(suite.Long, Column.P99), "×");
        AtLeast("streams of 2,000 chunks at once, requests/s relative to bare YARP", 0.80, Beside(suite.Burst, Column.Rate), "×");
        AtMost("time from the start to the first response, relative to bare YARP", 2.5, Beside(suite.Start, Column.Start), "×");
        AtMost("time from the start to the first response", 1, suite.Start.Figures.Median(Names.Memory, Column.Start), "s");
        AtLeast("requests/s relative to bare YARP, Redis limits, one hot project, 64 connections", 0.80, suite.Hot.Figures.Ratios(Names.Redis, Names.Bare, Column.Rate).Median, "×");
        AtMost("Redis round trips per request at 64 connections, one hot project", 0.2, suite.Hot.Figures.Median(Names.Redis, Column.RoundTrips), "");
        AtLeast("requests/s relative to Portkey's open gateway", 15, suite.Small.Figures.Ratios(Names.Memory, Names.Portkey, Column.Rate).Median, "×");
        AtMost("added p50 at half of bare YARP's peak", 60, suite.Paced.Figures.Added(Names.Memory, Names.Bare, Column.P50).Median * 1_000, "µs");
        AtMost("added p99 at half of bare YARP's peak", 500, suite.Paced.Figures.Added(Names.Memory, Names.Bare, Column.P99).Median * 1_000, "µs");
        AtLeast("requests/s with metering, relative to without", 0.95, suite.Small.Figures.Ratios(Names.Memory, Names.Unmetered, Column.Rate).Median, "×");
        AtMost("p50 added by metering at half of bare YARP's peak", 50, suite.Paced.Figures.Added(Names.Memory, Names.Unmetered, Column.P50).Median * 1_000, "µs");
        AtMost("memory per open stream", 30, suite.Open.Select(open => open.Figures.Median(Names.Memory, Column.Resident)).FirstOrDefault(double.NaN), "KiB");
        AtMost("added time to first byte at many streams, p99", 5, suite.Open.Select(open => open.Figures.Added(Names.Memory, Names.Bare, Column.FirstByteP99).Median).FirstOrDefault(double.NaN), "ms");
        AtLeast("refused requests/s, relative to successful requests/s of bare YARP", 2, suite.Flood.Figures.Ratios(Names.Memory, Names.Bare, Column.Rate).Median, "×");
        AtLeast("requests/s with policies that count, relative to none", 0.95, suite.Policies.Figures.Ratios(Counting, WithoutRules, Column.Rate).Median, "×");
        AtMost("time to the first chunk added by policies that mask, p50", 1, suite.PoliciesFirst.Figures.Added(Masking, WithoutRules, Column.P50).Median, "ms");
        AtMost("CPU per request with many projects, relative to one", 1.1, suite.Projects.Figures.Ratios(ClosedWorkload.Row(Names.Memory, Suite.ManyProjects), ClosedWorkload.Row(Names.Memory, Suite.OneProject), Column.Cpu).Median, "×");
        return _text.ToString();
    }

    private static double Beside(Workload workload, Column column) => workload.Figures.Ratios(Names.Memory, Names.Bare, column).Median;

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
