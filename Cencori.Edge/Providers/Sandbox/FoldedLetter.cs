using System.Globalization;
using System.Text;

namespace Cencori.Edge.Providers.Sandbox;

/// <summary>
/// Folds a letter or digit for comparison: to lower case, from full width to normal width, and without accents, composed or not.
/// The framework's own normalization is missing in invariant mode.
/// </summary>
internal static class FoldedLetter
{
    // The base letter of each character from U+00C0 to U+024F, and from U+1E00 to U+1EFF. A dot: the character has none.
    private const string Latin =
        "aaaaaa.ceeeeiiiidnooooo.ouuuuy..aaaaaa.ceeeeiiiidnooooo.ouuuuy.yaaaaaaccccccccddddeeeeeeeeeegggggggg"
        + "hhhhiiiiiiiiiiiijjkk.llllllllllnnnnnnn..oooooo..rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzsb......."
        + ".........ff.............oo.............uu......................lllnnnaaiioouuuuuuuuuu.aaaa....ggkkoo"
        + "oo..jdddgg..nnaa....aaaaeeeeiiiioooorrrruuuusstt..hh......aaeeooooooooyy...............b..eejj..rryy";

    private const string LatinAdditional =
        "aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmmmmmmnnnnnnnnoooooooopppprrrrrrrrssss"
        + "ssssssttttttttuuuuuuuuuuvvvvwwwwwwwwwwxxxxyyzzzzzzhtwyas....aaaaaaaaaaaaaaaaaaaaaaaaeeeeeeeeeeeeeeee"
        + "iiiioooooooooooooooooooooooouuuuuuuuuuuuuuyyyyyyyy......";

    private const string Accented = "άέήίϊΐόύϋΰώςйѐёѓїќѝў";
    private const string Plain = "αεηιιιουυυωσиеегікиу";

    /// <summary>The folded letter or digit; other characters stay as they are.</summary>
    public static Rune Of(Rune rune)
    {
        var value = rune.Value is >= 0xFF01 and <= 0xFF5E ? rune.Value - 0xFF01 + '!' : rune.Value;
        if (value < 0x80)
        {
            return new Rune(value is >= 'A' and <= 'Z' ? value | 0x20 : value);
        }

        var lower = Rune.ToLowerInvariant(new Rune(value));
        return lower.Value switch
        {
            >= 0xC0 and < 0x250 => Below(Latin, 0xC0, lower),
            >= 0x1E00 and < 0x1F00 => Below(LatinAdditional, 0x1E00, lower),
            >= 0x370 and < 0x530 when Accented.IndexOf((char)lower.Value, StringComparison.Ordinal) is >= 0 and var place => new Rune(Plain[place]),
            _ => lower,
        };
    }

    /// <summary>The two letters that people write instead of this one when their keyboard lacks it; null for other letters.</summary>
    public static string? TwoLetters(Rune folded) => folded.Value switch
    {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'þ' => "th",
        _ => null,
    };

    /// <summary>Combining accents and invisible characters, which do not end a word. The vowel signs of Indian scripts are marks too, and are kept.</summary>
    public static bool IsSkipped(Rune rune) => rune.Value >= 0x80 && Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Format or UnicodeCategory.EnclosingMark => true,
        UnicodeCategory.NonSpacingMark => rune.Value is < 0x900 or (>= 0x1AB0 and < 0x1B00) or (>= 0x1DC0 and < 0x1E00) or (>= 0x20D0 and < 0x2100) or (>= 0xFE00 and < 0xFE30),
        _ => false,
    };

    private static Rune Below(string letters, int first, Rune rune) =>
        letters[rune.Value - first] is var letter and not '.' ? new Rune(letter) : rune;
}
