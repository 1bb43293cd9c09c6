namespace Cencori.Edge.Policies.Detectors.PersonalData;

/// <summary>All supported national numbers.</summary>
internal static class NationalNumbers
{
    public static NationalNumber[] All { get; } =
    [
        new("BR", ["000.000.000-00", "00000000000"], new("cpf"), false, IsCpf),
        new("CA", ["000 000 000", "000-000-000", "000000000"], new("sin", "nas", "social insurance"), false, digits => digits[0] is not ('0' or '8') && Luhn.IsValid(digits)),
        new("CH", ["000.0000.0000.00", "000 0000 0000 00", "0000000000000"], new("ahv", "avs"), true, IsAhv),
        new("CN", ["00000000000000000?"], null, true, IsChineseId),
        new("DE", ["00 000 000 000", "00000000000"], new("steuer-id", "steuerid", "idnr", "id-nr", "tin", "steueridentifikationsnummer", "identifikationsnummer", "steuernummer", "tax id"), false, IsGermanTaxId),
        new("ES", ["00.000.000-A", "A-0000000-A", "00000000-A", "A0000000-A", "00000000A", "A0000000A"], null, false, IsDni),
        new("FI", ["000000-000?", "000000A000?", "000000+000?"], null, false, IsHetu),
        new("FR", ["0 00 00 0? 000 000 00", "0 00 00 0? 000000 00", "000000?000000 00", "000000?00000000"], null, true, IsNir),
        new("IN", ["0000 0000 0000", "0000-0000-0000", "000000000000"], new("aadhaar", "aadhar", "uidai", "uid", "आधार"), false, digits => digits[0] >= '2' && Verhoeff.IsValid(digits)),
        new("IT", ["AAAAAA??A??A???A"], null, true, IsCodiceFiscale),
        new("NL", ["0000.00.000", "0000 00 000", "000000000"], new("bsn", "burgerservicenummer", "sofinummer", "sofi", "citizen service number"), false, IsBsn),
        new("NO", ["000000 00000", "00000000000"], new("fødselsnummer", "fodselsnummer", "personnummer", "fnr"), true, IsNorwegian),
        new("PL", ["00000000000"], new("pesel"), false, IsPesel),
        new("SE", ["00000000-0000", "000000-0000", "000000+0000", "000000000000", "0000000000"], new("personnummer", "personnr", "samordningsnummer", "pnr"), false, IsSwedish),
    ];

    private static bool IsCpf(ReadOnlySpan<char> digits) =>
        digits.ContainsAnyExcept(digits[0]) && CpfDigit(digits[..9]) == digits[9] - '0' && CpfDigit(digits[..10]) == digits[10] - '0';

    private static int CpfDigit(ReadOnlySpan<char> digits)
    {
        var sum = 0;
        for (var at = 0; at < digits.Length; at++)
        {
            sum += (digits[at] - '0') * (digits.Length + 1 - at);
        }

        return sum * 10 % 11 % 10;
    }

    // A Swiss AHV number begins with 756, and ends with an EAN check digit.
    private static bool IsAhv(ReadOnlySpan<char> digits) => digits.StartsWith("756") && WeightedSum.Of(digits, [1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]) % 10 == 0;

    private static bool IsChineseId(ReadOnlySpan<char> characters) =>
        characters[0] is >= '1' and <= '9' && characters[6..8] is "18" or "19" or "20" && BirthDate.Is(characters[10..12], characters[12..14])
        && "10X98765432"[WeightedSum.Of(characters, [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]) % 11] == characters[17];

    private static bool IsGermanTaxId(ReadOnlySpan<char> digits)
    {
        // In the first ten digits of a German tax id, exactly one digit occurs two or three times. Every other digit occurs at most once.
        Span<byte> times = stackalloc byte[10];
        foreach (var digit in digits[..10])
        {
            times[digit - '0']++;
        }

        times.Sort();
        return digits[0] != '0' && times[9] is 2 or 3 && times[8] == 1 && Mod11And10.IsValid(digits);
    }

    private static bool IsDni(ReadOnlySpan<char> characters)
    {
        const string Checks = "TRWAGMYFPDXBNJZSQVHLCKE";
        var number = char.IsAsciiDigit(characters[0]) ? characters[0] - '0' : "XYZ".IndexOf(characters[0]);
        foreach (var digit in characters[1..^1])
        {
            number = (number * 10) + digit - '0';
        }

        return number >= 0 && Checks[number % Checks.Length] == characters[^1];
    }

    private static bool IsHetu(ReadOnlySpan<char> characters)
    {
        const string Checks = "0123456789ABCDEFHJKLMNPRSTUVWXY";

        // The century is a letter or sign, which the check digit does not include.
        var isLetter = characters.Length == 11;
        var individual = isLetter ? characters[7..10] : characters[6..9];
        return (!isLetter || "ABCDEFYXWVU".Contains(characters[6])) && BirthDate.Is(characters[2..4], characters[..2])
            && Checks[(int)(((Number.Of(characters[..6]) * 1000) + Number.Of(individual)) % 31)] == characters[^1];
    }

    private static bool IsNir(ReadOnlySpan<char> characters)
    {
        var month = Number.Of(characters[3..5]);
        var isCorsican = characters[5] == '2' && characters[6] is 'A' or 'B';
        if (characters[0] is not ('1' or '2' or '3' or '4' or '7' or '8') || !(month is >= 1 and <= 12 or >= 20 and <= 42 or >= 50 and <= 99) || (!isCorsican && !char.IsAsciiDigit(characters[6])))
        {
            return false;
        }

        Span<char> digits = stackalloc char[13];
        characters[..13].CopyTo(digits);
        if (isCorsican)
        {
            digits[6] = characters[6] == 'A' ? '9' : '8';
            digits[5] = '1';
        }

        return 97 - (Number.Of(digits) % 97) == Number.Of(characters[13..]);
    }

    private static bool IsCodiceFiscale(ReadOnlySpan<char> characters)
    {
        // Letters may replace digits at these places: the authority uses them to keep the numbers of two people different.
        foreach (var place in (ReadOnlySpan<byte>)[6, 7, 9, 10, 12, 13, 14])
        {
            if (!char.IsAsciiDigit(characters[place]) && !"LMNPQRSTUV".Contains(characters[place]))
            {
                return false;
            }
        }

        ReadOnlySpan<byte> odd = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
        var sum = 0;
        for (var at = 0; at < 15; at++)
        {
            var value = char.IsAsciiDigit(characters[at]) ? characters[at] - '0' : characters[at] - 'A';
            sum += at % 2 == 0 ? odd[value] : value;
        }

        return "ABCDEHLMPRST".Contains(characters[8]) && 'A' + (sum % 26) == characters[15];
    }

    private static bool IsBsn(ReadOnlySpan<char> digits) => digits.ContainsAnyExcept('0') && (WeightedSum.Of(digits, [9, 8, 7, 6, 5, 4, 3, 2]) - (digits[8] - '0')) % 11 == 0;

    private static bool IsNorwegian(ReadOnlySpan<char> digits) =>
        BirthDate.Is(digits[2..4], digits[..2], moreDays: 40, moreMonths: 80) && WeightedSum.EndsInMod11(digits, [3, 7, 6, 1, 8, 9, 4, 5, 2]) && WeightedSum.EndsInMod11(digits, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]);

    // The month has an offset of 20, 40, 60 or 80 for other centuries.
    private static bool IsPesel(ReadOnlySpan<char> digits) =>
        Number.Of(digits[2..4]) % 20 is >= 1 and <= 12 && Number.Of(digits[4..6]) is >= 1 and <= 31 && WeightedSum.Of(digits, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]) % 10 == 0;

    private static bool IsSwedish(ReadOnlySpan<char> digits)
    {
        var isOfACentury = digits.Length == 10 || digits[..2] is "18" or "19" or "20";
        digits = digits[^10..];
        return isOfACentury && BirthDate.Is(digits[2..4], digits[4..6], moreDays: 60) && Luhn.IsValid(digits);
    }
}
