namespace Cencori.Edge.Providers.Forwarding;

/// <summary>A refusal's body, of which as much was read and kept as a refusal has to say.</summary>
internal sealed class BufferedRefusalBody : PrefetchedStream
{
    /// <summary>Bytes that are kept at most. What is longer is a page for people.</summary>
    public const int MaxBytes = 16 * 1024;

    // Whoever asks waits meanwhile.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);

    private BufferedRefusalBody(Stream inner)
        : base(inner)
    {
    }

    /// <summary>Waits for its end, or until it is too long or too slow. What breaks meanwhile fails where it is read.</summary>
    public static async Task<BufferedRefusalBody> OpenAsync(Stream inner, TimeProvider time, CancellationToken cancellation)
    {
        var kept = new BufferedRefusalBody(inner);
        using var leaving = kept.EndReadsOn(cancellation);
        using var left = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var timeout = Task.Delay(Longest, time, left.Token);
        while (kept.Beginning.Length < MaxBytes && await kept.ReadOnAsync(MaxBytes, timeout) > 0)
        {
            // The next piece.
        }

        await left.CancelAsync();
        return kept;
    }
}
