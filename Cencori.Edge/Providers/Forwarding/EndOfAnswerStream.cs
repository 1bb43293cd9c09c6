using System.Runtime.CompilerServices;
using Cencori.Edge.Streams;

namespace Cencori.Edge.Providers.Forwarding;

/// <summary>
/// Shows an answer to its meter as it passes, and tells when its last byte has been read: before the client can have it, so that
/// a client which sends its next request at once finds the slot of this one free.
/// </summary>
/// <param name="inner">The provider's answer.</param>
/// <param name="length">Its promised length. Null: it ends where it ends.</param>
/// <param name="isEventStream">It is over for clients at <c>[DONE]</c>, whatever the provider does with the connection.</param>
/// <param name="attempt">Its <see cref="Attempt.Complete"/> is called at the end, and never where the answer breaks off.</param>
/// <param name="time">The clock of the attempt's timestamps.</param>
public sealed class EndOfAnswerStream(Stream inner, long? length, bool isEventStream, Attempt attempt, TimeProvider time) : ForwardOnlyStream
{
    private long? _left = length;

    private static ReadOnlySpan<byte> Done => "[DONE]"u8;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var reading = inner.ReadAsync(buffer, cancellationToken);
        return reading.IsCompletedSuccessfully ? new(Note(buffer, reading.Result)) : AwaitAsync(reading, buffer);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> AwaitAsync(ValueTask<int> reading, Memory<byte> buffer) => Note(buffer, await reading);

    private int Note(Memory<byte> buffer, int read)
    {
        // A read into no room only waits; its 0 is not the end.
        if (buffer.IsEmpty)
        {
            return read;
        }

        if (read > 0)
        {
            attempt.LastByteAt = time.GetTimestamp();
            attempt.FirstByteAt = attempt.FirstByteAt == 0 ? attempt.LastByteAt : attempt.FirstByteAt;
            attempt.Meter?.Read(buffer.Span[..read]);
            attempt.Payload?.Read(buffer.Span[..read]);
        }

        _left -= read;
        if (read == 0 || _left == 0 || (isEventStream && buffer.Span[..read].TrimEnd("\r\n"u8).EndsWith(Done)))
        {
            attempt.Complete();
        }

        return read;
    }
}
