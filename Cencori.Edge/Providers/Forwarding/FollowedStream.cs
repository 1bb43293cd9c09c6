using System.Runtime.CompilerServices;
using Cencori.Edge.Streams;

namespace Cencori.Edge.Providers.Forwarding;

/// <summary>A response that may tell of work which goes on behind it. What it tells is noted before the caller can read it.</summary>
internal sealed class FollowedStream(Stream inner, IResponseFollower follower) : ForwardOnlyStream
{
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var reading = inner.ReadAsync(buffer, cancellationToken);
        return reading.IsCompletedSuccessfully && !follower.HasNews ? reading : AwaitAsync(reading);
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
        if (follower.HasNews)
        {
            await follower.NoteAsync();
        }

        return read;
    }
}

/// <summary>Who notes what a response tells of work that goes on behind it.</summary>
public interface IResponseFollower
{
    /// <summary>The response has told something that is not noted yet.</summary>
    bool HasNews { get; }

    Task NoteAsync();
}
