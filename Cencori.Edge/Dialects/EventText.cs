namespace Cencori.Edge.Dialects;

/// <summary>Keeps an event's JSON on one line, for readers with different definitions of a line end.</summary>
internal static class EventText
{
    private const int EscapeLength = 6;

    // Some clients, including the Python client, also split lines at these characters.
    private static ReadOnlySpan<byte> NextLine => [0xC2, 0x85];

    private static ReadOnlySpan<byte> LineSeparator => [0xE2, 0x80, 0xA8];

    private static ReadOnlySpan<byte> ParagraphSeparator => [0xE2, 0x80, 0xA9];

    /// <summary>True when some reader would see two lines in the text.</summary>
    public static bool IsSplit(ReadOnlySpan<byte> text) =>
        text.IndexOf(LineSeparator) >= 0 || text.IndexOf(NextLine) >= 0 || text.IndexOf(ParagraphSeparator) >= 0;

    /// <param name="output">Contains the assembled valid JSON.</param>
    /// <param name="start">Offset at which that JSON begins.</param>
    public static void PutOnOneLine(TextBuffer output, int start)
    {
        // A raw line end can only be between tokens: inside a string it is escaped.
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
