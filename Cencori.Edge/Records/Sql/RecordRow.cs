using System.Data.Common;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Records.Sql;

/// <summary>A stored record.</summary>
/// <param name="Record">As it was given.</param>
/// <param name="Id">Its number in the database.</param>
public sealed record StoredRecord(RequestRecord Record, long Id);

/// <summary>A row of <c>request_records</c> in SQL that SQLite and PostgreSQL both understand.</summary>
internal static class RecordRow
{
    /// <summary>The columns that a record fills.</summary>
    public static readonly string Names = string.Join(", ", RecordColumns.All.Select(column => $"\"{column.Name}\""));

    /// <summary>What <see cref="Read"/> reads, of a table that is called <c>r</c>.</summary>
    public static readonly string Selected = string.Join(", ", RecordColumns.All.Select(Select).Prepend($"r.\"{RecordColumns.Id}\""));

    /// <summary>The number of a text, to compare columns of names with; null where no record has it.</summary>
    /// <param name="parameter">Of the command that it stands in.</param>
    public static string NumberOf(string parameter) => $"(SELECT \"Id\" FROM record_texts WHERE \"Text\" = @{parameter})";

    /// <summary>The text of a column of names, of a table that is called <c>r</c>.</summary>
    public static string TextOf(string name) => $"(SELECT \"Text\" FROM record_texts WHERE record_texts.\"Id\" = r.\"{name}\")";

    /// <summary>The number that the column has room for.</summary>
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
