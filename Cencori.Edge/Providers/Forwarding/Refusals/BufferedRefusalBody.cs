using Cencori.Edge.Providers.Forwarding.ResponseBodies;

namespace Cencori.Edge.Providers.Forwarding.Refusals;

/// <summary>The body of an error response, whose beginning was read ahead to find the cause of the error.</summary>
internal sealed class BufferedRefusalBody : PrefetchedStream
{
    /// <summary>Maximum number of bytes that are read ahead. A longer body is a web page for people and names no error code.</summary>
    public const int MaxBytes = 16 * 1024;

    // Maximum time to read ahead, because the caller waits meanwhile.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);

    private BufferedRefusalBody(Stream inner)
        : base(inner)
    {
    }

    /// <summary>Reads to the end of the body, or until the maximum length or the maximum time. If this fails, the next read throws the exception.</summary>
    public static async Task<BufferedRefusalBody> OpenAsync(Stream inner, TimeProvider time, CancellationToken cancellation)
    {
        var kept = new BufferedRefusalBody(inner);
        using var leaving = kept.CancelReadsOn(cancellation);
        using var left = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var timeout = Task.Delay(Longest, time, left.Token);
        while (kept.Beginning.Length < MaxBytes && await kept.ReadOnAsync(MaxBytes, timeout) > 0)
        {
            // The loop has no body, because its condition reads.
        }

        await left.CancelAsync();
        return kept;
    }
}
