namespace Cencori.Edge.Providers.Forwarding;

/// <summary>A refusal's body, of which as much was read and kept as a refusal has to say.</summary>
internal sealed class KeptBody : BegunStream
{
    /// <summary>Bytes that are kept at most. What is longer is a page for people.</summary>
    public const int MostBytes = 16 * 1024;

    // Whoever asks waits meanwhile.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);

    // A read that is still under way when nobody wants the rest would get into the way of the next one on the connection.
    private readonly CancellationTokenSource _reads = new();
    private bool _isDisposed;

    private KeptBody(Stream inner)
        : base(inner)
    {
    }

    /// <summary>Waits for its end, or until it is too long or too slow. What breaks meanwhile fails where it is read.</summary>
    public static async Task<KeptBody> OpenAsync(Stream inner, TimeProvider time, CancellationToken cancellation)
    {
        var kept = new KeptBody(inner);
        using var leaving = cancellation.UnsafeRegister(static kept => ((KeptBody)kept!)._reads.Cancel(), kept);
        using var left = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var patience = Task.Delay(Longest, time, left.Token);
        while (kept.Beginning.Length < MostBytes && await kept.ReadOnAsync(MostBytes, patience, kept._reads.Token) > 0)
        {
            // The next piece.
        }

        await left.CancelAsync();
        return kept;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_isDisposed)
        {
            _isDisposed = true;
            _reads.Cancel();
            _reads.Dispose();
        }

        base.Dispose(disposing);
    }
}
