using System.Globalization;
using System.Text;
using Cencori.Edge.Bench.Loads;
using Cencori.Edge.Bench.Subjects;

namespace Cencori.Edge.Bench;

/// <summary>Markdown tables: medians, spread of the turns, and ratios to the baseline.</summary>
internal static class Report
{
    public static string Table(Workload workload)
    {
        var figures = workload.Figures;
        var columns = figures.Columns.ToArray();
        var text = new StringBuilder($"### {workload.Title}\n\n`--only {workload.Name}`\n\n");
        text.Append("| |").AppendJoin(" |", columns.SelectMany(Titles).Select(title => " " + title)).Append(" |\n");
        text.Append("|---|").AppendJoin('|', columns.SelectMany(Titles).Select(_ => "---:")).Append("|\n");
        foreach (var subject in figures.Subjects)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {subject} |").AppendJoin(" |", columns.SelectMany(column => Cells(figures, subject, column)).Select(cell => " " + cell)).Append(" |\n");
        }

        return text.Append('\n').ToString();
    }

    private static IEnumerable<string> Titles(Column column) => column.HasRatio ? [column.Name + ", ×", column.Title] : [column.Title];

    private static IEnumerable<string> Cells(Figures figures, string subject, Column column)
    {
        var cell = figures.Find(subject, column)?.Show(column.Format) ?? "";
        return column.HasRatio ? [subject == Names.Bare ? "1" : figures.Ratios(subject, Names.Bare, column).Show("0.00"), cell] : [cell];
    }
}
