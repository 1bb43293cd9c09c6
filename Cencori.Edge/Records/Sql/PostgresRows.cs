using System.Buffers;
using System.Buffers.Binary;
using System.Data.Common;
using System.Text;
using Cencori.Edge.Storage.Requests;
using Npgsql;

namespace Cencori.Edge.Records.Sql;

/// <summary>Writes rows of <c>request_records</c> with PostgreSQL's binary COPY.</summary>
internal static class PostgresRows
{
    private const int BytesOfRow = 256;
    private const int RowsAtOnce = 128;

    // Header of the COPY format, with no flags and no extension.
    private static readonly byte[] Head = [.. "PGCOPY\n"u8, 0xFF, (byte)'\r', (byte)'\n', 0, 0, 0, 0, 0, 0, 0, 0, 0];

    private static readonly string Sql = $"COPY request_records ({RecordRow.Names}) FROM STDIN (FORMAT BINARY)";

    public static async Task WriteAsync(DbTransaction transaction, RecordTexts texts, ReadOnlyMemory<PendingRecord> records, CancellationToken cancellation)
    {
        // Sends the batch in parts. A whole batch would be a large-object-heap allocation four times a second, and collecting these would pause requests.
        var copy = new ArrayBufferWriter<byte>(RowsAtOnce * BytesOfRow);
        await using var stream = await ((NpgsqlConnection)transaction.Connection!).BeginRawBinaryCopyAsync(Sql, cancellation);
        copy.Write(Head);
        for (var written = 0; written < records.Length; written += RowsAtOnce)
        {
            Write(copy, texts, records.Span.Slice(written, Math.Min(RowsAtOnce, records.Length - written)));
            await stream.WriteAsync(copy.WrittenMemory, cancellation);
            copy.ResetWrittenCount();
        }

        // The end of the COPY data: a column count of -1.
        Write16(copy, -1);
        await stream.WriteAsync(copy.WrittenMemory, cancellation);
    }

    private static void Write(ArrayBufferWriter<byte> copy, RecordTexts texts, ReadOnlySpan<PendingRecord> records)
    {
        var columns = RecordColumns.Columns;
        foreach (var pending in records)
        {
            if (!pending.HasRow)
            {
                continue;
            }

            Write16(copy, (short)columns.Length);
            for (var index = 0; index < columns.Length; index++)
            {
                var (kind, value) = (columns[index].Kind, columns[index].Get(pending.Record));
                switch (kind)
                {
                    case RecordKind.RequestId:
                        WriteBytes(copy, PackedRequestId.Pack(value.Text!));
                        break;
                    case RecordKind.Text or RecordKind.Json when value.Text is { } text:
                        WriteText(copy, kind == RecordKind.Text ? RecordText.Keep(text) : text);
                        break;
                    default:
                        WriteNumber(copy, kind, kind == RecordKind.Name ? texts.Number(index, value.Text) : value.OptionalNumber);
                        break;
                }
            }
        }
    }

    private static void WriteNumber(ArrayBufferWriter<byte> copy, RecordKind kind, long? number)
    {
        if (RecordRow.Fit(kind, number) is not { } value)
        {
            Write32(copy, -1);
            return;
        }

        switch (kind)
        {
            case RecordKind.Flag:
                WriteBytes(copy, [(byte)value]);
                break;
            case RecordKind.Small or RecordKind.Choice:
                Write32(copy, sizeof(short));
                Write16(copy, (short)value);
                break;
            case RecordKind.Count or RecordKind.Name:
                Write32(copy, sizeof(int));
                Write32(copy, (int)value);
                break;
            default:
                Write32(copy, sizeof(long));
                BinaryPrimitives.WriteInt64BigEndian(copy.GetSpan(sizeof(long)), value);
                copy.Advance(sizeof(long));
                break;
        }
    }

    private static void WriteText(ArrayBufferWriter<byte> copy, string text)
    {
        Write32(copy, Encoding.UTF8.GetByteCount(text));
        Encoding.UTF8.GetBytes(text, copy);
    }

    private static void WriteBytes(ArrayBufferWriter<byte> copy, ReadOnlySpan<byte> bytes)
    {
        Write32(copy, bytes.Length);
        copy.Write(bytes);
    }

    private static void Write32(ArrayBufferWriter<byte> copy, int value)
    {
        BinaryPrimitives.WriteInt32BigEndian(copy.GetSpan(sizeof(int)), value);
        copy.Advance(sizeof(int));
    }

    private static void Write16(ArrayBufferWriter<byte> copy, short value)
    {
        BinaryPrimitives.WriteInt16BigEndian(copy.GetSpan(sizeof(short)), value);
        copy.Advance(sizeof(short));
    }
}
