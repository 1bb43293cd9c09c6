namespace Cencori.Edge.Policies.Detectors.Secrets;

/// <summary>Checks where a key may begin.</summary>
internal static class Boundary
{
    /// <summary>True when a key may begin at the position <paramref name="at"/>, which is never inside a word. The end of an escape is not part of a word: <c>%3D</c> in a URL, <c>\n</c> in a literal.</summary>
    public static bool OpensAt(ReadOnlySpan<char> text, int at)
    {
        if (at == 0 || !char.IsAsciiLetterOrDigit(text[at - 1]))
        {
            return true;
        }

        return (at >= 2 && text[at - 2] == '\\' && text[at - 1] is 'n' or 'r' or 't')
            || (at >= 3 && text[at - 3] == '%' && char.IsAsciiHexDigit(text[at - 2]) && char.IsAsciiHexDigit(text[at - 1]));
    }
}
