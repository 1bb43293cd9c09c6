namespace Cencori.Edge.Tests.Policies.Detectors;

/// <summary>Tells linear work from work that grows faster than its text, on a machine of any speed and with any load.</summary>
internal static class LinearTime
{
    private const int Short = 8 * 1024;
    private const int Long = 16 * Short;

    // The growth that is allowed is this times that of the text. Work with the square of the length grows 16 times as much as the text.
    private const int Tolerance = 4;

    private const int MaxTries = 10;

    // Below this, caches and the clock decide about the growth. Work with the square of the length takes longer.
    private static readonly TimeSpan Negligible = TimeSpan.FromMilliseconds(2);

    // 3 µs for each character. Linear work takes less than a tenth of it on an idle core; work that reads thousands of characters again for each one takes more.
    private static readonly TimeSpan Max = TimeSpan.FromMilliseconds(400);

    /// <summary>Reads a text of 8 Ki characters and one of 128 Ki characters, and compares the times.</summary>
    /// <param name="piece">What the texts repeat.</param>
    /// <param name="read">The work to measure. It must not keep anything of an earlier call.</param>
    /// <returns>The time of the long text.</returns>
    public static TimeSpan Assert(string piece, Action<string> read)
    {
        var (few, many) = (Repeated(piece, Short), Repeated(piece, Long));
        read(few);
        for (var tries = 1; ; tries++)
        {
            var first = Enumerable.Range(0, 3).Min(_ => ThreadTime.Of(() => read(few)));
            var second = ThreadTime.Of(() => read(many));
            if (second <= Negligible || (second <= Max && second <= first * Tolerance * many.Length / few.Length))
            {
                return second;
            }

            Xunit.Assert.True(tries < MaxTries, $"{few.Length} characters take {first.TotalMilliseconds:f1} ms, {many.Length} take {second.TotalMilliseconds:f1} ms: {piece[..Math.Min(60, piece.Length)]}");
        }
    }

    private static string Repeated(string piece, int length) => string.Concat(Enumerable.Repeat(piece, Math.Max(1, length / piece.Length)));
}
