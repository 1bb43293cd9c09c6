using System.Buffers;

#pragma warning disable CA2012 // A pending read outlives the call that began it, but is still consumed exactly once.

namespace Cencori.Edge.Streams;

/// <summary>The output side of the response stream: the bytes for the client, and the ways in which the stream ends.</summary>
public sealed partial class ResponseStream
{
    // A pooled buffer. If an observer may remove events, an event is held back until all of it has arrived. If the buffer that was passed to ReadAsync is too
    // small for such an event, this buffer is used in place of it.
    private byte[] _ownBuffer = [];

    // Bytes for the client that no call of ReadAsync has returned yet. The next call returns these bytes first.
    private ReadOnlyMemory<byte> _ready;
    private bool _hasBegun;

    private int Release(Memory<byte> buffer, Memory<byte> target)
    {
        var count = _filter.Release(target.Span);
        ReportArrival(_filter.Open);
        if (_isOver || _remaining <= 0)
        {
            _owner.Ended();
        }

        _hasBegun |= count > 0;
        if (_ownBuffer.Length == 0)
        {
            return count;
        }

        _ready = _ownBuffer.AsMemory(0, count);
        return TakeReady(buffer);
    }

    private void ReportArrival(ReadOnlySpan<byte> open)
    {
        if (_hasArrived)
        {
            _hasArrived = false;
            _owner.Arrived(open);
        }
    }

    private int TakeReady(Memory<byte> buffer)
    {
        var length = Math.Min(buffer.Length, _ready.Length);
        _ready[..length].CopyTo(buffer);
        _ready = _ready[length..];
        if (_ready.IsEmpty)
        {
            ReturnOwnBuffer();
        }

        return length;
    }

    private void ReturnOwnBuffer()
    {
        if (_ownBuffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_ownBuffer);
            _ownBuffer = [];
        }
    }

    private bool TryExplain(Exception exception, Memory<byte> buffer, Memory<byte> target, out int count)
    {
        count = Release(buffer, target);
        if (count > 0)
        {
            // The client first gets the bytes before the failure. The next read reports the failure.
            (_waiting, _isWaiting) = (ValueTask.FromException<int>(exception), true);
            return true;
        }

        if (_idleTimeout is null || _callerToken.IsCancellationRequested || exception is not (IOException or HttpRequestException or OperationCanceledException))
        {
            return false;
        }

        _filter.Drop();
        _isOver = true;
        _ready = _owner.OnFailure(exception, isSilence: exception is OperationCanceledException, _hasBegun);
        count = TakeReady(buffer);
        return true;
    }

    // On a malformed chunk the inner stream throws at once instead of returning a failed task. Both failures must reach the same error handling.
    private ValueTask<int> ReadInner(Memory<byte> room)
    {
        try
        {
            return _inner.ReadAsync(room, Token);
        }
        catch (Exception exception)
        {
            return ValueTask.FromException<int>(exception);
        }
    }
}
