using Microsoft.ML.Tokenizers;

namespace Cencori.Edge.Providers.Sandbox;

/// <summary>Real token counts. The vocabulary takes a noticeable moment to load, so it is loaded once, and the host may ask for it early.</summary>
internal static class SandboxTokens
{
    private static readonly Lazy<TiktokenTokenizer> Tokenizer = new(() => TiktokenTokenizer.CreateForEncoding("o200k_base"));

    public static void Warm() => Count("warm");

    public static int Count(string text) => text.Length == 0 ? 0 : Tokenizer.Value.CountTokens(text);

    /// <summary>One piece per token; the pieces joined are the text again.</summary>
    public static IReadOnlyList<string> Split(string text)
    {
        if (text.Length == 0)
        {
            return [];
        }

        var tokens = Tokenizer.Value.EncodeToTokens(text, out _);
        var pieces = new List<string>(tokens.Count);
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

        return pieces;
    }
}
