using System.Text;

namespace Cencori.Edge.Memory.Recall;

/// <summary>Texts as everybody can keep and send them: callers and models may write halves of characters.</summary>
internal static class PlainText
{
    private const char Replacement = '\uFFFD';

    /// <summary>The beginning of a text, never with half a character at its end.</summary>
    public static string Cut(string text, int most) => text.Length <= most ? text : text[..(char.IsHighSurrogate(text[most - 1]) ? most - 1 : most)];

    /// <summary>With something else in the place of halves, and of the one character that PostgreSQL does not store.</summary>
    public static string Whole(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)).Replace('\0', Replacement);
}
