namespace Cencori.Edge.Dialects;

/// <summary>Keeps an event's JSON on one line, even for clients that split lines at additional characters.</summary>
internal static class EventText
{
    private const int EscapeLength = 6;

    // UTF-8 of U+0085. Some clients, including the Python client, split lines at this character and at the two characters below.
    private static ReadOnlySpan<byte> NextLine => [0xC2, 0x85];

    private static ReadOnlySpan<byte> LineSeparator => [0xE2, 0x80, 0xA8];

    private static ReadOnlySpan<byte> ParagraphSeparator => [0xE2, 0x80, 0xA9];

    /// <summary>True when some clients would split the text into several lines.</summary>
    public static bool IsSplit(ReadOnlySpan<byte> text) =>
        text.IndexOf(LineSeparator) >= 0 || text.IndexOf(NextLine) >= 0 || text.IndexOf(ParagraphSeparator) >= 0;

    /// <param name="output">Ends with valid JSON.</param>
    /// <param name="start">Offset in <paramref name="output"/> at which the JSON begins.</param>
    public static void PutOnOneLine(TextBuffer output, int start)
    {
        // In valid JSON, a raw line end can only be between tokens, so replacing it with a space changes no value.
        var text = output.Writable()[start..];
        text.Replace((byte)'\n', (byte)' ');
        if (IsSplit(text))
        {
            Escape(output, start, text.ToArray());
        }
    }

    private static void Escape(TextBuffer output, int start, ReadOnlySpan<byte> text)
    {
        output.CutTo(start);
        while (!text.IsEmpty)
        {
            var end = text.IndexOfAny(NextLine[0], LineSeparator[0]);
            end = end < 0 ? text.Length : end;
            output.Append(text[..end]);
            text = text[end..];
            var escape = text.StartsWith(NextLine) ? "\\u0085"u8
                : text.StartsWith(LineSeparator) ? "\\u2028"u8
                : text.StartsWith(ParagraphSeparator) ? "\\u2029"u8
                : default;
            output.Append(escape.Length == EscapeLength ? escape : text[..Math.Min(1, text.Length)]);
            text = text[(escape.IsEmpty ? Math.Min(1, text.Length) : text[0] == NextLine[0] ? NextLine.Length : LineSeparator.Length)..];
        }
    }
}
