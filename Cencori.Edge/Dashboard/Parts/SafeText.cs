using System.Globalization;
using System.Text;

namespace Cencori.Edge.Dashboard.Parts;

/// <summary>Makes untrusted text safe to show: escapes invisible characters and those that break lines or change the direction of text.</summary>
public static class SafeText
{
    /// <summary>Maximum length of a name, in characters.</summary>
    public const int LongestName = 64;

    /// <summary>Makes text with several lines safe: escapes the same characters as <c>Of</c>, but keeps line breaks and tabs.</summary>
    public static string Lines(string? text, int max = int.MaxValue) => Of(text, max, IsBreak);

    /// <param name="text">The untrusted text.</param>
    /// <param name="max">Maximum length in characters. Longer text is cut and ends with an ellipsis.</param>
    public static string Of(string? text, int max = LongestName) => Of(text, max, static _ => false);

    private static string Of(string? text, int max, Func<char, bool> isGood)
    {
        if (string.IsNullOrEmpty(text))
        {
            return "";
        }

        var isCut = text.Length > max;
        var shown = isCut ? text.AsSpan(0, char.IsHighSurrogate(text[max - 1]) ? max - 1 : max) : text;
        StringBuilder? safe = null;
        for (var i = 0; i < shown.Length; i++)
        {
            if (IsHarmful(shown[i]) && !isGood(shown[i]))
            {
                safe ??= new StringBuilder().Append(shown[..i]);
                safe.Append(CultureInfo.InvariantCulture, $"\\u{(int)shown[i]:X4}");
            }
            else
            {
                safe?.Append(shown[i]);
            }
        }

        var result = safe?.ToString() ?? shown.ToString();
        return isCut ? result + "…" : result;
    }

    // Characters that texts with several lines keep. U+200D (zero-width joiner) combines several emoji into one.
    private static bool IsBreak(char c) => c is '\n' or '\r' or '\t' or '\u200D';

    private static bool IsHarmful(char c) => char.IsControl(c) || char.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse;
}
