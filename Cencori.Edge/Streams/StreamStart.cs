namespace Cencori.Edge.Streams;

/// <summary>The beginning of a text that may be a document or events.</summary>
internal static class StreamStart
{
    /// <summary>White space, and the bytes of a byte order mark.</summary>
    public static ReadOnlySpan<byte> Meaningless => "\uFEFF \t\r\n"u8;
}
