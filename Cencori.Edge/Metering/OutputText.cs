using System.Buffers;
using System.Text;

namespace Cencori.Edge.Metering;

/// <summary>
/// Keeps the model's output as UTF-8, to count its tokens when the provider does not report them. The tokens of text beyond <see cref="MaxKeptBytes"/> are estimated
/// in proportion. Not thread-safe.
/// </summary>
internal struct OutputText
{
    public const int MaxKeptBytes = 64 * 1024;

    private const int FirstBufferBytes = 1024;

    // Separates texts in the buffer. This byte does not occur in UTF-8.
    private const byte Boundary = 0xFF;

    private byte[]? _buffer;
    private int _kept;
    private int _boundaries;

    /// <summary>Total length of the text in bytes, including text that is not kept.</summary>
    public long Bytes { get; private set; }

    public void Append(ReadOnlySpan<byte> text)
    {
        Bytes += text.Length;
        Keep(text);
    }

    /// <summary>Starts a separate text. No token is counted across the boundary.</summary>
    public void Separate()
    {
        if (_kept > 0 && _kept < MaxKeptBytes && _buffer![_kept - 1] != Boundary)
        {
            Keep([Boundary]);
            _boundaries++;
        }
    }

    public readonly Mark Here() => new(_kept, _boundaries, Bytes);

    /// <summary>Discards the text after <paramref name="mark"/>.</summary>
    public void RollBack(Mark mark) => (_kept, _boundaries, Bytes) = (mark.Kept, mark.Boundaries, mark.Bytes);

    /// <summary>Counts the tokens of all texts. May take some milliseconds.</summary>
    public readonly long Count()
    {
        if (_buffer is null || _kept == _boundaries)
        {
            return 0;
        }

        var characters = ArrayPool<char>.Shared.Rent(_kept);
        var tokens = 0L;
        var rest = _buffer.AsSpan(0, _kept);
        while (!rest.IsEmpty)
        {
            var end = rest.IndexOf(Boundary);
            var text = end < 0 ? rest : rest[..end];
            tokens += TextTokens.Count(characters.AsSpan(0, Encoding.UTF8.GetChars(text, characters)));
            rest = end < 0 ? [] : rest[(end + 1)..];
        }

        ArrayPool<char>.Shared.Return(characters);
        return (long)Math.Round((double)tokens * Bytes / (_kept - _boundaries));
    }

    /// <summary>Returns the pooled buffer. The text is lost, but <see cref="Bytes"/> stays. Can be called repeatedly.</summary>
    public void Release()
    {
        if (_buffer is { } buffer)
        {
            _buffer = null;
            (_kept, _boundaries) = (0, 0);
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        bytes = bytes[..Math.Min(bytes.Length, MaxKeptBytes - _kept)];
        if (_kept + bytes.Length > (_buffer?.Length ?? 0))
        {
            Grow(_kept + bytes.Length);
        }

        bytes.CopyTo(_buffer.AsSpan(_kept));
        _kept += bytes.Length;
    }

    private void Grow(int atLeast)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(atLeast, 2 * _buffer?.Length ?? FirstBufferBytes));
        _buffer.AsSpan(0, _kept).CopyTo(larger);
        if (_buffer is not null)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
        }

        _buffer = larger;
    }

    /// <summary>A position in the text, for <see cref="RollBack"/>.</summary>
    public readonly record struct Mark(int Kept, int Boundaries, long Bytes);
}
