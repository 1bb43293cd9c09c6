using System.Text;

namespace Cencori.Edge.Memory.Recall;

/// <summary>Changes texts so that they can be stored and sent. Texts from callers and models may contain unpaired surrogates, which have no UTF-8
/// form.</summary>
internal static class PlainText
{
    private const char Replacement = '\uFFFD';

    /// <summary>Returns the beginning of a text, at most <paramref name="max"/> characters. Never splits a surrogate pair.</summary>
    public static string Cut(string text, int max) => text.Length <= max ? text : text[..(char.IsHighSurrogate(text[max - 1]) ? max - 1 : max)];

    /// <summary>Replaces unpaired surrogates, and U+0000, which PostgreSQL does not store.</summary>
    public static string ReplaceInvalid(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)).Replace('\0', Replacement);
}
