using System.Text;
using Cencori.Edge.Bench.Loads;
using Cencori.Edge.Bench.Subjects;

namespace Cencori.Edge.Bench;

/// <summary>Tables of a commit, the working tree and bare YARP: the figures of each, then pairs of them.</summary>
internal static class Comparison
{
    public static string Table(Workload workload, string commit)
    {
        var figures = workload.Figures;
        var columns = figures.Columns.Where(column => column.HasRatio).ToArray();
        columns = columns.Length > 0 ? columns : [.. figures.Columns];
        string[][] rows =
        [
            ["", .. columns.Select(column => column.Title)],
            .. figures.Subjects.Select(subject => (string[])[subject, .. columns.Select(column => figures.Find(subject, column)?.Show(column.Format) ?? "")]),
            ["×"],
            Beside(Names.WorkingTree, commit),
            Beside(commit, Names.Bare),
            Beside(Names.WorkingTree, Names.Bare),
        ];
        var widths = Enumerable.Range(0, columns.Length + 1).Select(number => rows.Max(row => row.ElementAtOrDefault(number)?.Length ?? 0)).ToArray();
        var text = new StringBuilder($"\n{workload.Name}: {workload.Title}\n\n");
        foreach (var row in rows)
        {
            text.Append(string.Join("  ", row.Select((cell, number) => cell.PadRight(widths[number]))).TrimEnd()).Append('\n');
        }

        return text.ToString();

        string[] Beside(string subject, string baseline) =>
            [$"{subject} / {baseline}", .. columns.Select(column => figures.Ratios(subject, baseline, column).Show("0.00"))];
    }
}
