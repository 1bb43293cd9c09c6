namespace Cencori.Edge.Policies.Detectors;

/// <summary>How little a text looks like something that a person has written.</summary>
internal static class Entropy
{
    /// <summary>Longest text that is looked at.</summary>
    public const int MaxLength = 255;

    // n · log2 n
    private static readonly double[] Terms = [0, .. Enumerable.Range(1, MaxLength).Select(count => count * Math.Log2(count))];

    /// <summary>Shannon's, of its characters, in bits for each. Only the first <see cref="MaxLength"/> characters count; what is not ASCII counts as one character.</summary>
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
