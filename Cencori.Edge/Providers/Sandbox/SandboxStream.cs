using Cencori.Edge.Streams;

namespace Cencori.Edge.Providers.Sandbox;

/// <summary>
/// A response body that is produced while it is read: each read yields at most one piece, as soon as there is one. Nobody produces ahead of the
/// reader, so there is no task to leak when the reader goes away.
/// </summary>
internal sealed class SandboxStream : ForwardOnlyStream
{
    // Never disposed: it holds nothing to free, and a reader's cancellation may still come to it after this stream has gone.
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

        // A read into no room waits for a piece like any other and leaves it for the next: this is how a proxy waits without holding a buffer.
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
