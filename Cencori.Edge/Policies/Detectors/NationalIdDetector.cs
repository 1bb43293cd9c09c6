namespace Cencori.Edge.Policies.Detectors;

/// <summary>Numbers that states give to people, by their check digits. What passes too often by chance needs its separators, or a word before it that names it.</summary>
internal sealed class NationalIdDetector : CandidateDetector
{
    // Letters that may stand before the first digit.
    private const int MostLetters = 6;

    private readonly NationalNumber[] _numbers;
    private readonly bool _beginWithLetters;

    /// <param name="regions">ISO 3166 codes, of <see cref="NationalNumbers.All"/>.</param>
    /// <exception cref="ArgumentException">One of them is not known.</exception>
    public NationalIdDetector(IEnumerable<string> regions)
        : base(NationalNumber.Longest + 2)
    {
        _numbers = [.. regions.Select(region => NationalNumbers.All.FirstOrDefault(number => number.Region.Equals(region, StringComparison.OrdinalIgnoreCase))
            ?? throw new ArgumentException($"No national numbers are known of the region {region}.", nameof(regions)))];
        _beginWithLetters = _numbers.Any(number => number.Shapes.Any(shape => shape[0] == 'A'));
    }

    protected override int Next(ReadOnlySpan<char> text, int from)
    {
        var next = NextNumber(text, from);
        var start = next;
        while (_beginWithLetters && start > from && next - start < MostLetters && (char.IsAsciiLetter(text[start - 1]) || (text[start - 1] == '-' && start == next)))
        {
            start--;
        }

        // The middle of a longer word begins nothing, and its digits are looked at in any case.
        return start;
    }

    protected override bool CanBegin(char first) => char.IsAsciiDigit(first) || (_beginWithLetters && char.IsAsciiLetter(first));

    protected override int Match(ref Candidate candidate)
    {
        if (candidate.BeginsAlone())
        {
            foreach (var number in _numbers)
            {
                if (number.Match(ref candidate) is var length and > 0)
                {
                    return length;
                }
            }
        }

        return 0;
    }
}
