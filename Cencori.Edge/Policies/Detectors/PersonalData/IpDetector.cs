using System.Buffers;
using System.Buffers.Binary;
using System.Net;

namespace Cencori.Edge.Policies.Detectors.PersonalData;

/// <summary>Finds public IPv4 and IPv6 addresses. Excludes private and documentation addresses, and version numbers.</summary>
internal sealed class IpDetector() : CandidateDetector(mostOpen: Longest + 2)
{
    private const int Longest = 45;

    private static readonly ContextWords Versions = new("version", "versions", "ver", "v", "release", "build", "firmware", "assembly", "upgrade", "upgraded", "runtime", "sdk");
    private static readonly SearchValues<char> Begins = SearchValues.Create("0123456789:");
    private static readonly SearchValues<char> GroupCharacters = SearchValues.Create("0123456789abcdefABCDEF.");
    private static readonly SearchValues<char> Characters = SearchValues.Create("0123456789abcdefABCDEF:.");
    private static readonly SearchValues<char> QuadCharacters = SearchValues.Create("0123456789.");

    private static readonly IPNetwork[] SpecialNetworks =
    [
        .. new[] { "::/96", "64:ff9b:1::/48", "100::/64", "2001:db8::/32", "3fff::/20", "fc00::/7", "fe80::/10", "ff00::/8" }.Select(IPNetwork.Parse),
    ];

    protected override int Next(ReadOnlySpan<char> text, int from)
    {
        while (from < text.Length && text[from..].IndexOfAny(Begins) is var next and >= 0)
        {
            // The letters before this character may be the start of an IPv6 group.
            var start = from + next;
            while (start > from && from + next - start < 4 && char.IsAsciiHexDigit(text[start - 1]))
            {
                start--;
            }

            if (!IsWithin(text[..start]) || !IsWithinQuad(text[..start]))
            {
                return start;
            }

            if (text[from + next] == ':')
            {
                from += next + 1;
                continue;
            }

            var rest = text[(from + next)..].IndexOfAnyExcept(GroupCharacters);
            from = rest < 0 ? text.Length : from + next + rest;
        }

        return -1;
    }

    protected override bool CanBegin(char first) => first == ':' || char.IsAsciiHexDigit(first);

    protected override int Match(ref Candidate candidate)
    {
        if (!IsWithinQuad(candidate.Before) && MatchQuad(ref candidate) is > 0 and var quad)
        {
            return quad;
        }

        if (IsWithin(candidate.Before))
        {
            return 0;
        }

        Span<char> address = stackalloc char[Longest + 1];
        var (length, colons, digits) = (0, 0, 0);
        while (length < address.Length && Characters.Contains(candidate.At(length)))
        {
            address[length] = candidate.At(length);
            colons += address[length] == ':' ? 1 : 0;
            digits += char.IsAsciiDigit(address[length]) ? 1 : 0;
            length++;
        }

        if (length == address.Length || digits == 0 || colons < 2)
        {
            return 0;
        }

        // A dot or colon at the end is punctuation of the sentence, and not part of the address.
        var next = candidate.At(length);
        while ((length > 0 && address[length - 1] == '.') || (length > 1 && address[length - 1] == ':' && address[length - 2] != ':'))
        {
            length--;
        }

        return IsContinued(ref candidate, length, next) || !IsPublic(address[..length]) ? 0 : length;
    }

    /// <summary>Length of the IPv4 address that begins at the candidate. 0 when there is none. A port, or the next value of a list, may follow.</summary>
    private static int MatchQuad(ref Candidate candidate)
    {
        Span<char> address = stackalloc char[Longest + 1];
        var length = 0;
        while (length < address.Length && QuadCharacters.Contains(candidate.At(length)))
        {
            address[length] = candidate.At(length);
            length++;
        }

        if (length == address.Length)
        {
            return 0;
        }

        var next = candidate.At(length);
        while (length > 0 && address[length - 1] == '.')
        {
            length--;
        }

        return TryQuad(address[..length], out var quad) && IsPublic(quad) && !IsContinued(ref candidate, length, next) && !candidate.IsNear(Versions) ? length : 0;
    }

    private static bool IsContinued(ref Candidate candidate, int length, char next) => char.IsAsciiLetterOrDigit(next) || next == '_' || (next == '-' && char.IsAsciiLetterOrDigit(candidate.At(length + 1)));

    private static bool IsPublic(ReadOnlySpan<char> text)
    {
        if (text.Count(':') < 2 || !IPAddress.TryParse(text, out var address))
        {
            return false;
        }

        if (address.IsIPv4MappedToIPv6)
        {
            return IsPublic(BinaryPrimitives.ReadUInt32BigEndian(address.MapToIPv4().GetAddressBytes()));
        }

        foreach (var network in SpecialNetworks)
        {
            if (network.Contains(address))
            {
                return false;
            }
        }

        return true;
    }

    // True for public addresses: not private, shared, local, documentation, test, multicast or reserved ranges.
    private static bool IsPublic(uint quad) => (quad >> 24, quad >> 16 & 0xFF, quad >> 8 & 0xFF) is not (
        (0 or 10 or 127 or >= 224, _, _) or (100, >= 64 and <= 127, _) or (169, 254, _) or (172, >= 16 and <= 31, _) or (192, 168, _) or (192, 0, 0 or 2) or (198, 18 or 19, _) or (198, 51, 100)
        or (203, 0, 113));

    // Requires four numbers without leading zeros: the framework's parser also accepts fewer numbers and octal ones.
    private static bool TryQuad(ReadOnlySpan<char> text, out uint quad)
    {
        var (parts, length, part) = (1, 0, 0u);
        quad = 0;
        foreach (var character in text)
        {
            if (character == '.' && length > 0)
            {
                quad = quad << 8 | part;
                (length, part) = (0, 0);
                parts++;
            }
            else if (!char.IsAsciiDigit(character) || (length > 0 && part == 0) || (part = (part * 10) + character - '0') > 255)
            {
                return false;
            }
            else
            {
                length++;
            }
        }

        quad = quad << 8 | part;
        return parts == 4 && length > 0;
    }

    /// <summary>True when four numbers after this text would be the end of an IPv6 address or of a longer number. After a single colon, they usually are a separate value.</summary>
    private static bool IsWithinQuad(ReadOnlySpan<char> before)
    {
        const int GroupsBefore = 6;
        if (before.Length == 0 || before[^1] != ':')
        {
            return IsWithin(before);
        }

        var colons = 0;
        for (var at = before.Length - 1; at >= 0 && before.Length - at <= Longest && (before[at] == ':' || char.IsAsciiHexDigit(before[at])); at--)
        {
            colons += before[at] == ':' ? 1 : 0;
            if (colons >= GroupsBefore || (before[at] == ':' && at > 0 && before[at - 1] == ':'))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>True when an address after this text would only be the end of a longer word or address. A label with a colon may come before an address,
    /// unless the label looks like a group of an address.</summary>
    private static bool IsWithin(ReadOnlySpan<char> before)
    {
        const int LongestGroup = 4;
        if (before.Length == 0 || before[^1] != ':')
        {
            return before.Length > 0 && (char.IsAsciiLetterOrDigit(before[^1]) || before[^1] is '_' or '.' or '-');
        }

        var group = before[..^1];
        var length = 0;
        while (length < group.Length && length <= LongestGroup && char.IsAsciiHexDigit(group[^(length + 1)]))
        {
            length++;
        }

        return length is > 0 and <= LongestGroup ? length == group.Length || !char.IsAsciiLetterOrDigit(group[^(length + 1)]) : length == 0 && group.EndsWith(':');
    }
}
