using System.Buffers;
using System.Text;

namespace Cencori.Edge.Screening;

/// <summary>Collects characters in a pooled array.</summary>
internal sealed class CharBuffer : IDisposable
{
    private const int FirstChars = 256;

    private char[] _chars = [];

    public int Length { get; private set; }

    /// <summary>The collected characters. Valid until the next change.</summary>
    public ReadOnlySpan<char> Span => _chars.AsSpan(0, Length);

    public void Append(ReadOnlySpan<char> text)
    {
        MakeRoom(text.Length);
        text.CopyTo(_chars.AsSpan(Length));
        Length += text.Length;
    }

    public void Append(char next) => Append([next]);

    public void AppendUtf8(ReadOnlySpan<byte> text)
    {
        MakeRoom(text.Length);
        Length += Encoding.UTF8.GetChars(text, _chars.AsSpan(Length));
    }

    /// <summary>Removes the first <paramref name="count"/> characters.</summary>
    public void Cut(int count)
    {
        _chars.AsSpan(count, Length - count).CopyTo(_chars);
        Length -= count;
    }

    /// <summary>Removes everything after the first <paramref name="length"/> characters.</summary>
    public void CutTo(int length) => Length = length;

    public void Clear() => Length = 0;

    public void Dispose()
    {
        Length = 0;
        if (_chars.Length > 0)
        {
            ArrayPool<char>.Shared.Return(_chars);
            _chars = [];
        }
    }

    private void MakeRoom(int more)
    {
        if (Length + more > _chars.Length)
        {
            var larger = ArrayPool<char>.Shared.Rent(Math.Max(Math.Max(FirstChars, 2 * Length), Length + more));
            Span.CopyTo(larger);
            if (_chars.Length > 0)
            {
                ArrayPool<char>.Shared.Return(_chars);
            }

            _chars = larger;
        }
    }
}
