using System.Runtime.CompilerServices;
using Cencori.Edge.Streams;

namespace Cencori.Edge.Dialects;

/// <summary>
/// Rewrites a provider's response while it streams. A subclass rewrites each piece when it arrives, and buffers only bytes that it cannot
/// rewrite yet.
/// </summary>
internal abstract class RewrittenStream(Stream inner) : ForwardOnlyStream
{
    private bool _isOver;

    /// <summary>Rewritten bytes that the client has not received yet.</summary>
    protected TextBuffer Output { get; } = new();

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Output.Length > 0)
        {
            return new(Output.MoveTo(buffer.Span));
        }

        if (_isOver)
        {
            return new(0);
        }

        // The provider's bytes are read into the client's buffer, and are overwritten with the rewritten bytes.
        var reading = inner.ReadAsync(buffer, cancellationToken);
        if (buffer.IsEmpty)
        {
            return reading;
        }

        // Checks completion once: the task may complete between two checks, and a ValueTask must not be used after its result is taken.
        if (!reading.IsCompletedSuccessfully)
        {
            return AwaitAsync(reading, buffer, cancellationToken);
        }

        return TryTake(reading.Result, buffer.Span, out var count) ? new(count) : AwaitAsync(inner.ReadAsync(buffer, cancellationToken), buffer, cancellationToken);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
            Output.Clear();
            Release();
        }

        base.Dispose(disposing);
    }

    /// <summary>Rewrites the provider's next bytes. A piece may be cut anywhere.</summary>
    protected abstract void Rewrite(ReadOnlySpan<byte> piece);

    /// <summary>Called when the provider's response has ended.</summary>
    protected abstract void End();

    /// <summary>Ends the stream after the current output. Further bytes of the provider are ignored.</summary>
    protected void Stop() => _isOver = true;

    /// <summary>Returns pooled buffers. May be called more than once.</summary>
    protected abstract void Release();

    // The async state is pooled, because a stream of thousands of chunks awaits thousands of times.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> AwaitAsync(ValueTask<int> reading, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (TryTake(await reading, buffer.Span, out var count))
            {
                return count;
            }

            reading = inner.ReadAsync(buffer, cancellationToken);
        }
    }

    private bool TryTake(int read, Span<byte> buffer, out int count)
    {
        if (read > 0)
        {
            Rewrite(buffer[..read]);
        }
        else
        {
            Stop();
            End();
            Release();
        }

        count = Output.MoveTo(buffer);
        return count > 0 || _isOver;
    }
}
