namespace Cencori.Edge.Bodies.Multipart;

/// <summary>Checks the streamed rest of a form for a second <c>model</c>. When a field repeats, many servers use the last one, and would run
/// a model that the key is not authorized for.</summary>
internal sealed class RepeatedModelGuard
{
    private const int ChunkBytes = 4 * 1024;

    private readonly MultipartScanner _scanner;
    private byte[] _window;
    private int _length;
    private bool _isDone;

    /// <param name="scanner">A scanner that has already passed the model.</param>
    /// <param name="unscanned">The bytes that arrived after the scanner's position.</param>
    public RepeatedModelGuard(MultipartScanner scanner, ReadOnlySpan<byte> unscanned)
    {
        _scanner = scanner;
        _length = unscanned.Length;
        _window = new byte[_length + ChunkBytes];
        unscanned.CopyTo(_window);
        scanner.Discard();
    }

    /// <exception cref="InvalidDataException">The form names a second model, or is malformed.</exception>
    public void Check(ReadOnlySpan<byte> arrived)
    {
        while (!_isDone && !arrived.IsEmpty)
        {
            var chunk = arrived[..Math.Min(arrived.Length, ChunkBytes)];
            arrived = arrived[chunk.Length..];
            if (_length + chunk.Length > _window.Length)
            {
                Array.Resize(ref _window, Math.Max(2 * _window.Length, _length + chunk.Length));
            }

            chunk.CopyTo(_window.AsSpan(_length));
            _length += chunk.Length;
            Follow();
        }
    }

    private void Follow()
    {
        var progress = _scanner.Advance(_window.AsSpan(0, _length));
        if (progress == MultipartProgress.Malformed)
        {
            throw new InvalidDataException(_scanner.Problem.Message);
        }

        _isDone = progress == MultipartProgress.End;
        _window.AsSpan(_scanner.Position, _length - _scanner.Position).CopyTo(_window);
        _length -= _scanner.Position;
        _scanner.Discard();
    }
}
