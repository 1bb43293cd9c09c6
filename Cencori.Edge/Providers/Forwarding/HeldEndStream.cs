using Cencori.Edge.Streams;

namespace Cencori.Edge.Providers.Forwarding;

/// <summary>
/// A response whose end waits for something: whoever has read all of it must find that done. Of a document its last byte is held, without
/// which nobody can read it; an event stream has no end that could be held, and only its connection stays open.
/// </summary>
internal sealed class HeldEndStream(Stream inner, bool isEventStream, Func<Task> beforeEnd) : ForwardOnlyStream
{
    private readonly byte[] _next = new byte[1];
    private byte _held;
    private bool _isHeld;
    private bool _isOver;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty)
        {
            return _isOver ? 0 : await inner.ReadAsync(buffer, cancellationToken);
        }

        while (!_isOver)
        {
            // Into a buffer that has no room beside the byte that is held.
            var target = _isHeld && buffer.Length == 1 ? _next : _isHeld ? buffer[1..] : buffer;
            var read = await inner.ReadAsync(target, cancellationToken);
            if (read == 0)
            {
                _isOver = true;
                await beforeEnd();
            }
            else if (isEventStream)
            {
                return read;
            }

            var last = read > 0 ? target.Span[read - 1] : default;
            var passed = 0;
            if (_isHeld)
            {
                buffer.Span[0] = _held;
                passed++;
            }

            (_isHeld, _held) = (read > 0, last);
            passed += Math.Max(0, read - 1);
            if (passed > 0)
            {
                return passed;
            }
        }

        return 0;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
