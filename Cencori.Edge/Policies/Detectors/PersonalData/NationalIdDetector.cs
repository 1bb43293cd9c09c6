namespace Cencori.Edge.Policies.Detectors.PersonalData;

/// <summary>Finds national identity numbers by their check digits. Numbers that often pass a check by chance must have their separators, or a context word before them.</summary>
internal sealed class NationalIdDetector : CandidateDetector
{
    // Maximum number of letters before the first digit.
    private const int MaxLetters = 6;

    // Number formats, grouped by their number of leading digits.
    private readonly (NationalNumber Number, string Shape)[][] _shapes;
    private readonly bool _beginWithLetters;

    /// <param name="regions">ISO 3166 codes from <see cref="NationalNumbers.All"/>.</param>
    /// <exception cref="ArgumentException">A code is not known.</exception>
    public NationalIdDetector(IEnumerable<string> regions)
        : base(NationalNumber.Longest + 4)
    {
        var shapes = regions
            .Select(region => NationalNumbers.All.FirstOrDefault(number => number.Region.Equals(region, StringComparison.OrdinalIgnoreCase))
                ?? throw new ArgumentException($"National numbers of the region {region} are not supported.", nameof(regions)))
            .SelectMany(number => number.Shapes, (number, shape) => (number, shape)).ToArray();
        _shapes = [.. Enumerable.Range(0, NationalNumber.Longest + 1).Select(head => shapes.Where(each => NationalNumber.Heads(each.shape).Contains(head)).ToArray())];
        _beginWithLetters = shapes.Any(each => each.shape[0] == 'A');
    }

    protected override int Next(ReadOnlySpan<char> text, int from)
    {
        var next = NextNumber(text, from);
        var start = next;
        while (_beginWithLetters && start > from && next - start < MaxLetters && (char.IsAsciiLetter(text[start - 1]) || (text[start - 1] == '-' && start == next)))
        {
            start--;
        }

        // The letters before the digits may be the end of a longer word. Then nothing matches at this start, and the next call finds the digits as another
        // candidate.
        return start;
    }

    protected override bool CanBegin(char first) => char.IsAsciiDigit(first) || (_beginWithLetters && char.IsAsciiLetter(first));

    protected override int Match(ref Candidate candidate)
    {
        if (!candidate.StartsAtBoundary())
        {
            return 0;
        }

        var head = 0;
        while (head < NationalNumber.Longest && char.IsAsciiDigit(candidate.At(head)))
        {
            head++;
        }

        foreach (var (number, shape) in _shapes[head])
        {
            if (number.IsAt(ref candidate, shape))
            {
                return shape.Length;
            }
        }

        return 0;
    }
}
