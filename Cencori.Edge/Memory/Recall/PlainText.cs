using System.Text;

namespace Cencori.Edge.Memory.Recall;

/// <summary>Makes texts valid for storage and sending: callers and models may send halves of surrogate pairs.</summary>
internal static class PlainText
{
    private const char Replacement = '\uFFFD';

    /// <summary>The beginning of a text. Never splits a surrogate pair.</summary>
    public static string Cut(string text, int most) => text.Length <= most ? text : text[..(char.IsHighSurrogate(text[most - 1]) ? most - 1 : most)];

    /// <summary>Replaces halves of surrogate pairs, and U+0000, which PostgreSQL does not store.</summary>
    public static string Whole(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)).Replace('\0', Replacement);
}
