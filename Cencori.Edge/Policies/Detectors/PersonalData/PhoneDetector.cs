using System.Buffers;
using System.Collections.Frozen;
using System.Globalization;
using PhoneNumbers;

namespace Cencori.Edge.Policies.Detectors.PersonalData;

/// <summary>Finds telephone numbers that match a numbering plan: with + and a country code; with a default region
/// also national numbers, in groups or with the trunk prefix.</summary>
/// <remarks>A candidate that is long enough for a number allocates a few objects, even if it is not a number.</remarks>
internal sealed class PhoneDetector : CandidateDetector
{
    private const int LongestText = 32;
    private const int MaxDigits = 15;
    private const int MinDigits = 7;

    // Number of lengths of one candidate that are checked: with the last groups of digits and without them. More checks would be slow for a text of digits.
    private const int MaxChecks = 2;

    private static readonly SearchValues<char> Plus = SearchValues.Create("+");
    private static readonly SearchValues<char> PlusAndDigits = SearchValues.Create("+(0123456789");
    private static readonly PhoneNumberUtil Numbers = PhoneNumberUtil.GetInstance();

    // For each calling code, the possible lengths of a number as a bit set.
    private static readonly FrozenDictionary<int, uint> Lengths = Numbers.GetSupportedCallingCodes().ToFrozenDictionary(code => code, LengthsOf);

    private readonly SearchValues<char> _begins;
    private readonly string? _region;
    private readonly int _callingCode;
    private readonly string _trunk = "";

    /// <param name="defaultRegion">ISO 3166 code of the country for numbers without +. Default null: such numbers are not found.</param>
    /// <exception cref="ArgumentException">The region does not exist.</exception>
    public PhoneDetector(string? defaultRegion = null)
        : base(LongestText + 2)
    {
        (_region, _begins) = (defaultRegion, Plus);
        if (defaultRegion is not null)
        {
            _callingCode = Numbers.GetCountryCodeForRegion(defaultRegion);
            if (_callingCode == 0)
            {
                throw new ArgumentException($"Telephone numbers of the region {defaultRegion} are not supported.", nameof(defaultRegion));
            }

            _begins = PlusAndDigits;
            _trunk = Numbers.GetNddPrefixForRegion(defaultRegion, stripNonDigits: true) ?? "";
        }

        // Warm-up: the first check loads all numbering plans.
        Numbers.IsValidNumber(Numbers.GetExampleNumber(defaultRegion ?? "US"));
    }

    protected override int Next(ReadOnlySpan<char> text, int from)
    {
        while (from < text.Length && text[from..].IndexOfAny(_begins) is var next and >= 0)
        {
            from += next;
            if (from == 0 || !char.IsAsciiDigit(text[from]) || !char.IsAsciiDigit(text[from - 1]))
            {
                return from;
            }

            var rest = text[from..].IndexOfAnyExcept(Digits);
            from = rest < 0 ? text.Length : from + rest;
        }

        return -1;
    }

    protected override bool CanBegin(char first) => _begins.Contains(first);

    protected override int Match(ref Candidate candidate)
    {
        var isInternational = candidate.At(0) == '+';
        if (!candidate.StartsAtBoundary() || (isInternational ? candidate.At(1) != '(' && !char.IsAsciiDigit(candidate.At(1)) : candidate.At(-1) == '(' || (candidate.At(-1) == '/' && !PhoneText.MayFollowSlash(ref candidate))))
        {
            return 0;
        }

        Span<char> digits = stackalloc char[MaxDigits];
        Span<byte> ends = stackalloc byte[MaxDigits];
        var (count, groups) = PhoneText.Read(ref candidate, LongestText, digits, ends);
        if (isInternational ? count < MinDigits + 1 : count < MinDigits || !IsNational(ref candidate, digits[..count], groups))
        {
            return 0;
        }

        // The last groups may belong to the text after the number, so shorter lengths are tried too. A candidate after other groups of digits is part of a
        // table, unless the text before it has the same form: then both are numbers of a list.
        var isInRow = !isInternational && PhoneText.IsInRow(ref candidate);
        var checks = 0;
        var mostChecks = isInternational ? MaxChecks : 1;
        for (var length = count; length >= MinDigits && checks < mostChecks; length--)
        {
            var end = ends[length - 1];
            if ((length < count && char.IsAsciiDigit(candidate.At(end))) || !PhoneText.EndsAt(ref candidate, end) || (isInRow && !PhoneText.HasFormOfPrevious(ref candidate, end)) || !TryNumber(digits[..length], isInternational, out var number))
            {
                continue;
            }

            checks++;
            if (Numbers.IsValidNumber(number))
            {
                return end;
            }
        }

        return 0;
    }

    // True when the notation looks like a telephone number. Digits without separators are more often an id.
    private bool IsNational(ref Candidate candidate, scoped ReadOnlySpan<char> digits, int groups) =>
        (_trunk is "" or "1" ? groups > 1 : digits.StartsWith(_trunk)) && !PhoneText.IsDateOrAddress(ref candidate) && !PhoneText.IsDecimal(ref candidate);

    private bool TryNumber(ReadOnlySpan<char> digits, bool isInternational, out PhoneNumber number)
    {
        number = null!;
        var code = isInternational ? 0 : _callingCode;
        var national = digits;
        if (!isInternational)
        {
            national = _trunk.Length > 0 && digits.StartsWith(_trunk) ? digits[_trunk.Length..] : digits;
        }
        else
        {
            for (var length = 1; length <= 3 && length < digits.Length; length++)
            {
                code = (code * 10) + digits[length - 1] - '0';
                if (Lengths.ContainsKey(code))
                {
                    national = digits[length..];
                    break;
                }
            }

            if (national.Length == digits.Length)
            {
                return false;
            }
        }

        var zeros = national.IndexOfAnyExcept('0');
        if (zeros < 0 || (Lengths[code] >> national.Length & 1) == 0)
        {
            return false;
        }

        var builder = new PhoneNumber.Builder().SetCountryCode(code).SetNationalNumber(ulong.Parse(national, CultureInfo.InvariantCulture));
        if (zeros > 0)
        {
            builder.SetNumberOfLeadingZeros(zeros);
        }

        number = builder.Build();
        return true;
    }

    private static uint LengthsOf(int callingCode)
    {
        var lengths = 0u;
        foreach (var region in Numbers.GetRegionCodesForCountryCode(callingCode))
        {
            var plan = region == "001" ? Numbers.GetMetadataForNonGeographicalRegion(callingCode) : Numbers.GetMetadataForRegion(region);
            foreach (var length in plan.GeneralDesc.PossibleLengthList)
            {
                lengths |= 1u << length;
            }
        }

        return lengths;
    }
}
