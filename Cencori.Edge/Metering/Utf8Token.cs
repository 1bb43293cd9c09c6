using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Cencori.Edge.Metering;

/// <summary>Collects a short word that arrives in pieces. A word longer than any known word is treated as empty.</summary>
internal struct Utf8Token
{
    private const int MaxLength = 48;

    private Bytes _bytes;
    private int _length;

    [UnscopedRef]
    public readonly ReadOnlySpan<byte> Span => _length > MaxLength ? [] : ((ReadOnlySpan<byte>)_bytes)[.._length];

    public void Append(ReadOnlySpan<byte> piece)
    {
        if (piece.Length > MaxLength - _length)
        {
            Invalidate();
            return;
        }

        piece.CopyTo(((Span<byte>)_bytes)[_length..]);
        _length += piece.Length;
    }

    public void Clear() => _length = 0;

    /// <summary>Marks the word as unknown. Bytes that are appended later do not change that.</summary>
    public void Invalidate() => _length = MaxLength + 1;

    public readonly bool Is(ReadOnlySpan<byte> word) => Span.SequenceEqual(word);

    public readonly bool EndsWith(ReadOnlySpan<byte> end) => Span.EndsWith(end);

    [InlineArray(MaxLength)]
    private struct Bytes
    {
        private byte _first;
    }
}
