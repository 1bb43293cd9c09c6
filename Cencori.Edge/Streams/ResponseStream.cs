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
/// become a write to the client. A read with an empty buffer tells whether more bytes are available. If that empty read must wait, the available
/// bytes go to the client now, and the next call waits for the empty read.
/// </remarks>
public sealed partial class ResponseStream : ForwardOnlyStream
{
    private const int MinRoom = 4 * 1024;

    // The smallest buffer if events are held: the largest event, and room for a read after it.
    private const int MinHoldingRoom = EventFilter.MaxEventBytes + MinRoom;

    private readonly Stream _inner;
    private readonly IResponseOwner _owner;
    private readonly IdleTimeout? _silence;
    private EventFilter _sieve;
    private DataLines _data;
    private long? _left;
    private CancellationTokenSource? _stop;
    private CancellationToken _callerToken;
    private CancellationTokenRegistration _caller;

    // A read with an empty buffer that is pending, or any read that has failed. The next call takes its result.
    private ValueTask<int> _waiting;
    private bool _isWaiting;
    private bool _readsOn = true;
    private bool _isOver;
    private bool _hasNews;

    /// <param name="inner">The provider's body.</param>
    /// <param name="owner">Is notified of the response's progress.</param>
    /// <param name="observers">In the order in which they see the response.</param>
    /// <param name="isEventStream">False: the response is one document.</param>
    /// <param name="length">The announced length. Null: unknown.</param>
    /// <param name="silence">Is told when event data arrives. Null: there is no timeout, and a broken response throws.</param>
    public ResponseStream(Stream inner, IResponseOwner owner, IResponseObserver[] observers, bool isEventStream, long? length, IdleTimeout? silence)
    {
        (_inner, _owner, _left, _silence, _stop) = (inner, owner, length, silence, silence?.Stop);
        _sieve = new(observers, isEventStream);
    }

    /// <summary>How many bytes of the response are kept in memory.</summary>
    public int KeptBytes => _sieve.KeptBytes + _spare.Length;

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

            // A ValueTask must be consumed, because a pooled source may be behind it.
            _ = waiting.Result;
            if (buffer.IsEmpty)
            {
                return new(0);
            }
        }

        var target = Begin(buffer);
        var reading = ReadInner(target[_sieve.End..]);
        return TryTake(target, ref reading) ? new(HandOver(buffer, target)) : AwaitAsync(reading, isForRoom: true, buffer, target);
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
            _silence?.Dispose();
            _inner.Dispose();
            _sieve.Drop();
            ReturnSpare();
            _ready = default;
        }

        base.Dispose(disposing);
    }

    // Pooled, because a stream of thousands of chunks awaits thousands of times.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> AwaitAsync(ValueTask<int> reading, bool isForRoom, Memory<byte> buffer, Memory<byte> target)
    {
        try
        {
            do
            {
                _silence?.Begin();
                var read = await reading;
                _silence?.End();
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
                    reading = ReadInner(target[_sieve.End..]);
                }
            }
            while (!TryTake(target, ref reading));
            return HandOver(buffer, target);
        }
        catch (Exception exception)
        {
            _silence?.End();
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
        if (_sieve.Holds && buffer.Length < MinHoldingRoom)
        {
            target = _spare = ArrayPool<byte>.Shared.Rent(MinHoldingRoom);
        }

        _sieve.Begin(target.Span);
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
                if (_sieve.Finish(target.Span, _owner))
                {
                    _isOver = true;
                    return true;
                }

                reading = ValueTask.FromException<int>(new EndOfStreamException("The stream ended before the response was complete."));
                break;
            }

            if (_silence is not null && _data.AreIn(target.Span.Slice(_sieve.End, read)))
            {
                _silence.Reset();
            }

            _sieve.Add(target.Span, read);
            _left -= read;
            _hasNews = true;
            if (_sieve.HasPassed && !IsMoreThere(target))
            {
                return true;
            }

            reading = ReadInner(target[_sieve.End..]);
        }

        if (_sieve.HasPassed && reading.IsCompleted)
        {
            (_waiting, _isWaiting) = (reading, true);
            return true;
        }

        // The empty read completed, but the real read is pending: this inner stream completes empty reads without bytes. So reading ahead ends. The bytes that may pass wait this once.
        _readsOn &= !_sieve.HasPassed;
        Tell(_sieve.OpenIn(target.Span));
        return false;
    }

    private bool IsMoreThere(Memory<byte> target)
    {
        if (!_readsOn || _left <= 0 || target.Length - _sieve.End < MinRoom)
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
