namespace Cencori.Edge.Policies.Detectors.Secrets;

/// <summary>Measures how random a text looks.</summary>
internal static class Entropy
{
    /// <summary>Number of characters that are measured. The rest of a longer text is ignored.</summary>
    public const int MaxLength = 255;

    // The values of n · log2 n.
    private static readonly double[] Terms = [0, .. Enumerable.Range(1, MaxLength).Select(count => count * Math.Log2(count))];

    /// <summary>Shannon entropy in bits per character. Measures only the first <see cref="MaxLength"/> characters. All non-ASCII characters count as the same one.</summary>
    public static double Of(ReadOnlySpan<char> text)
    {
        text = text[..Math.Min(text.Length, MaxLength)];
        Span<byte> counts = stackalloc byte[128];
        counts.Clear();
        foreach (var character in text)
        {
            counts[character < 128 ? character : 127]++;
        }

        var sum = 0.0;
        foreach (var count in counts)
        {
            sum += Terms[count];
        }

        return text.IsEmpty ? 0 : Math.Log2(text.Length) - sum / text.Length;
    }
}
