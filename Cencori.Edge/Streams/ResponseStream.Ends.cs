using System.Buffers;

#pragma warning disable CA2012 // A read that is under way outlives the call that began it, and is consumed once all the same.

namespace Cencori.Edge.Streams;

/// <summary>What leaves the stream: bytes that may pass, and the end in each of its ways.</summary>
public sealed partial class ResponseStream
{
    // Has room for events that are held, where the caller's buffer has not.
    private byte[] _spare = [];

    // Has passed already, and comes first.
    private ReadOnlyMemory<byte> _ready;
    private bool _hasBegun;

    private int HandOver(Memory<byte> buffer, Memory<byte> target)
    {
        var count = _sieve.HandOver(target.Span);
        Tell(_sieve.Open);
        if (_isOver || _left <= 0)
        {
            _owner.Ended();
        }

        _hasBegun |= count > 0;
        if (_spare.Length == 0)
        {
            return count;
        }

        _ready = _spare.AsMemory(0, count);
        return TakeReady(buffer);
    }

    private void Tell(ReadOnlySpan<byte> open)
    {
        if (_hasNews)
        {
            _hasNews = false;
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
            ReturnSpare();
        }

        return length;
    }

    private void ReturnSpare()
    {
        if (_spare.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_spare);
            _spare = [];
        }
    }

    private bool TryExplain(Exception exception, Memory<byte> buffer, Memory<byte> target, out int count)
    {
        count = HandOver(buffer, target);
        if (count > 0)
        {
            // The client has what has come before it learns of the rest.
            (_waiting, _isWaiting) = (ValueTask.FromException<int>(exception), true);
            return true;
        }

        if (_silence is null || _callerToken.IsCancellationRequested || exception is not (IOException or HttpRequestException or OperationCanceledException))
        {
            return false;
        }

        _sieve.Drop();
        _isOver = true;
        _ready = _owner.Broke(exception, isSilence: exception is OperationCanceledException, _hasBegun);
        count = TakeReady(buffer);
        return true;
    }

    // What has come of a chunk that is none is thrown at once and not by the read, and has to be explained as well.
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
