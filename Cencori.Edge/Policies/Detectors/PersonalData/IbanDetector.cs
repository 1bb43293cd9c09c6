namespace Cencori.Edge.Policies.Detectors.PersonalData;

/// <summary>Finds international bank account numbers, in groups or in one piece. Checks the country's length and format, and the mod 97 check digits.</summary>
internal sealed class IbanDetector() : CandidateDetector(mostOpen: IbanForms.Longest + (IbanForms.Longest / 2) + 3)
{
    private const int CheckDigits = 2;

    protected override int Next(ReadOnlySpan<char> text, int from)
    {
        // Searches for the check digits. The two letters of the country come before them.
        for (var at = from + CheckDigits; at < text.Length;)
        {
            at = NextNumber(text, at);
            if (at < 0)
            {
                return -1;
            }

            if (at - CheckDigits >= from && char.IsAsciiLetter(text[at - 1]) && char.IsAsciiLetter(text[at - 2]))
            {
                return at - CheckDigits;
            }

            at++;
        }

        return -1;
    }

    protected override bool CanBegin(char first) => char.IsAsciiLetter(first);

    protected override int Match(ref Candidate candidate)
    {
        if (!candidate.StartsAtBoundary() || !IbanForms.TryGet(candidate.At(0), candidate.At(1), out var form))
        {
            return 0;
        }

        Span<char> iban = stackalloc char[IbanForms.Longest];
        var (at, count) = (0, 0);
        for (; count < form.Length; at++)
        {
            var character = candidate.At(at);
            if (form.Allows(count, character))
            {
                iban[count++] = character;
            }
            else if (character is not (' ' or '-') || count < 4 || !char.IsAsciiLetterOrDigit(candidate.At(at - 1)))
            {
                return 0;
            }
        }

        iban = iban[..count];
        return candidate.EndsAtBoundary(at) && IsOfOneCase(iban[CheckDigits..]) && Mod97.OfIban(iban) == 1 ? at : 0;
    }

    // Letters of an account number have one case. The country may have another one, as in "De89 …" at the start of a sentence.
    private static bool IsOfOneCase(ReadOnlySpan<char> account) => !(account.ContainsAnyInRange('a', 'z') && account.ContainsAnyInRange('A', 'Z'));
}
