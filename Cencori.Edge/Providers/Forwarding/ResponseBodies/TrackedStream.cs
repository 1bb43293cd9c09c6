using System.Runtime.CompilerServices;
using Cencori.Edge.Streams;

namespace Cencori.Edge.Providers.Forwarding.ResponseBodies;

/// <summary>A response stream that lets its follower record what the response reports (background work, or the end) before the caller reads those bytes.</summary>
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

    // Pooled, because a stream of thousands of chunks awaits thousands of times.
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

/// <summary>Records what a response reports.</summary>
public interface IResponseFollower
{
    /// <summary>True: the response reported something that is not recorded yet.</summary>
    bool HasPendingChanges { get; }

    Task NoteAsync();
}
