using Microsoft.ML.Tokenizers;

namespace Cencori.Edge.Metering;

/// <summary>
/// Counts tokens with the vocabulary of OpenAI's current models. Loading the vocabulary takes noticeable time, so it is loaded once, and the
/// host may load it early.
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

    /// <summary>Splits a text into one piece per token. The joined pieces equal the text.</summary>
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

            // A character such as an emoji may consist of several tokens. Half of its surrogate pair cannot be written as UTF-8, so the first piece that would
            // end inside the pair gets the whole character. The pieces of the other tokens of the character are empty.
            if (end > 0 && end < text.Length && char.IsLowSurrogate(text[end]))
            {
                end++;
            }

            pieces.Add(text[start..end]);
            start = end;
        }
    }

    /// <summary>
    /// Finds the end of the next stretch: a short part of the text that is tokenized on its own. The tokenizer's time grows with the square of the length of an
    /// unbroken run of characters: 200,000 equal letters take most of a minute. A space after a letter or digit always starts a new token, so a cut there
    /// keeps the count exact. Only a run that is longer than a stretch is cut elsewhere, which may add a token to the count.
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
