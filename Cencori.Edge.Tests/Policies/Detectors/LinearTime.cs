namespace Cencori.Edge.Tests.Policies.Detectors;

/// <summary>Tells work that is linear in its text from work that grows faster, on slow and on busy machines.</summary>
internal static class LinearTime
{
    private const int ShortLength = 32 * 1024;
    private const int LongLength = 16 * ShortLength;

    // The time may grow by this factor more than the length. Work with the square of the length grows by 16 more.
    private const int Tolerance = 3;

    private const int MaxTries = 10;

    // Below this, caches and the clock decide about the growth.
    private static readonly TimeSpan Negligible = TimeSpan.FromMilliseconds(2);

    // 4 µs for each character. Linear work takes a tenth of that on a slow machine. Work that reads thousands of characters again for each one takes more.
    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(2);

    /// <summary>Reads a text of 32 Ki characters and one of 512 Ki characters, and compares the times. Fails the test if the work is not linear.</summary>
    /// <param name="piece">What the texts repeat.</param>
    /// <param name="read">The work to measure. It must not keep anything of an earlier call.</param>
    /// <returns>The time of the long text.</returns>
    public static TimeSpan Verify(string piece, Action<string> read)
    {
        var (shortText, longText) = (Repeated(piece, ShortLength), Repeated(piece, LongLength));
        read(shortText);
        for (var tries = 1; ; tries++)
        {
            var shortTime = Enumerable.Range(0, 3).Min(_ => ThreadTime.Of(() => read(shortText)));
            var longTime = ThreadTime.Of(() => read(longText));
            if (longTime <= Negligible || (longTime <= MaxTime && longTime <= shortTime * Tolerance * longText.Length / shortText.Length))
            {
                return longTime;
            }

            Assert.True(tries < MaxTries, $"{shortText.Length} characters take {shortTime.TotalMilliseconds:f1} ms, {longText.Length} take {longTime.TotalMilliseconds:f1} ms: {piece[..Math.Min(60, piece.Length)]}");
        }
    }

    private static string Repeated(string piece, int length) => string.Concat(Enumerable.Repeat(piece, Math.Max(1, length / piece.Length)));
}
