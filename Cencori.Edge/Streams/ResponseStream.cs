using System.Buffers;
using System.Runtime.CompilerServices;

#pragma warning disable CA2012 // A pending read outlives the call that began it, but is still consumed exactly once.

namespace Cencori.Edge.Streams;

/// <summary>
/// A provider's response as the client reads it: the same bytes in one pass, shown to the observers in order, and without the events that an
/// observer removed.
/// </summary>
/// <remarks>
/// One read takes all bytes that are available at once, up to the size of the buffer. A connection gives about 3 KB per read, and each read would
/// become a write to the client. A read with an empty buffer shows whether more bytes are available. If that empty read must wait, the available
/// bytes go to the client now, and the next call waits for the empty read.
/// </remarks>
public sealed partial class ResponseStream : ForwardOnlyStream
{
    private const int MinBuffer = 4 * 1024;

    // The smallest buffer if events are held: the largest event, and room for a read after it.
    private const int MinBufferWithHeldEvent = EventFilter.MaxEventBytes + MinBuffer;

    private readonly Stream _inner;
    private readonly IResponseOwner _owner;
    private readonly IdleTimeout? _idleTimeout;
    private EventFilter _filter;
    private DataLines _data;
    private long? _remaining;
    private CancellationTokenSource? _stop;
    private CancellationToken _callerToken;
    private CancellationTokenRegistration _caller;

    // A read with an empty buffer that is pending, or any read that has failed. The next call takes its result.
    private ValueTask<int> _waiting;
    private bool _isWaiting;
    private bool _readsAhead = true;
    private bool _isOver;
    private bool _hasArrived;

    /// <param name="inner">The provider's body.</param>
    /// <param name="owner">Is notified of the response's progress.</param>
    /// <param name="observers">In the order in which they see the response.</param>
    /// <param name="isEventStream">False: the response is one document.</param>
    /// <param name="length">The announced length. Null: unknown.</param>
    /// <param name="idleTimeout">Is restarted when event data arrives. Null: there is no timeout, and a broken response throws.</param>
    public ResponseStream(Stream inner, IResponseOwner owner, IResponseObserver[] observers, bool isEventStream, long? length, IdleTimeout? idleTimeout)
    {
        (_inner, _owner, _remaining, _idleTimeout, _stop) = (inner, owner, length, idleTimeout, idleTimeout?.Stop);
        _filter = new(observers, isEventStream);
    }

    /// <summary>How many bytes of the response are kept in memory.</summary>
    public int KeptBytes => _filter.KeptBytes + _ownBuffer.Length;

    private CancellationToken Token => _stop?.Token ?? _callerToken;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!_ready.IsEmpty)
        {
            return new(TakeReady(buffer));
        }

        if (_isOver)
        {
            return new(0);
        }

        Follow(cancellationToken);
        if (_isWaiting || buffer.IsEmpty)
        {
            var waiting = _isWaiting ? _waiting : ReadInner(Memory<byte>.Empty);
            (_waiting, _isWaiting) = (default, false);
            if (!waiting.IsCompletedSuccessfully)
            {
                return AwaitAsync(waiting, isForRoom: false, buffer, buffer);
            }

            // A ValueTask must be consumed, because it may use a pooled source.
            _ = waiting.Result;
            if (buffer.IsEmpty)
            {
                return new(0);
            }
        }

        var target = Begin(buffer);
        var reading = ReadInner(target[_filter.End..]);
        return TryTake(target, ref reading) ? new(Release(buffer, target)) : AwaitAsync(reading, isForRoom: true, buffer, target);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            if (_isWaiting && !_waiting.IsCompleted)
            {
                // Disposing drains the connection. A pending read must end first, or two readers would use the connection at once.
                _stop!.Cancel();
            }

            _caller.Dispose();
            _idleTimeout?.Dispose();
            _inner.Dispose();
            _filter.Drop();
            ReturnOwnBuffer();
            _ready = default;
        }

        base.Dispose(disposing);
    }

    // The method's state is pooled, because a stream of thousands of chunks awaits thousands of times.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> AwaitAsync(ValueTask<int> reading, bool isForRoom, Memory<byte> buffer, Memory<byte> target)
    {
        try
        {
            do
            {
                _idleTimeout?.Begin();
                var read = await reading;
                _idleTimeout?.End();
                if (isForRoom)
                {
                    reading = new(read);
                }
                else if (buffer.IsEmpty)
                {
                    return 0;
                }
                else
                {
                    isForRoom = true;
                    target = Begin(buffer);
                    reading = ReadInner(target[_filter.End..]);
                }
            }
            while (!TryTake(target, ref reading));
            return Release(buffer, target);
        }
        catch (Exception exception)
        {
            _idleTimeout?.End();
            if (!TryExplain(exception, buffer, target, out var count))
            {
                throw;
            }

            return count;
        }
    }

    private void Follow(CancellationToken caller)
    {
        // YARP's copier passes the same token to every read, so one registration is enough for the stream.
        _callerToken = caller;
        if (_stop is not null && _caller.Token != caller)
        {
            _caller.Dispose();
            _caller = caller.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _stop);
        }
    }

    private Memory<byte> Begin(Memory<byte> buffer)
    {
        var target = buffer;
        if (_filter.Holds && buffer.Length < MinBufferWithHeldEvent)
        {
            target = _ownBuffer = ArrayPool<byte>.Shared.Rent(MinBufferWithHeldEvent);
        }

        _filter.Begin(target.Span);
        return target;
    }

    /// <summary>Processes the bytes of this read, and of further reads while bytes are available at once.</summary>
    /// <returns>False: nothing can be handed over before <paramref name="reading"/> completes.</returns>
    private bool TryTake(Memory<byte> target, ref ValueTask<int> reading)
    {
        while (reading.IsCompletedSuccessfully)
        {
            var read = reading.Result;
            if (read == 0)
            {
                if (_filter.Finish(target.Span, _owner))
                {
                    _isOver = true;
                    return true;
                }

                reading = ValueTask.FromException<int>(new EndOfStreamException("The stream ended before the response was complete."));
                break;
            }

            if (_idleTimeout is not null && _data.ContainsData(target.Span.Slice(_filter.End, read)))
            {
                _idleTimeout.Reset();
            }

            _filter.Add(target.Span, read);
            _remaining -= read;
            _hasArrived = true;
            if (_filter.HasPassed && !HasMore(target))
            {
                return true;
            }

            reading = ReadInner(target[_filter.End..]);
        }

        if (_filter.HasPassed && reading.IsCompleted)
        {
            (_waiting, _isWaiting) = (reading, true);
            return true;
        }

        // If bytes for the client are in the buffer at this point, a read with an empty buffer completed, but the read after it is pending. So the inner stream
        // completes empty reads although no bytes are available, and reading ahead is switched off for the rest of the response. The bytes in the buffer
        // must wait for the pending read. This happens at most once per response.
        _readsAhead &= !_filter.HasPassed;
        ReportArrival(_filter.OpenIn(target.Span));
        return false;
    }

    private bool HasMore(Memory<byte> target)
    {
        if (!_readsAhead || _remaining <= 0 || target.Length - _filter.End < MinBuffer)
        {
            return false;
        }

        if (_stop is null)
        {
            _stop = new();
            Follow(_callerToken);
        }

        var waiting = ReadInner(Memory<byte>.Empty);
        if (!waiting.IsCompletedSuccessfully)
        {
            (_waiting, _isWaiting) = (waiting, true);
            return false;
        }

        _ = waiting.Result;
        return true;
    }
}
