using Cencori.Edge.Streams;

namespace Cencori.Edge.WebSockets;

/// <summary>
/// The caller's side of an open WebSocket. Bytes pass through it as they are, until the edge closes: then a frame under way is
/// still finished, a closing frame follows it, and nothing else passes either way.
/// </summary>
/// <remarks>
/// One reads and one writes at a time; <see cref="CloseAsync"/> comes from anywhere. Disposing of it does nothing: the forwarder does so
/// before there has been time for a close frame, and the connection below is the server's.
/// </remarks>
internal sealed class ClientStream(Stream inner) : ForwardOnlyStream
{
    private readonly FrameTracker _received = new();
    private readonly FrameTracker _sent = new();
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly CancellationTokenSource _over = new();
    private volatile CloseReason? _closeReason;
    private volatile bool _isCallerGone;
    private bool _isProviderTold;

    // What went to the provider ends with a whole frame.
    private bool _isFrameOver;

    public override bool CanWrite => true;

    /// <summary>Cancelled when nothing more can come of it: both sides have closed, or the caller is gone.</summary>
    public CancellationToken Over => _over.Token;

    /// <summary>One side has closed as it should, or the edge has.</summary>
    public bool HasClosed => _received.HasClosed || _sent.HasClosed;

    /// <summary>The caller sends nothing any more, not even a closing frame.</summary>
    public bool IsClientDisconnected => _isCallerGone;

    /// <summary>Why the edge ended it; null: it did not.</summary>
    public CloseReason? CloseReason => _closeReason;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            if (TryTellProvider(buffer.Span))
            {
                return CloseReason.FromClient.Length;
            }

            var count = await ReadCallerAsync(buffer, cancellationToken);
            if (_closeReason is null)
            {
                return Pass(buffer.Span[..count]);
            }

            // The caller may still be in the middle of something. A frame that has begun goes on to its end, where the provider can be told.
            // What comes then is not passed on, and is read all the same up to its own
            // close frame: a connection that is closed with something unread takes what was said last with it.
            var rest = 0;
            if (!_isFrameOver)
            {
                rest = _received.Finish(buffer.Span[..count]);
                _isFrameOver = _received.IsBetweenFrames;
                _isProviderTold |= _received.HasClosed;
            }

            _received.Pass(buffer.Span[rest..count]);
            if (rest > 0)
            {
                return rest;
            }

            if (TryTellProvider(buffer.Span))
            {
                return CloseReason.FromClient.Length;
            }

            if (_isCallerGone || _received.HasClosed || buffer.IsEmpty)
            {
                return 0;
            }
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            if (_closeReason is not null)
            {
                var rest = _sent.Finish(buffer.Span);
                await inner.WriteAsync(buffer[..rest], cancellationToken);
                await TryTellAsync(cancellationToken);
                return;
            }

            _sent.Pass(buffer.Span);
            await inner.WriteAsync(buffer, cancellationToken);
            NoteEnd();
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Tells the caller that it is over: now, or behind the frame that is under way. The first reason is the one.</summary>
    public async Task CloseAsync(CloseReason reason, CancellationToken cancellationToken)
    {
        _closeReason ??= reason;
        await _writing.WaitAsync(cancellationToken);
        try
        {
            await TryTellAsync(cancellationToken);
        }
        finally
        {
            _writing.Release();
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

    private bool TryTellProvider(Span<byte> buffer)
    {
        if (!_isFrameOver || _isProviderTold || buffer.Length < CloseReason.FromClient.Length)
        {
            return false;
        }

        _isProviderTold = true;
        CloseReason.FromClient.CopyTo(buffer);
        return true;
    }

    private int Pass(ReadOnlySpan<byte> bytes)
    {
        _received.Pass(bytes);
        _isProviderTold = _received.HasClosed;
        NoteEnd();
        return bytes.Length;
    }

    private async ValueTask TryTellAsync(CancellationToken cancellationToken)
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
        _isCallerGone = true;
        _over.Cancel();
    }

    private void NoteEnd()
    {
        if (_received.HasClosed && _sent.HasClosed)
        {
            _over.Cancel();
        }
    }
}
