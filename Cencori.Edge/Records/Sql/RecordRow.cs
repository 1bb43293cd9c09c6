using System.Data.Common;
using Cencori.Edge.Storage.Requests;

namespace Cencori.Edge.Records.Sql;

/// <summary>A record that was read from the database.</summary>
/// <param name="Record">The record.</param>
/// <param name="Id">Number of its row, assigned by the database.</param>
public sealed record StoredRecord(RequestRecord Record, long Id);

/// <summary>SQL for rows of <c>request_records</c>, for both SQLite and PostgreSQL.</summary>
internal static class RecordRow
{
    /// <summary>Names of the columns of a record, for SQL.</summary>
    public static readonly string Names = string.Join(", ", RecordColumns.All.Select(column => $"\"{column.Name}\""));

    /// <summary>The columns that <see cref="Read"/> expects. The query must name the table <c>r</c>.</summary>
    public static readonly string Selected = string.Join(", ", RecordColumns.All.Select(Select).Prepend($"r.\"{RecordColumns.Id}\""));

    /// <summary>SQL for the number of a text in <c>record_texts</c>. Columns of <see cref="RecordKind.Name"/> store it. NULL: no record has the text.</summary>
    /// <param name="parameter">Name of the parameter with the text.</param>
    public static string NumberOf(string parameter) => $"(SELECT \"Id\" FROM record_texts WHERE \"Text\" = @{parameter})";

    /// <summary>SQL for the text whose number a column of <see cref="RecordKind.Name"/> stores. The query must name the table <c>r</c>.</summary>
    public static string TextOf(string name) => $"(SELECT \"Text\" FROM record_texts WHERE record_texts.\"Id\" = r.\"{name}\")";

    /// <summary>Limits a number to the range of its column.</summary>
    public static long? Fit(RecordKind kind, long? number) => kind switch
    {
        RecordKind.Count => number is { } count ? Math.Min(count, int.MaxValue) : null,
        RecordKind.Small => number is { } small ? Math.Min(small, short.MaxValue) : null,
        _ => number,
    };

    public static StoredRecord Read(DbDataReader row)
    {
        var record = RequestRecord.Blank();
        for (var index = 0; index < RecordColumns.Columns.Length; index++)
        {
            var column = RecordColumns.Columns[index];
            if (!row.IsDBNull(index + 1))
            {
                column.Set(record, Value(row, index + 1, column.Kind));
            }
        }

        return new StoredRecord(record, row.GetInt64(0));
    }

    private static RecordValue Value(DbDataReader row, int index, RecordKind kind) => kind switch
    {
        RecordKind.Text or RecordKind.Name or RecordKind.Json => row.GetString(index),
        RecordKind.RequestId => PackedRequestId.Unpack(row.GetFieldValue<byte[]>(index)),
        RecordKind.Flag => row.GetBoolean(index),
        RecordKind.Small or RecordKind.Choice => row.GetInt16(index),
        RecordKind.Count => row.GetInt32(index),
        _ => row.GetInt64(index),
    };

    private static string Select(RecordColumn column) => column.Kind == RecordKind.Name ? TextOf(column.Name) : $"r.\"{column.Name}\"";
}
