using Cencori.Edge.Streams;

namespace Cencori.Edge.Bodies;

/// <summary>
/// Stands in for a body that is written elsewhere, and has one byte to read for each piece of it that a provider has accepted: a copier that
/// takes every byte for a sign of life then waits for as long as pieces are accepted, and no longer.
/// </summary>
/// <remarks>
/// It asks no cancellation token, because the copier blames a cancelled read on the caller and a cancelled write on the provider. Who writes
/// the body knows better, and calls <see cref="End"/> in any case.
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
            // The copier first waits with an empty buffer, and rents one only then.
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

    // The copier needs somewhere to write to as well.
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => default;

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
