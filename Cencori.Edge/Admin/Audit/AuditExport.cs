using System.Globalization;
using System.Text;
using System.Text.Json;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Admin.Audit;

/// <summary>Writes every row of a filter, with a short read for each thousand of them.</summary>
internal static class AuditExport
{
    private const int BatchSize = 1_000;

    public static async Task WriteAsync(HttpContext context, AuditFilter filter, IDbContextFactory<EdgeDbContext> contexts)
    {
        var isCsv = filter.Format == "csv";
        context.Response.ContentType = isCsv ? "text/csv; charset=utf-8" : "application/jsonl; charset=utf-8";
        context.Response.Headers.ContentDisposition = $"attachment; filename=\"audit.{filter.Format}\"";
        var text = new StringBuilder(isCsv ? "id,at,actor,address,action,project_id,object,before,after,result\r\n" : "");
        for (var before = filter.Cursor; ;)
        {
            await using var database = await contexts.CreateDbContextAsync(context.RequestAborted);
            var rows = await filter.Of(database, before).Take(BatchSize).ToListAsync(context.RequestAborted);
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

            await context.Response.WriteAsync(text.ToString(), context.RequestAborted);
            text.Clear();
            if (rows.Count < BatchSize)
            {
                return;
            }

            before = rows[^1].Id;
        }
    }

    private static void AppendCsv(StringBuilder text, AuditRecord row)
    {
        text.Append(CultureInfo.InvariantCulture, $"{row.Id},{row.At:yyyy-MM-ddTHH:mm:ss.fffZ}");
        foreach (var field in (ReadOnlySpan<string?>)[row.Actor, row.Address, row.Action, row.ProjectId, row.Object, row.Before, row.After, row.Result])
        {
            text.Append(',').Append(Field(field ?? ""));
        }

        text.Append("\r\n");
    }

    // What a spreadsheet would take for a formula becomes a text.
    private static string Field(string value)
    {
        var shown = value.Length > 0 && value[0] is '=' or '+' or '-' or '@' or '\t' or '\r' ? "'" + value : value;
        return shown.AsSpan().ContainsAny("\",\r\n") || shown.StartsWith('\'') ? $"\"{shown.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : shown;
    }
}
