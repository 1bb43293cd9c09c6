using Cencori.Edge.Streams;

namespace Cencori.Edge.WebSockets;

/// <summary>
/// The caller's side of an open WebSocket. Bytes pass unchanged until the edge closes the WebSocket. Then the current frame is
/// completed, a close frame follows, and nothing else passes in either direction.
/// </summary>
/// <remarks>
/// Allows one read and one write at a time; <see cref="CloseAsync"/> may be called from any thread. Dispose does nothing: the forwarder calls Dispose
/// before the close frame could be sent, and the server owns the underlying connection.
/// </remarks>
internal sealed class ClientStream(Stream inner) : ForwardOnlyStream
{
    private readonly FrameTracker _received = new();
    private readonly FrameTracker _sent = new();
    private readonly SemaphoreSlim _writeLock = new(1, 1);
    private readonly CancellationTokenSource _ended = new();
    private volatile CloseReason? _closeReason;
    private volatile bool _isDisconnected;
    private bool _isProviderClosed;

    // True: the bytes that were sent to the provider end at the end of a frame.
    private bool _isFrameOver;

    public override bool CanWrite => true;

    /// <summary>Cancelled when nothing more can follow: both sides have closed, or the caller has disconnected.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>True: a close frame has passed in at least one direction.</summary>
    public bool HasClosed => _received.HasClosed || _sent.HasClosed;

    /// <summary>True: the caller's connection has ended, so the caller can send nothing more, not even a close frame.</summary>
    public bool IsClientDisconnected => _isDisconnected;

    /// <summary>Why the edge closed the WebSocket; null: it did not.</summary>
    public CloseReason? CloseReason => _closeReason;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            if (TryCloseProvider(buffer.Span))
            {
                return CloseReason.FromClient.Length;
            }

            var count = await ReadCallerAsync(buffer, cancellationToken);
            if (_closeReason is null)
            {
                return Pass(buffer.Span[..count]);
            }

            // The caller may be in the middle of a frame. The rest of that frame passes, because a close frame for the provider can only follow a complete frame.
            // Later bytes of the caller do not pass, but the edge reads them up to the caller's own close frame: closing a connection
            // with unread bytes would discard the last bytes that were sent to the caller.
            var rest = 0;
            if (!_isFrameOver)
            {
                rest = _received.Finish(buffer.Span[..count]);
                _isFrameOver = _received.IsBetweenFrames;
                _isProviderClosed |= _received.HasClosed;
            }

            _received.Pass(buffer.Span[rest..count]);
            if (rest > 0)
            {
                return rest;
            }

            if (TryCloseProvider(buffer.Span))
            {
                return CloseReason.FromClient.Length;
            }

            if (_isDisconnected || _received.HasClosed || buffer.IsEmpty)
            {
                return 0;
            }
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await _writeLock.WaitAsync(cancellationToken);
        try
        {
            if (_closeReason is not null)
            {
                var rest = _sent.Finish(buffer.Span);
                await inner.WriteAsync(buffer[..rest], cancellationToken);
                await TrySendCloseAsync(cancellationToken);
                return;
            }

            _sent.Pass(buffer.Span);
            await inner.WriteAsync(buffer, cancellationToken);
            NoteEnd();
        }
        finally
        {
            _writeLock.Release();
        }
    }

    /// <summary>Sends the caller a close frame, now or after the current frame. If called several times, the first reason is sent.</summary>
    public async Task CloseAsync(CloseReason reason, CancellationToken cancellationToken)
    {
        _closeReason ??= reason;
        await _writeLock.WaitAsync(cancellationToken);
        try
        {
            await TrySendCloseAsync(cancellationToken);
        }
        finally
        {
            _writeLock.Release();
        }
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    private async ValueTask<int> ReadCallerAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            var count = await inner.ReadAsync(buffer, cancellationToken);
            if (count == 0 && !buffer.IsEmpty)
            {
                DropClient();
            }

            return count;
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            DropClient();
            throw;
        }
    }

    private bool TryCloseProvider(Span<byte> buffer)
    {
        if (!_isFrameOver || _isProviderClosed || buffer.Length < CloseReason.FromClient.Length)
        {
            return false;
        }

        _isProviderClosed = true;
        CloseReason.FromClient.CopyTo(buffer);
        return true;
    }

    private int Pass(ReadOnlySpan<byte> bytes)
    {
        _received.Pass(bytes);
        _isProviderClosed = _received.HasClosed;
        NoteEnd();
        return bytes.Length;
    }

    private async ValueTask TrySendCloseAsync(CancellationToken cancellationToken)
    {
        if (_sent is { IsBetweenFrames: true, HasClosed: false } && _closeReason is { } reason)
        {
            var frame = reason.FromServer();
            await inner.WriteAsync(frame, cancellationToken);
            _sent.Pass(frame);
        }
    }

    private void DropClient()
    {
        _isDisconnected = true;
        _ended.Cancel();
    }

    private void NoteEnd()
    {
        if (_received.HasClosed && _sent.HasClosed)
        {
            _ended.Cancel();
        }
    }
}
