using System.Buffers;
using System.Globalization;

namespace Cencori.Edge.Dialects;

/// <summary>Assembles text in a pooled array, which is rented only while the buffer is not empty.</summary>
internal sealed class TextBuffer
{
    private const int FirstBytes = 1024;

    private byte[] _bytes = [];
    private int _start;
    private int _end;

    public int Length => _end - _start;

    /// <summary>The bytes in the buffer. Valid until the next change of the buffer.</summary>
    public ReadOnlySpan<byte> Span => _bytes.AsSpan(_start, Length);

    public void Append(ReadOnlySpan<byte> text)
    {
        if (text.Length > _bytes.Length - _end)
        {
            Grow(text.Length);
        }

        text.CopyTo(_bytes.AsSpan(_end));
        _end += text.Length;
    }

    public void Append(byte next) => Append([next]);

    public void Append(long number)
    {
        Span<byte> digits = stackalloc byte[20];
        number.TryFormat(digits, out var length, provider: CultureInfo.InvariantCulture);
        Append(digits[..length]);
    }

    /// <summary>Writes a JSON number without exponent and trailing zeros.</summary>
    public void Append(decimal number)
    {
        Span<byte> digits = stackalloc byte[64];
        number.TryFormat(digits, out var length, "0.############################", CultureInfo.InvariantCulture);
        Append(digits[..length]);
    }

    /// <summary>Moves bytes from the start of the buffer to <paramref name="target"/>, as many as fit. Returns their number.</summary>
    public int MoveTo(Span<byte> target)
    {
        var count = Math.Min(target.Length, Length);
        _bytes.AsSpan(_start, count).CopyTo(target);
        _start += count;
        if (Length == 0)
        {
            Clear();
        }

        return count;
    }

    /// <summary>Drops everything after the first <paramref name="length"/> bytes.</summary>
    public void CutTo(int length) => _end = _start + length;

    /// <summary>Drops all bytes and returns the array to the pool.</summary>
    public void Clear()
    {
        (_start, _end) = (0, 0);
        if (_bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = [];
        }
    }

    /// <summary>The bytes in the buffer, for changes in place. Their number cannot change.</summary>
    public Span<byte> Writable() => _bytes.AsSpan(_start, Length);

    private void Grow(int more)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(Math.Max(FirstBytes, 2 * Length), Length + more));
        var length = Length;
        Span.CopyTo(larger);
        Clear();
        (_bytes, _end) = (larger, length);
    }
}
