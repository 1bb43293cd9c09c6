using System.Data.Common;
using Cencori.Edge.Storage.Requests;

namespace Cencori.Edge.Records.Sql;

/// <summary>Writes rows of <c>request_records</c> with one prepared statement of SQLite.</summary>
internal static class SqliteRows
{
    private static readonly string Sql =
        $"INSERT INTO request_records ({RecordRow.Names}) VALUES ({string.Join(", ", Enumerable.Repeat("?", RecordColumns.All.Count))})";

    public static void Write(DbTransaction transaction, RecordTexts texts, ReadOnlySpan<PendingRecord> records)
    {
        using var statement = new SqliteStatement(transaction, Sql, RecordColumns.All.Count);
        foreach (var pending in records)
        {
            if (pending.HasRow)
            {
                Bind(statement, texts, pending.Record);
                statement.Run();
            }
        }
    }

    private static void Bind(SqliteStatement statement, RecordTexts texts, RequestRecord record)
    {
        var columns = RecordColumns.Columns;
        for (var index = 0; index < columns.Length; index++)
        {
            var (value, parameter) = (columns[index].Get(record), index + 1);
            switch (columns[index].Kind)
            {
                case RecordKind.Text:
                    statement.Bind(parameter, value.Text);
                    break;
                case RecordKind.Name:
                    statement.Bind(parameter, texts.Number(index, value.Text));
                    break;
                case RecordKind.RequestId:
                    statement.BindRequestId(parameter, value.Text!);
                    break;
                case RecordKind.Json:
                    statement.BindJson(parameter, value.Text);
                    break;
                case RecordKind.Count or RecordKind.Small:
                    statement.Bind(parameter, RecordRow.Fit(columns[index].Kind, value.OptionalNumber));
                    break;
                default:
                    statement.Bind(parameter, value.OptionalNumber);
                    break;
            }
        }
    }
}
