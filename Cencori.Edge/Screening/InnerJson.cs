using Cencori.Edge.Bodies;

namespace Cencori.Edge.Screening;

/// <summary>Texts that are themselves JSON, such as the arguments of a call, and must stay valid JSON.</summary>
internal static class InnerJson
{
    /// <summary>True when the part is a number in such JSON, so that a replacement text needs quotes.</summary>
    public static bool IsNumber(ByteRange part, ByteRange inside, ReadOnlySpan<byte> body)
    {
        var text = body.Slice(inside.Start, inside.Length);
        var before = TrimEnd(text[..(part.Start - inside.Start)]);
        var behind = TrimStart(text[(part.End - inside.Start)..]);
        return TrimStart(text) is [(byte)'{' or (byte)'[', ..] && TrimEnd(text) is [.., (byte)'}' or (byte)']'] && before is [.., (byte)':' or (byte)',' or (byte)'['] && behind is [(byte)',' or (byte)'}' or (byte)']', ..];
    }

    // Line breaks and tabs of the inner JSON are escaped in the outer JSON.
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
