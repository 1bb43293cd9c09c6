using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Admin.Audit;

/// <summary>Exports all audit rows that match a filter, in batches.</summary>
internal static class AuditExport
{
    private const int BatchSize = 1_000;

    /// <summary>Returns the text of the export in parts. The first part may be empty.</summary>
    public static async IAsyncEnumerable<string> ReadAsync(AuditFilter filter, AuditRows all, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var isCsv = filter.Format == "csv";
        var text = new StringBuilder(isCsv ? "id,at,actor,address,action,project_id,object,before,after,result\r\n" : "");
        for (var before = filter.Cursor; ;)
        {
            var rows = await all.FindAsync(filter, before, BatchSize, cancellation);
            foreach (var row in rows)
            {
                if (isCsv)
                {
                    AppendCsv(text, row);
                }
                else
                {
                    text.Append(JsonSerializer.Serialize(AuditView.Of(row), AdminJson.Options)).Append('\n');
                }
            }

            yield return text.ToString();
            text.Clear();
            if (rows.Count < BatchSize)
            {
                yield break;
            }

            before = rows[^1].Id;
        }
    }

    private static void AppendCsv(StringBuilder text, AuditRecord row)
    {
        text.Append(CultureInfo.InvariantCulture, $"{row.Id},{row.At:yyyy-MM-ddTHH:mm:ss.fffZ}");
        foreach (var field in (ReadOnlySpan<string?>)[row.Actor, row.Address, row.Action, row.ProjectId, row.ObjectId, row.Before, row.After, row.Result])
        {
            text.Append(',').Append(CsvText.Field(field ?? ""));
        }

        text.Append("\r\n");
    }
}
