using Cencori.Edge.Bodies;
using Cencori.Edge.Dialects;

namespace Cencori.Edge.Screening.Events;

/// <summary>Finds the data of a server-sent event.</summary>
internal sealed class EventData
{
    private readonly TextBuffer _joined = new();

    /// <summary>True when the text has only event fields, comments and empty lines. Other lines are not scanned, but some clients might read them.</summary>
    public static bool IsPlain(ReadOnlySpan<byte> text)
    {
        while (!text.IsEmpty)
        {
            var length = text.IndexOfAny((byte)'\r', (byte)'\n');
            var line = length < 0 ? text : text[..length];
            text = length < 0 ? [] : text[(length + 1)..];
            if (!line.IsEmpty && !line.StartsWith(":"u8) && !line.StartsWith("data:"u8) && !line.StartsWith("event:"u8) && !line.StartsWith("id:"u8) && !line.StartsWith("retry:"u8))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Finds the range of the data. An event with several data lines is rewritten to have only one.</summary>
    /// <param name="text">The event. Replaced by the rewritten event, if any, which is valid until the next call.</param>
    public ByteRange Find(ref ReadOnlySpan<byte> text)
    {
        var (found, lines) = (default(ByteRange), 0);
        for (var at = 0; at < text.Length;)
        {
            var length = text[at..].IndexOfAny((byte)'\r', (byte)'\n');
            var end = length < 0 ? text.Length : at + length;
            if (text[at..end].StartsWith("data:"u8))
            {
                var start = at + "data:"u8.Length;
                start += start < end && text[start] == ' ' ? 1 : 0;
                found = lines++ == 0 ? new(start, end - start) : found;
            }

            at = end + 1;
        }

        return lines > 1 ? Join(ref text) : found;
    }

    private ByteRange Join(ref ReadOnlySpan<byte> text)
    {
        _joined.Clear();
        var rest = text;
        while (!rest.IsEmpty)
        {
            var length = rest.IndexOfAny((byte)'\r', (byte)'\n');
            var line = length < 0 ? rest : rest[..length];
            rest = length < 0 ? [] : rest[(length + 1)..];
            if (!line.IsEmpty && !line.StartsWith("data:"u8))
            {
                _joined.Append(line);
                _joined.Append((byte)'\n');
            }
        }

        _joined.Append("data: "u8);
        var start = _joined.Length;
        rest = text;
        while (!rest.IsEmpty)
        {
            var length = rest.IndexOfAny((byte)'\r', (byte)'\n');
            var line = length < 0 ? rest : rest[..length];
            rest = length < 0 ? [] : rest[(length + 1)..];
            if (line.StartsWith("data:"u8))
            {
                _joined.Append(line["data:"u8.Length..]);
            }
        }

        var found = new ByteRange(start, _joined.Length - start);
        _joined.Append("\n\n"u8);
        text = _joined.Span;
        return found;
    }

    public void Clear() => _joined.Clear();
}
