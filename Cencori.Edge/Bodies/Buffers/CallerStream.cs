using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Cencori.Edge.Streams;
using Microsoft.AspNetCore.Connections;

namespace Cencori.Edge.Bodies.Buffers;

/// <summary>
/// Reads the caller's body while it arrives. The timeout limits the sum of all waits for the caller's bytes. Without that limit, a slow upload
/// could hold memory, a concurrency slot and a connection for as long as the caller likes.
/// </summary>
/// <remarks>
/// The timeout cancels a pending read through the server's own <c>PipeReader</c>. Cancelling the server's stream by token sometimes leaves a read
/// pending while the server drains the rest of the body; the server then logs an error.
/// </remarks>
internal sealed class CallerStream(PipeReader body, TimeSpan timeout, TimeProvider time) : ForwardOnlyStream
{
    // Null until a wait begins: most bodies have arrived when they are read.
    private Lock? _gate;
    private ITimer? _timer;
    private bool _isWaiting;
    private long _waited;
    private volatile bool _isOver;

    /// <exception cref="BadHttpRequestException">The body is broken, too large, or too slow.</exception>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var reading = body.ReadAsync(CancellationToken.None);
        return reading.IsCompletedSuccessfully ? new(Take(reading.Result, buffer.Span, cancellationToken)) : WaitAsync(reading, buffer, cancellationToken);
    }

    protected override void Dispose(bool disposing)
    {
        _timer?.Dispose();
        base.Dispose(disposing);
    }

    // Uses a pooled builder: reading a large body waits thousands of times, and each wait would allocate.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> WaitAsync(ValueTask<ReadResult> reading, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var left = timeout - time.GetElapsedTime(0, _waited);
        _timer ??= time.CreateTimer(static self => ((CallerStream)self!).GiveUp(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _gate ??= new();
        lock (_gate)
        {
            _isWaiting = true;
        }

        _timer.Change(left > TimeSpan.Zero ? left : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        var given = cancellationToken.UnsafeRegister(static self => ((CallerStream)self!).Cancel(), this);
        try
        {
            var read = await reading;
            EndWait();
            return Take(read, buffer.Span, cancellationToken);
        }
        catch (ConnectionAbortedException exception)
        {
            throw new TaskCanceledException("The caller has left.", exception);
        }
        finally
        {
            // Not Dispose, which would wait for a running callback. This code may run within the lock for which that callback waits.
            given.Unregister();
            EndWait();
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _waited += time.GetTimestamp() - started;
        }
    }

    private int Take(ReadResult read, Span<byte> buffer, CancellationToken cancellationToken)
    {
        var arrived = read.Buffer;
        if (read.IsCanceled)
        {
            body.AdvanceTo(arrived.Start);
            cancellationToken.ThrowIfCancellationRequested();
            throw _isOver ? new BadHttpRequestException("The request body arrived too slowly.", StatusCodes.Status408RequestTimeout) : new OperationCanceledException();
        }

        // Copies before AdvanceTo: the reader may reuse this memory afterwards.
        var length = (int)Math.Min(arrived.Length, buffer.Length);
        var taken = arrived.Slice(0, length);
        taken.CopyTo(buffer);
        body.AdvanceTo(taken.End);
        return length;
    }

    private void EndWait()
    {
        lock (_gate!)
        {
            _isWaiting = false;
        }
    }

    private void GiveUp()
    {
        _isOver = true;
        Cancel();
    }

    // A timer may fire when its read has ended. The server's reader then may belong to the next request of the connection.
    private void Cancel()
    {
        lock (_gate!)
        {
            if (!_isWaiting)
            {
                return;
            }

            try
            {
                body.CancelPendingRead();
            }
            catch (Exception)
            {
                // The reader throws if the caller has just left. The read then fails by itself. An exception in a timer would end the process.
            }
        }
    }
}
