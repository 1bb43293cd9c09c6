using Cencori.Edge.Streams;

namespace Cencori.Edge.Bodies.Buffers;

/// <summary>
/// A stream that YARP copies in place of a body that another task writes. Provides one byte for each piece that a provider has accepted. YARP resets
/// its timeout at every byte, so it waits only while the provider accepts pieces.
/// </summary>
/// <remarks>
/// Ignores the cancellation token: YARP reports a cancelled read as the caller's fault and a cancelled write as the provider's.
/// The writer of the body knows the real cause, and always calls <see cref="End"/>.
/// </remarks>
public sealed class WriteProgress : ForwardOnlyStream
{
    private readonly SemaphoreSlim _accepted = new(0);
    private volatile bool _hasEnded;

    public void Report() => _accepted.Release();

    public void End()
    {
        _hasEnded = true;
        _accepted.Release();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty)
        {
            // YARP waits in a read with an empty buffer. It rents a buffer for a second read only when that read has returned.
            await _accepted.WaitAsync(CancellationToken.None);
            return 0;
        }

        if (_hasEnded)
        {
            return 0;
        }

        buffer.Span[0] = 0;
        return 1;
    }

    // This stream is also the destination of YARP's copy. The bytes are discarded.
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => default;

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
