namespace Cencori.Edge.Policies.Detectors.PersonalData;

/// <summary>Finds US social security numbers: with dashes, or near a word that names them.</summary>
internal sealed class SsnDetector() : CandidateDetector(mostOpen: 14)
{
    private static readonly ContextWords Words = new("ssn", "ssns", "social security", "social", "ss#", "itin", "taxpayer");

    protected override int Next(ReadOnlySpan<char> text, int from) => NextNumber(text, from);

    protected override bool CanBegin(char first) => char.IsAsciiDigit(first);

    protected override int Match(ref Candidate candidate)
    {
        if (!candidate.StartsAtBoundary())
        {
            return 0;
        }

        Span<char> digits = stackalloc char[9];
        var (at, count, separator) = (0, 0, '\0');
        for (; count < digits.Length; at++)
        {
            var character = candidate.At(at);
            if (char.IsAsciiDigit(character))
            {
                digits[count++] = character;
            }
            else if (at == 3 && character is '-' or ' ')
            {
                separator = character;
            }
            else if (at != 6 || separator == '\0' || character != separator)
            {
                return 0;
            }
        }

        var isShaped = separator == '\0' ? at == 9 : at == 11;
        return isShaped && IsAssignable(digits) && candidate.EndsAtBoundary(at) && (separator == '-' || candidate.IsNear(Words)) ? at : 0;
    }

    private static bool IsAssignable(ReadOnlySpan<char> digits) =>
        digits[0] != '9' && !digits.StartsWith("000") && !digits.StartsWith("666") && !digits.Slice(3, 2).SequenceEqual("00") && !digits[5..].SequenceEqual("0000");
}
