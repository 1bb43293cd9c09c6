using Cencori.Edge.Bodies;

namespace Cencori.Edge.Screening.Documents;

/// <summary>Recognizes numbers in texts that are themselves JSON, such as the arguments of a tool call. Such texts must stay valid JSON.</summary>
internal static class InnerJson
{
    /// <summary>True when the part is a number of the inner JSON, so that a replacement text needs quotes.</summary>
    public static bool IsNumber(ByteRange part, ByteRange inside, ReadOnlySpan<byte> body)
    {
        var text = body.Slice(inside.Start, inside.Length);
        var before = TrimEnd(text[..(part.Start - inside.Start)]);
        var behind = TrimStart(text[(part.End - inside.Start)..]);
        return TrimStart(text) is [(byte)'{' or (byte)'[', ..] && TrimEnd(text) is [.., (byte)'}' or (byte)']'] && before is [.., (byte)':' or (byte)',' or (byte)'['] && behind is [(byte)',' or (byte)'}' or (byte)']', ..];
    }

    // Also removes escaped line breaks and tabs: white space of the inner JSON is escaped in the outer JSON.
    private static ReadOnlySpan<byte> TrimStart(ReadOnlySpan<byte> text)
    {
        while (true)
        {
            text = text.TrimStart((byte)' ');
            if (text is not [(byte)'\\', (byte)'n' or (byte)'r' or (byte)'t', ..])
            {
                return text;
            }

            text = text[2..];
        }
    }

    private static ReadOnlySpan<byte> TrimEnd(ReadOnlySpan<byte> text)
    {
        while (true)
        {
            text = text.TrimEnd((byte)' ');
            if (text is not [.., (byte)'\\', (byte)'n' or (byte)'r' or (byte)'t'])
            {
                return text;
            }

            text = text[..^2];
        }
    }
}
