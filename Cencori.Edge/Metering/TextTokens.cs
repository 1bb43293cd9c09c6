using Microsoft.ML.Tokenizers;

namespace Cencori.Edge.Metering;

/// <summary>
/// Real token counts, by the vocabulary of OpenAI's models of today. It takes a noticeable moment to load, so it is loaded once, and the
/// host may ask for it early.
/// </summary>
internal static class TextTokens
{
    private const int LongestStretch = 256;

    private static readonly Lazy<TiktokenTokenizer> Tokenizer = new(() => TiktokenTokenizer.CreateForEncoding("o200k_base"));

    public static void Warm() => Count("warm");

    public static int Count(ReadOnlySpan<char> text, CancellationToken aborted = default)
    {
        var count = 0;
        for (var start = 0; start < text.Length;)
        {
            aborted.ThrowIfCancellationRequested();
            var end = EndOfStretch(text, start);
            count += Tokenizer.Value.CountTokens(text[start..end]);
            start = end;
        }

        return count;
    }

    /// <summary>One piece per token; the pieces joined are the text again.</summary>
    public static IReadOnlyList<string> Split(string text, CancellationToken aborted = default)
    {
        var pieces = new List<string>();
        for (var start = 0; start < text.Length;)
        {
            aborted.ThrowIfCancellationRequested();
            var end = EndOfStretch(text, start);
            SplitStretch(text[start..end], pieces);
            start = end;
        }

        return pieces;
    }

    private static void SplitStretch(string text, List<string> pieces)
    {
        var tokens = Tokenizer.Value.EncodeToTokens(text, out _);
        var start = 0;
        for (var i = 0; i < tokens.Count; i++)
        {
            var end = i == tokens.Count - 1 ? text.Length : Math.Max(start, tokens[i].Offset.End.GetOffset(text.Length));

            // One character may be several tokens: the first takes it whole and the rest stay empty, since half a character cannot be written.
            if (end > 0 && end < text.Length && char.IsLowSurrogate(text[end]))
            {
                end++;
            }

            pieces.Add(text[start..end]);
            start = end;
        }
    }

    /// <summary>
    /// The tokenizer's time grows with the square of a run without a break (200,000 times the same letter take it most of a minute), so text
    /// goes to it in stretches. A space after a letter or digit always begins a new token: cut there, the count is exact. Only a run
    /// longer than a stretch is cut inside, and may count a token more.
    /// </summary>
    private static int EndOfStretch(ReadOnlySpan<char> text, int start)
    {
        var end = start + LongestStretch;
        if (end >= text.Length)
        {
            return text.Length;
        }

        for (var i = end; i > start; i--)
        {
            if (text[i] == ' ' && char.IsAsciiLetterOrDigit(text[i - 1]))
            {
                return i;
            }
        }

        return char.IsLowSurrogate(text[end]) ? end - 1 : end;
    }
}
