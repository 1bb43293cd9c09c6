using System.Globalization;
using System.Text;

namespace Cencori.Edge.Bench;

/// <summary>Tables of Markdown: medians, how far the turns were apart, and ratios to the baseline.</summary>
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

    private static IEnumerable<string> Titles(Column column) => column.HasRatio ? [column.Title, "×"] : [column.Title];

    private static IEnumerable<string> Cells(Figures figures, string subject, Column column)
    {
        if (figures.Find(subject, column) is not { } samples)
        {
            return column.HasRatio ? ["", ""] : [""];
        }

        string Show(double value) => value.ToString(column.Format, CultureInfo.InvariantCulture);
        var median = samples.Count == 1 ? Show(samples.Median) : $"{Show(samples.Median)} ({Show(samples.Least)} – {Show(samples.Most)})";
        return column.HasRatio ? [median, Ratio(figures.Ratio(subject, Names.Bare, column))] : [median];
    }

    private static string Ratio(double ratio) => double.IsNaN(ratio) ? "" : ratio.ToString("0.00", CultureInfo.InvariantCulture);
}
