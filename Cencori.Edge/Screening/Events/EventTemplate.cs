using System.Text.Json;
using Cencori.Edge.Bodies;
using Cencori.Edge.Dialects;

namespace Cencori.Edge.Screening.Events;

/// <summary>Writes the held-back rest of a text as an event of the same form as the last event that carried a part of the text. Keeps
/// the members that identify the text, and omits all others.</summary>
internal static class EventTemplate
{
    private static ReadOnlySpan<byte> DataName => "data:"u8;

    /// <param name="text">The last event that carried a part of the text, with its data on one line.</param>
    /// <param name="inside">Range of that part in the event.</param>
    /// <param name="rest">The rest of the text, escaped for a JSON string, without quotes.</param>
    /// <param name="output">Receives the event.</param>
    public static void Write(ReadOnlySpan<byte> text, ByteRange inside, ReadOnlySpan<byte> rest, TextBuffer output)
    {
        var start = (text.StartsWith(DataName) ? 0 : Math.Max(text.IndexOf("\ndata:"u8), text.IndexOf("\rdata:"u8)) + 1) + DataName.Length;
        start += text[start] == ' ' ? 1 : 0;
        output.Append(text[..start]);
        var reader = new Utf8JsonReader(text[start..], new JsonReaderOptions { MaxDepth = EventWalk.MaxDepth });
        reader.Read();
        WriteValue(ref reader, inside.Start - start, rest, isRoot: true, output);
        output.Append("\n\n"u8);
    }

    private static void WriteValue(ref Utf8JsonReader reader, int at, ReadOnlySpan<byte> rest, bool isRoot, TextBuffer output)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                WriteObject(ref reader, at, rest, isRoot, output);
                break;
            case JsonTokenType.StartArray:
                WriteItem(ref reader, at, rest, output);
                break;
            default:
                output.Append((byte)'"');
                output.Append(rest);
                output.Append((byte)'"');
                break;
        }
    }

    private static void WriteObject(ref Utf8JsonReader reader, int at, ReadOnlySpan<byte> rest, bool isRoot, TextBuffer output)
    {
        output.Append((byte)'{');
        var separator = ReadOnlySpan<byte>.Empty;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            reader.Read();
            var start = reader.TokenStartIndex;
            var end = reader;
            end.Skip();
            var isPart = at >= start && at < end.BytesConsumed;
            var isKept = reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray) && IsKept(name, isRoot);

            // Clients of a native endpoint (/api/ai/…) expect a delta in each event, so the delta is emptied instead of omitted.
            var isEmptied = isRoot && name.SequenceEqual("delta"u8) && reader.TokenType == JsonTokenType.String;
            if (isPart || isKept || isEmptied || name.SequenceEqual("finish_reason"u8))
            {
                output.Append(separator);
                output.Append((byte)'"');
                output.Append(name);
                output.Append("\":"u8);
                separator = ","u8;
                if (isPart)
                {
                    WriteValue(ref reader, at, rest, isRoot: false, output);
                }
                else if (isEmptied)
                {
                    output.Append("\"\""u8);
                }
                else
                {
                    WriteKept(reader, isKept, output);
                }
            }

            reader = end;
        }

        output.Append((byte)'}');
    }

    private static void WriteKept(in Utf8JsonReader reader, bool isKept, TextBuffer output)
    {
        if (!isKept)
        {
            output.Append("null"u8);
        }
        else if (reader.TokenType == JsonTokenType.String)
        {
            output.Append((byte)'"');
            output.Append(reader.ValueSpan);
            output.Append((byte)'"');
        }
        else
        {
            output.Append(reader.ValueSpan);
        }
    }

    private static void WriteItem(ref Utf8JsonReader reader, int at, ReadOnlySpan<byte> rest, TextBuffer output)
    {
        output.Append((byte)'[');
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var start = reader.TokenStartIndex;
            var end = reader;
            end.Skip();
            if (at >= start && at < end.BytesConsumed)
            {
                WriteValue(ref reader, at, rest, isRoot: false, output);
            }

            reader = end;
        }

        output.Append((byte)']');
    }

    // Omits the ids and names of tool calls, reasons and usage: clients concatenate the parts of a response, so such members would appear twice.
    private static bool IsKept(ReadOnlySpan<byte> name, bool isRoot) =>
        name.SequenceEqual("index"u8) || name.SequenceEqual("type"u8)
        || (isRoot && (name.SequenceEqual("id"u8) || name.SequenceEqual("object"u8) || name.SequenceEqual("created"u8) || name.SequenceEqual("model"u8) || name.SequenceEqual("item_id"u8)
            || name.SequenceEqual("output_index"u8) || name.SequenceEqual("content_index"u8) || name.SequenceEqual("summary_index"u8) || name.SequenceEqual("sequence_number"u8)));
}
