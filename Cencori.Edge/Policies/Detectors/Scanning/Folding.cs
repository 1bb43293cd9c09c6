using System.Globalization;
using System.Text;

namespace Cencori.Edge.Policies.Detectors.Scanning;

/// <summary>Replaces variants of characters, such as full-width letters, by the form that detectors read. Works character by character, independent of context.</summary>
internal static class Folding
{
    /// <summary>The black flag. Tag characters after it form the flag of a region.</summary>
    public const int BlackFlag = 0x1F3F4;

    /// <summary>The folded form of a non-ASCII character. For a zero-width character, which the caller drops, the result is its bitwise complement, below 0.</summary>
    public static int Fold(int character)
    {
        switch (character)
        {
            // Typographic apostrophes.
            case 0x2BC or 0x2018 or 0x2019 or 0x201B:
                return '\'';

            // Letters of the most common scripts are not folded.
            case (>= 0xC0 and < 0x300) or (>= 0x370 and < 0x530) or (>= 0x3041 and < 0x30A0) or (>= 0x4E00 and < 0xA000) or (>= 0xAC00 and < 0xD7A4):
                return character;
            case >= 0xFF01 and <= 0xFF5E:
                return character - 0xFF01 + '!';
            case 0x2212:
                return '-';
            case 0x85:
                return ' ';
            case 0x2024 or 0xFE52:
                return '.';
            case 0xFE6B:
                return '@';
            case 0xFE62:
                return '+';
            case >= 0x24B6 and <= 0x24CF:
                return character - 0x24B6 + 'A';
            case >= 0x24D0 and <= 0x24E9:
                return character - 0x24D0 + 'a';
            case >= 0x1D400 and <= 0x1D6A3:
                return Letter(character - 0x1D400);
            case >= 0x1F130 and <= 0x1F149:
                return character - 0x1F130 + 'A';
            case >= 0x1F150 and <= 0x1F169:
                return character - 0x1F150 + 'A';
            case >= 0x1F170 and <= 0x1F189:
                return character - 0x1F170 + 'A';
            case >= 0x2100 and <= 0x214F:
                return Letterlike(character);

            // Dropped like zero-width characters: Hangul fillers (letters without a shape), the grapheme joiner, variation selectors, and the range of tag
            // characters.
            case 0x115F or 0x1160 or 0x3164 or 0xFFA0 or 0x34F or (>= 0xFE00 and <= 0xFE0F) or (>= 0x180B and <= 0x180F) or (>= 0xE0000 and <= 0xE0FFF):
                return ~character;
        }

        return CharUnicodeInfo.GetUnicodeCategory(character) switch
        {
            UnicodeCategory.Format => ~character,
            UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => ' ',
            UnicodeCategory.DashPunctuation => '-',
            UnicodeCategory.DecimalDigitNumber => '0' + Digit(character),
            _ => character,
        };
    }

    /// <summary>True for characters that have no legitimate use between two ASCII letters. The soft hyphen is not one of them: it has a legitimate use there.</summary>
    public static bool HidesInWords(int character) =>
        character is (>= 0x200B and <= 0x200F) or (>= 0x2060 and <= 0x2064) or 0xFEFF or 0x34F or 0x180E or 0x3164 or 0xFFA0 or (>= 0xFE00 and <= 0xFE0F) or (>= 0xE0000 and <= 0xE0FFF);

    /// <summary>True when the text contains a character that <see cref="HidesInWords"/> accepts.</summary>
    public static bool HasHidden(ReadOnlySpan<char> text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            if (HidesInWords(rune.Value))
            {
                return true;
            }
        }

        return false;
    }

    // Mathematical alphabets have 52 letters each and follow each other.
    private static int Letter(int place) => place % 52 is var letter && letter < 26 ? 'A' + letter : 'a' + letter - 26;

    // Letters that Unicode had before the mathematical alphabets. Their places in those alphabets are empty.
    private static int Letterlike(int character) => character switch
    {
        0x2102 or 0x212D => 'C',
        0x210A => 'g',
        0x210B or 0x210C or 0x210D => 'H',
        0x210E => 'h',
        0x2110 or 0x2111 => 'I',
        0x2112 => 'L',
        0x2113 => 'l',
        0x2115 => 'N',
        0x2119 => 'P',
        0x211A => 'Q',
        0x211B or 0x211C or 0x211D => 'R',
        0x2124 or 0x2128 => 'Z',
        0x212A => 'K',
        0x212C => 'B',
        0x212F => 'e',
        0x2130 => 'E',
        0x2131 => 'F',
        0x2133 => 'M',
        0x2134 => 'o',
        _ => character,
    };

    private static int Digit(int character) => (int)Rune.GetNumericValue(new Rune(character));
}
