using Cencori.Edge.Dialects;

namespace Cencori.Edge.Providers.Forwarding;

/// <summary>
/// A stream of events of which the beginning has been read, to see whether it is a response, and is still to be read by others. Nothing has been sent to the caller
/// by then, so that another provider's response can come in its place.
/// </summary>
internal sealed class PeekedEvents : PrefetchedStream
{
    private const int MaxBytes = 64 * 1024;

    // From the first byte on. Until then nobody knows more than with every provider.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    private PeekedEvents(Stream inner)
        : base(inner)
    {
    }

    /// <summary>There is no response in it: an error has come first, or the end.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>Something of a response has come.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>No event has come in the time that it had.</summary>
    public bool IsSilent { get; private set; }

    /// <summary>The error, where it is one.</summary>
    public ReadOnlyMemory<byte> Error { get; private set; }

    /// <summary>Waits until there is something that tells. What breaks meanwhile fails where it is read.</summary>
    /// <param name="inner">The response's body.</param>
    /// <param name="timeout">How long its first event may take. Null: however long.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellation">Nobody waits for it any more.</param>
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
        using var leaving = EndReadsOn(cancellation);
        using var left = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var timeout = longest is { } most ? Task.Delay(most > TimeSpan.Zero ? most : TimeSpan.Zero, time, left.Token) : null;
        var hasEvent = false;
        try
        {
            while (first.IsOpen && Beginning.Length < MaxBytes)
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
                    HasFailed = !first.HasContent;
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
