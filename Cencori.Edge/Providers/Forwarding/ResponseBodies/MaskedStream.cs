using Cencori.Edge.Streams;

namespace Cencori.Edge.Providers.Forwarding.ResponseBodies;

/// <summary>A provider's error response with the project's credential masked, at the same length. Holds the last bytes back until more arrive, because a credential may be split.</summary>
internal sealed class MaskedStream(Stream inner, CredentialMask mask) : ForwardOnlyStream
{
    private const int InitialBuffer = 4 * 1024;

    // The last passed bytes, followed by the bytes that are not passed yet. The mask needs the passed bytes to find a credential that began in them.
    private readonly byte[] _window = new byte[InitialBuffer + (2 * mask.Reach)];
    private int _start;
    private int _length;
    private bool _isOver;

    private int Ready => (_isOver ? _length : Math.Max(_start, _length - mask.Reach)) - _start;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty)
        {
            return Ready > 0 || _isOver ? 0 : await inner.ReadAsync(buffer, cancellationToken);
        }

        while (Ready == 0 && !_isOver)
        {
            Forget();
            var read = await inner.ReadAsync(_window.AsMemory(_length), cancellationToken);
            (_length, _isOver) = (_length + read, read == 0);
        }

        var count = Math.Min(buffer.Length, Ready);
        mask.Copy(_window.AsSpan(0, _length), _start, buffer.Span[..count]);
        _start += count;
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Forget()
    {
        var past = _start - mask.Reach;
        if (past > 0)
        {
            _window.AsSpan(past, _length - past).CopyTo(_window);
            (_start, _length) = (_start - past, _length - past);
        }
    }
}
