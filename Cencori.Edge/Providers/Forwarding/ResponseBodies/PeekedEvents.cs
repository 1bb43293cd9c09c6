using Cencori.Edge.Dialects;

namespace Cencori.Edge.Providers.Forwarding.ResponseBodies;

/// <summary>
/// An event stream whose beginning was read ahead, to see whether a response has begun. Nothing has been sent to the caller by then,
/// so another provider's response can replace it.
/// </summary>
internal sealed class PeekedEvents : PrefetchedStream
{
    private const int MaxBytes = 64 * 1024;

    // Maximum time to read ahead after the first byte. Before the first byte, the usual timeouts apply.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    private PeekedEvents(Stream inner)
        : base(inner)
    {
    }

    /// <summary>True: an error, or the end of the stream, came before any output.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>True: output has come, or only other events without an error came before the edge stopped reading ahead.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>True: no event came before the timeout.</summary>
    public bool IsSilent { get; private set; }

    /// <summary>The JSON of the error. Empty: no error came.</summary>
    public ReadOnlyMemory<byte> Error { get; private set; }

    /// <summary>Reads events until they show whether the response has begun or has failed. If this fails, the next read throws the exception.</summary>
    /// <param name="inner">The response's body.</param>
    /// <param name="timeout">How long the first event may take. Null: no timeout.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellation">Cancelled when the caller disconnects.</param>
    public static async Task<PeekedEvents> OpenAsync(Stream inner, TimeSpan? timeout, TimeProvider time, CancellationToken cancellation)
    {
        var peeked = new PeekedEvents(inner);
        await peeked.PeekAsync(timeout, time, cancellation);
        return peeked;
    }

    private async Task PeekAsync(TimeSpan? longest, TimeProvider time, CancellationToken cancellation)
    {
        var first = new FirstEvent();
        var events = new EventReader(first);
        using var leaving = CancelReadsOn(cancellation);
        using var left = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var timeout = longest is { } max ? Task.Delay(max > TimeSpan.Zero ? max : TimeSpan.Zero, time, left.Token) : null;
        var hasEvent = false;
        try
        {
            while (first.IsUndecided && Beginning.Length < MaxBytes)
            {
                var before = Beginning.Length;
                if (await ReadOnAsync(MaxBytes, timeout) is not { } read)
                {
                    IsSilent = longest is not null && !hasEvent && !IsBroken;
                    return;
                }

                if (read == 0)
                {
                    events.Finish();
                    (HasFailed, Error) = (!first.HasContent, first.Error);
                    return;
                }

                events.Read(Beginning[before..]);
                if (!hasEvent && (first.HasEvent || timeout is null))
                {
                    (hasEvent, timeout) = (first.HasEvent, Task.Delay(Longest, time, left.Token));
                }
            }

            (HasFailed, Error) = (first.HasFailed, first.Error);
        }
        finally
        {
            HasBegun = first.HasContent || (hasEvent && !HasFailed && !IsBroken);
            events.Release();
            await left.CancelAsync();
        }
    }
}
