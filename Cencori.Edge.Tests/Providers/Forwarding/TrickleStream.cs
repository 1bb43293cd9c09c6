using System.Threading.Tasks.Sources;
using Cencori.Edge.Streams;

namespace Cencori.Edge.Tests.Providers.Forwarding;

/// <summary>
/// A network stream whose every read has to wait for the test, and which itself allocates nothing for that. A read is
/// completed in place, on the thread of whoever delivers.
/// </summary>
internal sealed class TrickleStream : ForwardOnlyStream, IValueTaskSource<int>
{
    private ManualResetValueTaskSourceCore<int> _read;
    private Memory<byte> _buffer;
    private CancellationTokenRegistration _cancel;

    /// <summary>Ends the read under way with these bytes.</summary>
    public void Deliver(ReadOnlySpan<byte> bytes)
    {
        _cancel.Dispose();
        bytes.CopyTo(_buffer.Span);
        _read.SetResult(bytes.Length);
    }

    /// <summary>Ends the read under way as a reset connection does.</summary>
    public void Break()
    {
        _cancel.Dispose();
        _read.SetException(new IOException("Connection reset by peer."));
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _read.Reset();
        _buffer = buffer;
        _cancel = cancellationToken.UnsafeRegister(static (state, token) => ((TrickleStream)state!).Cancel(token), this);
        return new(this, _read.Version);
    }

    private void Cancel(CancellationToken token) => _read.SetException(new OperationCanceledException(token));

    public int GetResult(short token) => _read.GetResult(token);

    public ValueTaskSourceStatus GetStatus(short token) => _read.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _read.OnCompleted(continuation, state, token, flags);
}
