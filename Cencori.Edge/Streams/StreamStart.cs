namespace Cencori.Edge.Streams;

/// <summary>Helps to recognise from the first bytes whether a body is a document or an event stream.</summary>
internal static class StreamStart
{
    /// <summary>The bytes to skip at the start of a body: white space, and the byte order mark.</summary>
    public static ReadOnlySpan<byte> Meaningless => "\uFEFF \t\r\n"u8;
}
