using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Text;

namespace Cencori.Edge.Dashboard;

/// <summary>
/// Collects the text of a page as UTF-8 in chunks of pooled memory. One long string would be a large object, whose garbage collection can stop callers' requests
/// for tens of milliseconds.
/// </summary>
internal sealed class PageText : TextWriter
{
    private const int PieceBytes = 16 * 1024;

    // Minimum free bytes in a chunk before encoding: space for one character and a pending half of a surrogate pair. With less, the encoder throws.
    private const int LongestLetter = 8;

    private readonly Encoder _encoder = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false).GetEncoder();
    private readonly List<(byte[] Bytes, int Length)> _pieces = [];
    private byte[]? _bytes;
    private int _length;

    public override Encoding Encoding => Encoding.UTF8;

    /// <summary>Number of bytes written so far.</summary>
    public int Length => _pieces.Sum(piece => piece.Length) + _length;

    public override void Write(char value) => Write([value]);

    public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

    public override void Write(string? value) => Write(value.AsSpan());

    public override void Write(ReadOnlySpan<char> buffer)
    {
        while (!buffer.IsEmpty)
        {
            if (_bytes is null || _bytes.Length - _length < LongestLetter)
            {
                Begin();
            }

            _encoder.Convert(buffer, _bytes.AsSpan(_length), flush: false, out var read, out var written, out _);
            buffer = buffer[read..];
            _length += written;
        }
    }

    public void WriteTo(Stream target)
    {
        foreach (var piece in Pieces())
        {
            target.Write(piece.Span);
        }
    }

    /// <summary>Sends all chunks and returns their memory to the pool.</summary>
    public async ValueTask MoveToAsync(PipeWriter target, CancellationToken cancellation)
    {
        foreach (var piece in Pieces())
        {
            await target.WriteAsync(piece, cancellation);
        }

        Clear();
    }

    protected override void Dispose(bool disposing)
    {
        Clear();
        base.Dispose(disposing);
    }

    [MemberNotNull(nameof(_bytes))]
    private void Begin()
    {
        if (_bytes is not null)
        {
            _pieces.Add((_bytes, _length));
        }

        (_bytes, _length) = (ArrayPool<byte>.Shared.Rent(PieceBytes), 0);
    }

    private IEnumerable<ReadOnlyMemory<byte>> Pieces()
    {
        foreach (var (bytes, length) in _pieces)
        {
            yield return bytes.AsMemory(0, length);
        }

        if (_length > 0)
        {
            yield return _bytes.AsMemory(0, _length);
        }
    }

    private void Clear()
    {
        foreach (var (bytes, _) in _pieces)
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }

        if (_bytes is not null)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
        }

        _pieces.Clear();
        (_bytes, _length) = (null, 0);
    }
}
