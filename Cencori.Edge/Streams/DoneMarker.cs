using System.Runtime.CompilerServices;

namespace Cencori.Edge.Streams;

/// <summary>Recognises the last event of OpenAI's streams, <c>data: [DONE]</c>.</summary>
internal struct DoneMarker
{
    private Tail _tail;
    private int _length;

    /// <param name="text">An event, with or without its line ends.</param>
    public static bool Is(ReadOnlySpan<byte> text)
    {
        var end = text.Length;
        while (end > 0 && text[end - 1] is (byte)'\r' or (byte)'\n')
        {
            end--;
        }

        // Fast path: nearly all events end with a brace.
        if (end == 0 || text[end - 1] != ']')
        {
            return false;
        }

        var line = text[(text[..end].LastIndexOfAny((byte)'\r', (byte)'\n') + 1)..end];
        return line.SequenceEqual("data: [DONE]"u8) || line.SequenceEqual("data:[DONE]"u8);
    }

    /// <summary>Adds the next piece of a stream.</summary>
    /// <returns>True: the stream so far ends with <c>data: [DONE]</c>.</returns>
    public bool IsEndOf(ReadOnlySpan<byte> piece)
    {
        var tail = (Span<byte>)_tail;
        piece = piece[^Math.Min(piece.Length, tail.Length)..];
        var kept = Math.Min(_length, tail.Length - piece.Length);
        tail[(_length - kept).._length].CopyTo(tail);
        piece.CopyTo(tail[kept..]);
        _length = kept + piece.Length;
        return Is(tail[.._length]);
    }

    // The last bytes of the stream: room for the [DONE] line, the end of the line before it, and the two line ends after it.
    [InlineArray(24)]
    private struct Tail
    {
        private byte _first;
    }
}
