using System.Buffers;

namespace Cencori.Edge.Policies.Detectors.Attacks;

/// <summary>Reads a text word by word, and checks whether a phrase is quoted.</summary>
internal static class TextWords
{
    // Number of characters around a phrase in which quotation marks are searched.
    private const int MaxQuotation = 300;

    private static readonly SearchValues<char> SentenceEnds = SearchValues.Create(".!?;");

    /// <summary>Finds the next word. An apostrophe counts as a letter.</summary>
    public static bool Next(ReadOnlySpan<char> text, int from, out Finding word)
    {
        while (from < text.Length && !IsOfWord(text[from]))
        {
            from++;
        }

        var end = from;
        while (end < text.Length && IsOfWord(text[end]))
        {
            end++;
        }

        word = new Finding(from, end - from);
        return word.Length > 0;
    }

    public static bool EndsSentence(ReadOnlySpan<char> between) => between.ContainsAny(SentenceEnds) || between.Contains("\n\n", StringComparison.Ordinal);

    /// <summary>True when the phrase is in quotation marks or in inline code.</summary>
    public static bool IsQuoted(ReadOnlySpan<char> text, Finding phrase)
    {
        var before = text[Math.Max(0, phrase.Start - MaxQuotation)..phrase.Start];
        var after = text[phrase.End..Math.Min(text.Length, phrase.End + MaxQuotation)];
        before = before.LastIndexOf('\n') is >= 0 and var line ? before[(line + 1)..] : before;
        after = after.IndexOf('\n') is >= 0 and var end ? after[..end] : after;
        return IsBetween(before, after, '"', '"') || IsBetween(before, after, '`', '`') || IsBetween(before, after, '“', '”') || IsBetween(before, after, '„', '“') || IsBetween(before, after, '«', '»')
            || IsBetween(before, after, '»', '«');
    }

    private static bool IsBetween(ReadOnlySpan<char> before, ReadOnlySpan<char> after, char open, char close) =>
        (open == close ? before.Count(open) % 2 == 1 : before.LastIndexOf(open) > before.LastIndexOf(close)) && after.Contains(close);

    private static bool IsOfWord(char character) => char.IsAscii(character) ? char.IsAsciiLetterOrDigit(character) || character == '\'' : char.IsLetterOrDigit(character) || character == '’';
}
