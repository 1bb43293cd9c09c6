using System.Threading.Tasks.Sources;
using Cencori.Edge.Streams;

namespace Cencori.Edge.Tests.Streams;

/// <summary>
/// A network stream on which every read waits for the test to deliver bytes, without allocating. A read
/// completes in place, on the thread that delivers. A read with an empty buffer leaves the bytes for the next read.
/// </summary>
internal sealed class TrickleStream : ForwardOnlyStream, IValueTaskSource<int>
{
    private readonly Lock _lock = new();
    private readonly byte[] _left = new byte[64 * 1024];
    private int _leftBytes;
    private ManualResetValueTaskSourceCore<int> _read;
    private Memory<byte> _buffer;
    private CancellationTokenRegistration _cancel;
    private bool _isBroken;

    public bool IsRead { get; private set; }

    public bool IsDisposedWhileRead { get; private set; }

    /// <summary>Completes the pending read with these bytes.</summary>
    public void Deliver(ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            if (!IsRead)
            {
                throw new InvalidOperationException("No read is pending.");
            }

            _cancel.Dispose();
            IsRead = false;
            if (_buffer.IsEmpty)
            {
                bytes.CopyTo(_left);
                _leftBytes = bytes.Length;
                _read.SetResult(0);
                return;
            }

            bytes.CopyTo(_buffer.Span);
            _read.SetResult(bytes.Length);
        }
    }

    /// <summary>Fails the pending read, or the next one, as a reset connection does.</summary>
    public void Break()
    {
        lock (_lock)
        {
            _isBroken = !IsRead;
            if (IsRead)
            {
                _cancel.Dispose();
                IsRead = false;
                _read.SetException(Reset());
            }
        }
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // The test runner's synchronisation context would continue an await later and on any thread.
        SynchronizationContext.SetSynchronizationContext(null);
        lock (_lock)
        {
            if (IsRead)
            {
                throw new InvalidOperationException("Two reads at once.");
            }

            if (_leftBytes > 0)
            {
                var count = Math.Min(buffer.Length, _leftBytes);
                _left.AsSpan(0, count).CopyTo(buffer.Span);
                _left.AsSpan(count, _leftBytes - count).CopyTo(_left);
                _leftBytes -= count;
                return new(count);
            }

            if (_isBroken)
            {
                _isBroken = false;
                return ValueTask.FromException<int>(Reset());
            }

            _read.Reset();
            (_buffer, IsRead) = (buffer, true);
            _cancel = cancellationToken.UnsafeRegister(static (state, token) => ((TrickleStream)state!).Cancel(token), this);
            return new(this, _read.Version);
        }
    }

    protected override void Dispose(bool disposing)
    {
        IsDisposedWhileRead = IsRead;
        base.Dispose(disposing);
    }

    private void Cancel(CancellationToken token)
    {
        IsRead = false;
        _read.SetException(new OperationCanceledException(token));
    }

    private static IOException Reset() => new("Connection reset by peer.");

    public int GetResult(short token) => _read.GetResult(token);

    public ValueTaskSourceStatus GetStatus(short token) => _read.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _read.OnCompleted(continuation, state, token, flags);
}
