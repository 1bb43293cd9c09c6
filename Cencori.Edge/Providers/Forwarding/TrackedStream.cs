using System.Runtime.CompilerServices;
using Cencori.Edge.Streams;

namespace Cencori.Edge.Providers.Forwarding;

/// <summary>A response of which somebody notes what it tells, before the caller can read it: of work that goes on behind it, or of its end.</summary>
internal sealed class TrackedStream(Stream inner, IResponseFollower follower) : ForwardOnlyStream
{
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var reading = inner.ReadAsync(buffer, cancellationToken);
        return reading.IsCompletedSuccessfully && !follower.HasPendingChanges ? reading : AwaitAsync(reading);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    // Pooled: a stream of thousands of chunks waits thousands of times.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> AwaitAsync(ValueTask<int> reading)
    {
        var read = await reading;
        if (follower.HasPendingChanges)
        {
            await follower.NoteAsync();
        }

        return read;
    }
}

/// <summary>Who notes what a response tells.</summary>
public interface IResponseFollower
{
    /// <summary>The response has told something that is not noted yet.</summary>
    bool HasPendingChanges { get; }

    Task NoteAsync();
}
