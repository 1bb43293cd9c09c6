using Cencori.Edge.Bodies;

namespace Cencori.Edge.Screening;

/// <summary>Texts that are themselves JSON, such as the arguments of a call, and must be so afterwards.</summary>
internal static class InnerJson
{
    /// <summary>A part of a text is a number of such JSON, so that a text in its place needs quotes.</summary>
    public static bool IsNumber(ByteRange part, ByteRange inside, ReadOnlySpan<byte> body)
    {
        var text = body.Slice(inside.Start, inside.Length);
        var before = TrimEnd(text[..(part.Start - inside.Start)]);
        var behind = TrimStart(text[(part.End - inside.Start)..]);
        return TrimStart(text) is [(byte)'{' or (byte)'[', ..] && TrimEnd(text) is [.., (byte)'}' or (byte)']'] && before is [.., (byte)':' or (byte)',' or (byte)'['] && behind is [(byte)',' or (byte)'}' or (byte)']', ..];
    }

    // White space of the inner JSON is escaped in the outer.
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
