using System.Text;
using Cencori.Edge.Storage.Requests;

namespace Cencori.Edge.Records.Spool;

/// <summary>Encodes a pending record for a spool frame: its sequence number, whether it gets a row, and the values of <see cref="RecordColumns"/>.</summary>
internal static class FrameRecord
{
    private static readonly Dictionary<int, RecordColumn> ByTag = RecordColumns.All.ToDictionary(column => column.Tag);

    public static void Write(FrameWriter frame, PendingRecord pending)
    {
        frame.Number(pending.Sequence);
        frame.Number(pending.HasRow ? 1 : 0);
        foreach (var column in RecordColumns.Columns)
        {
            var value = column.Get(pending.Record);
            if (column.IsText)
            {
                if (value.Text is { } text && (column.IsNullable || text.Length > 0))
                {
                    frame.Text(column.Tag, column.Kind == RecordKind.Json ? text : RecordText.Keep(text));
                }
            }
            else if (value.OptionalNumber is { } number && (column.IsNullable || number != 0))
            {
                frame.Number(column.Tag, number);
            }
        }
    }

    /// <exception cref="InvalidDataException">The frame is not a valid record.</exception>
    public static PendingRecord Read(FrameReader frame)
    {
        var (sequence, hasRow) = (frame.Number(), frame.Number() != 0);
        var record = RequestRecord.Blank();
        while (!frame.IsAtEnd)
        {
            var (tag, isText) = frame.Tag();
            RecordValue value = isText ? Text(frame.Bytes()) : frame.Number();
            if (ByTag.TryGetValue(tag, out var column) && column.IsText == isText)
            {
                Set(column, record, value);
            }
        }

        return new PendingRecord(record, sequence, hasRow);
    }

    private static string Text(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8);

    private static void Set(RecordColumn column, RequestRecord record, RecordValue value)
    {
        try
        {
            column.Set(record, value);
        }
        catch (Exception exception) when (exception is ArgumentException or OverflowException or System.Text.Json.JsonException)
        {
            throw new InvalidDataException($"{column.Name} has an invalid value.", exception);
        }
    }
}
