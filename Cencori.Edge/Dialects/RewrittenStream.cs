using System.Runtime.CompilerServices;
using Cencori.Edge.Streams;

namespace Cencori.Edge.Dialects;

/// <summary>
/// A response that is told otherwise than its provider tells it. What a read brings is rewritten at once; between reads nothing is held but
/// what is not whole yet.
/// </summary>
internal abstract class RewrittenStream(Stream inner) : ForwardOnlyStream
{
    private bool _isOver;

    /// <summary>What the client reads next.</summary>
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

        // The client's buffer has room for what is read, and only then for what becomes of it.
        var reading = inner.ReadAsync(buffer, cancellationToken);
        if (buffer.IsEmpty)
        {
            return reading;
        }

        // Asked once: it may be done a moment later, and is nobody's any more once its result is taken.
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

    /// <summary>The next bytes of the provider, cut anywhere.</summary>
    protected abstract void Rewrite(ReadOnlySpan<byte> piece);

    /// <summary>There is nothing more.</summary>
    protected abstract void End();

    /// <summary>The client reads what there is, and no more, whatever the provider sends.</summary>
    protected void Stop() => _isOver = true;

    /// <summary>Gives back what is held. May be called more than once.</summary>
    protected abstract void Release();

    // Pooled: a stream of thousands of chunks waits thousands of times.
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
