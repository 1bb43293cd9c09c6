namespace Cencori.Edge.Policies.Detectors.PersonalData;

/// <summary>The check digits of ISO 7064 mod 97-10. Letters have values from A = 10.</summary>
internal static class Mod97
{
    /// <summary>The remainder of an IBAN without separators, computed with its first four characters moved to the end. Valid numbers give 1.</summary>
    public static int OfIban(ReadOnlySpan<char> iban) => Rest(iban[..4], Rest(iban[4..], 0));

    public static int Rest(ReadOnlySpan<char> characters, int rest)
    {
        foreach (var character in characters)
        {
            rest = char.IsAsciiDigit(character)
                ? ((rest * 10) + character - '0') % 97
                : ((rest * 100) + (character | 0x20) - 'a' + 10) % 97;
        }

        return rest;
    }
}
