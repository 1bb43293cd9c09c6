using Cencori.Edge.Streams;

namespace Cencori.Edge.Providers.Sandbox;

/// <summary>
/// A response body that is produced while it is read: each read returns at most one piece, as soon as there is one. Nothing is produced ahead of the
/// reader, so no task leaks when the reader disconnects.
/// </summary>
internal sealed class SandboxStream : ForwardOnlyStream
{
    // Never disposed: it holds nothing to free, and a reader may still cancel it after this stream was disposed.
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenRegistration _requestAborted;
    private readonly IAsyncEnumerator<ReadOnlyMemory<byte>> _pieces;
    private ReadOnlyMemory<byte> _rest;

    public SandboxStream(IAsyncEnumerable<ReadOnlyMemory<byte>> pieces, CancellationToken requestAborted)
    {
        _requestAborted = requestAborted.UnsafeRegister(Stop, _stop);
        _pieces = pieces.GetAsyncEnumerator(_stop.Token);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _stop.Token.ThrowIfCancellationRequested();
        if (_rest.IsEmpty)
        {
            using (cancellationToken.UnsafeRegister(Stop, _stop))
            {
                _rest = await _pieces.MoveNextAsync() ? _pieces.Current : default;
            }
        }

        // A read with an empty buffer waits for a piece and leaves it for the next read. A proxy waits that way without holding a buffer.
        var taken = Math.Min(buffer.Length, _rest.Length);
        _rest[..taken].CopyTo(buffer);
        _rest = _rest[taken..];
        return taken;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _requestAborted.Dispose();
            _stop.Cancel();
        }

        base.Dispose(disposing);
    }

    private static void Stop(object? source) => ((CancellationTokenSource)source!).Cancel();
}
