using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Cencori.Edge.Keys;

/// <summary>Normalises host names to the form that browsers send, so that two can be compared: lower case, ASCII, no dot at the end.</summary>
public static class HostName
{
    private const int MaxLength = 253;
    private const int MaxLabelLength = 63;

    private static readonly IdnMapping Idn = new();
    private static readonly SearchValues<char> OfIPv6 = SearchValues.Create("0123456789abcdefABCDEF:.");

    /// <summary>
    /// Accepts a DNS name in any case, with or without a final dot; an internationalised name in either form; an IPv4 address of four
    /// decimal numbers; and an IPv6 address with or without brackets. False for everything else.
    /// </summary>
    public static bool TryNormalize(ReadOnlySpan<char> host, [NotNullWhen(true)] out string? normal)
    {
        normal = null;
        if (host.Contains(':'))
        {
            return TryNormalizeIPv6(host, out normal);
        }

        if (host is [_, .., '.'])
        {
            host = host[..^1];
        }

        if (!IsName(host) || !TryToAscii(host, out var ascii) || ascii.Length > MaxLength || !HasLabels(ascii))
        {
            return false;
        }

        // If the last label is a number, browsers parse the host as an address. So it must be a plain IPv4 address.
        if (IsNumber(ascii.AsSpan(ascii.LastIndexOf('.') + 1)) && !(IPAddress.TryParse(ascii, out var address) && address.ToString() == ascii))
        {
            return false;
        }

        normal = ascii;
        return true;
    }

    /// <summary>Whether the host is an address, which has no subdomains.</summary>
    internal static bool IsAddress(string normal) => IPAddress.TryParse(normal, out _);

    private static bool TryNormalizeIPv6(ReadOnlySpan<char> host, [NotNullWhen(true)] out string? normal)
    {
        normal = null;
        var inner = host is ['[', .., ']'] ? host[1..^1] : host;

        // An address with a zone or a port is not accepted.
        if (inner.ContainsAnyExcept(OfIPv6) || !IPAddress.TryParse(inner, out var address) || address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return false;
        }

        normal = $"[{address}]";
        return true;
    }

    private static bool IsName(ReadOnlySpan<char> host)
    {
        foreach (var letter in host)
        {
            if (!(char.IsAscii(letter) ? char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '_' : IsOfName(letter)))
            {
                return false;
            }
        }

        return !host.IsEmpty;
    }

    // Refuses characters that must be composed or mapped before the conversion to ASCII: the edge runs without ICU.
    private static bool IsOfName(char letter) =>
        letter is not ((>= '\u0300' and <= '\u036F') or (>= '\uFF00' and <= '\uFFEF'))
        && char.GetUnicodeCategory(letter) is not (UnicodeCategory.Format or UnicodeCategory.Control or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned)
        && !char.IsPunctuation(letter) && !char.IsWhiteSpace(letter);

    private static bool TryToAscii(ReadOnlySpan<char> host, out string ascii)
    {
        ascii = host.ToString().ToLowerInvariant();
        if (Ascii.IsValid(ascii))
        {
            return true;
        }

        try
        {
            ascii = Idn.GetAscii(ascii);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static bool HasLabels(ReadOnlySpan<char> host)
    {
        foreach (var label in host.Split('.'))
        {
            if (host[label].Length is 0 or > MaxLabelLength)
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsNumber(ReadOnlySpan<char> label) =>
        !label.ContainsAnyExceptInRange('0', '9') || (label.StartsWith("0x") && !label[2..].ContainsAnyExcept(OfIPv6));
}
