using System.Text;

namespace Cencori.Edge.Policies.Detectors.Scanning;

/// <summary>Decodes the characters of a JSON string.</summary>
internal static class JsonCharacters
{
    public const int Replacement = 0xFFFD;

    /// <summary>Reads the first character and returns its length in bytes. Invalid characters and half surrogate pairs become U+FFFD. An invalid escape becomes a backslash.</summary>
    public static int Read(ReadOnlySpan<byte> source, out int character)
    {
        if (source[0] != '\\')
        {
            Rune.DecodeFromUtf8(source, out var rune, out var size);
            character = rune.Value;
            return size;
        }

        if (source.Length > 1 && Escaped(source[1]) is var escaped and not 0)
        {
            character = escaped;
            return 2;
        }

        if (!TryUnit(source, out var unit))
        {
            character = '\\';
            return 1;
        }

        if (char.IsHighSurrogate(unit) && TryUnit(source[6..], out var low) && char.IsLowSurrogate(low))
        {
            character = char.ConvertToUtf32(unit, low);
            return 12;
        }

        character = Unit(unit);
        return 6;
    }

    /// <summary>Converts a code unit to a character. Half of a surrogate pair becomes U+FFFD.</summary>
    public static int Unit(char unit) => char.IsSurrogate(unit) ? Replacement : unit;

    /// <summary>The value of a hexadecimal digit.</summary>
    public static int Nibble(char digit) => char.IsAsciiDigit(digit) ? digit - '0' : (digit & 0xF) + 9;

    private static int Escaped(byte letter) => letter switch
    {
        (byte)'"' or (byte)'\\' or (byte)'/' => letter,
        (byte)'n' => '\n',
        (byte)'r' => '\r',
        (byte)'t' => '\t',
        (byte)'b' => '\b',
        (byte)'f' => '\f',
        _ => 0,
    };

    private static bool TryUnit(ReadOnlySpan<byte> source, out char unit)
    {
        unit = '\0';
        if (source.Length < 6 || source[0] != '\\' || source[1] != 'u')
        {
            return false;
        }

        foreach (var digit in source.Slice(2, 4))
        {
            if (!char.IsAsciiHexDigit((char)digit))
            {
                return false;
            }

            unit = (char)((unit << 4) | Nibble((char)digit));
        }

        return true;
    }
}
