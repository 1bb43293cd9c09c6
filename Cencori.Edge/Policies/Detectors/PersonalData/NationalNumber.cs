namespace Cencori.Edge.Policies.Detectors.PersonalData;

/// <summary>How a national number is written, and how to distinguish it from other numbers.</summary>
/// <param name="Region">ISO 3166 code.</param>
/// <param name="Shapes">Formats: 0 is a digit, A a letter, ? either, and any other character stands for itself. The longest format comes first.</param>
/// <param name="Words">Context words. A number that is written as digits only needs one of them before it, unless <paramref name="IsSure"/>.</param>
/// <param name="IsSure">True when few other numbers pass the check, because it includes a date and two check digits, or a fixed start.</param>
/// <param name="Check">Checks the digits and letters, without separators. Letters are in upper case.</param>
internal sealed record NationalNumber(string Region, string[] Shapes, ContextWords? Words, bool IsSure, NationalNumber.Checker Check)
{
    public const int Longest = 24;

    // An amount of money may have this format too.
    private const string Thousands = "000 000 000";

    public delegate bool Checker(ReadOnlySpan<char> characters);

    /// <summary>The numbers of digits with which a text of this format can begin.</summary>
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

    /// <summary>True when a number of this format begins at the candidate.</summary>
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

        // Groups that are separated by spaces must not be part of a longer row of groups.
        return candidate.EndsAtBoundary(shape.Length)
            && !(shape == Thousands && IsDecimal(ref candidate, shape.Length))
            && !(shape.Contains(' ') && ((candidate.At(shape.Length) == ' ' && char.IsAsciiDigit(candidate.At(shape.Length + 1))) || (candidate.At(-1) == ' ' && char.IsAsciiDigit(candidate.At(-2)))))
            && Check(characters[..count]);
    }

    // True for a decimal number: a comma with one or two digits, and no list value before or after it.
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
