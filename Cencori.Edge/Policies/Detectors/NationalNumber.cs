namespace Cencori.Edge.Policies.Detectors;

/// <summary>How the numbers are written that a state gives to people, and how to tell them from others.</summary>
/// <param name="Region">ISO 3166 code.</param>
/// <param name="Shapes">0 stands for a digit, A for a letter, ? for either, and anything else for itself. The longest first.</param>
/// <param name="Words">A number of digits only that is not <paramref name="IsSure"/> needs one before it.</param>
/// <param name="IsSure">Few others pass the check: a date and two check digits, or a fixed head.</param>
/// <param name="Check">Looks at the digits and letters, letters in upper case.</param>
internal sealed record NationalNumber(string Region, string[] Shapes, ContextWords? Words, bool IsSure, NationalNumber.Checker Check)
{
    public const int Longest = 24;

    // What a sum of money may be written as, too.
    private const string Thousands = "000 000 000";

    public delegate bool Checker(ReadOnlySpan<char> characters);

    /// <summary>How many digits a number of this shape may begin with.</summary>
    public static IEnumerable<int> Heads(string shape)
    {
        for (var at = 0; at < shape.Length; at++)
        {
            if (shape[at] != '0')
            {
                yield return at;
                if (shape[at] != '?')
                {
                    yield break;
                }
            }
        }

        yield return shape.Length;
    }

    /// <summary>A number of this shape begins there.</summary>
    public bool IsAt(ref Candidate candidate, string shape) => IsShaped(ref candidate, shape, out var isSolid) && (!isSolid || IsSure || (Words is not null && candidate.IsNear(Words)));

    private bool IsShaped(ref Candidate candidate, string shape, out bool isSolid)
    {
        Span<char> characters = stackalloc char[Longest];
        var count = 0;
        isSolid = true;
        for (var at = 0; at < shape.Length; at++)
        {
            var character = candidate.At(at);
            switch (shape[at])
            {
                case '0' when char.IsAsciiDigit(character):
                case 'A' when char.IsAsciiLetter(character):
                case '?' when char.IsAsciiLetterOrDigit(character):
                    isSolid &= char.IsAsciiDigit(character);
                    characters[count++] = char.ToUpperInvariant(character);
                    break;
                case not ('0' or 'A' or '?') when character == shape[at]:
                    isSolid = false;
                    break;
                default:
                    return false;
            }
        }

        // Groups with spaces between them are no part of more groups.
        return candidate.EndsAlone(shape.Length)
            && !(shape == Thousands && IsDecimal(ref candidate, shape.Length))
            && !(shape.Contains(' ') && ((candidate.At(shape.Length) == ' ' && char.IsAsciiDigit(candidate.At(shape.Length + 1))) || (candidate.At(-1) == ' ' && char.IsAsciiDigit(candidate.At(-2)))))
            && Check(characters[..count]);
    }

    // A comma and one digit or two, and no value of a list before it or behind.
    private static bool IsDecimal(ref Candidate candidate, int at)
    {
        if (candidate.At(-1) == ',' || candidate.At(at) != ',' || !char.IsAsciiDigit(candidate.At(at + 1)))
        {
            return false;
        }

        var next = candidate.At(at + 2);
        next = char.IsAsciiDigit(next) ? candidate.At(at + 3) : next;
        return next != ',' && !char.IsAsciiDigit(next);
    }
}
