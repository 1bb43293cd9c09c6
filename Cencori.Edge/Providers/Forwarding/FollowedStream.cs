using Cencori.Edge.Streams;

namespace Cencori.Edge.Providers.Forwarding;

/// <summary>A response that may tell of work which goes on behind it. What it tells is noted before the caller can read it.</summary>
internal sealed class FollowedStream(Stream inner, IResponseFollower follower) : ForwardOnlyStream
{
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await inner.ReadAsync(buffer, cancellationToken);
        if (follower.HasNews)
        {
            await follower.NoteAsync();
        }

        return read;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }
}

/// <summary>Who notes what a response tells of work that goes on behind it.</summary>
public interface IResponseFollower
{
    /// <summary>The response has told something that is not noted yet.</summary>
    bool HasNews { get; }

    Task NoteAsync();
}
