using System.Buffers;
using System.Globalization;

namespace Cencori.Edge.Dialects;

/// <summary>Bytes of text that are put together, in a pooled array that is held for as long as there are any.</summary>
internal sealed class TextBuffer
{
    private const int FirstBytes = 1024;

    private byte[] _bytes = [];
    private int _start;
    private int _end;

    public int Length => _end - _start;

    /// <summary>Gone with the next change.</summary>
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

    /// <summary>As JSON has it: without an exponent, and no zeros at its end.</summary>
    public void Append(decimal number)
    {
        Span<byte> digits = stackalloc byte[64];
        number.TryFormat(digits, out var length, "0.############################", CultureInfo.InvariantCulture);
        Append(digits[..length]);
    }

    /// <summary>Moves what there is to <paramref name="target"/>, so far as it has room.</summary>
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

    /// <summary>Forgets what was put behind the first <paramref name="length"/> bytes.</summary>
    public void CutTo(int length) => _end = _start + length;

    /// <summary>Forgets everything, and gives the array back.</summary>
    public void Clear()
    {
        (_start, _end) = (0, 0);
        if (_bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = [];
        }
    }

    /// <summary>The bytes may be changed, not how many they are.</summary>
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
