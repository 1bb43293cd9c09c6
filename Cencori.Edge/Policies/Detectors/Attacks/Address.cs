using System.Buffers;

namespace Cencori.Edge.Policies.Detectors.Attacks;

/// <summary>Measures how many characters of a URL could be exfiltrated data.</summary>
internal static class Address
{
    private const int MinOpaque = 32;

    // Length of the longest tracking parameter that is ignored. A longer value is counted as data, whatever its name is.
    private const int MaxTracking = 64;

    private static readonly string[] Schemes = ["https://", "http://", "//"];
    private static readonly string[] Tracking = ["utm_", "gclid", "fbclid", "msclkid", "gad_source", "ref", "ixid", "ixlib"];

    // Storage and CDN hosts whose signed links contain signature parameters. These parameters are not counted as data.
    private static readonly string[] Signers = [".amazonaws.com", ".cloudfront.net", ".blob.core.windows.net", "storage.googleapis.com"];
    private static readonly string[] Signed = ["x-amz-", "x-goog-", "sig", "se", "st", "sp", "sv", "sr", "sk", "rs", "signature", "expires", "key-pair-id", "policy", "awsaccesskeyid"];

    // Starts of a parameter value that is itself a URL, as in links of image proxies.
    private static readonly string[] Addresses = ["https:", "http:", "https%3A", "http%3A", "/", "%2F"];

    private static readonly SearchValues<char> OfHash = SearchValues.Create("0123456789abcdefABCDEF-.,");
    private static readonly SearchValues<char> Separators = SearchValues.Create("-_.,~+: ");

    public static bool IsAbsolute(ReadOnlySpan<char> url) => StartsWithAny(url, Schemes);

    public static bool MayBecomeAbsolute(ReadOnlySpan<char> url)
    {
        foreach (var scheme in Schemes)
        {
            if (scheme.AsSpan().StartsWith(url, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Counts the characters of the query, and of those path and host parts that are not words. The fragment after # is not counted: browsers do not send it.</summary>
    public static int DataIn(ReadOnlySpan<char> url)
    {
        url = url[(url.IndexOf("//", StringComparison.Ordinal) + 2)..];
        url = url.IndexOf('#') is >= 0 and var fragment ? url[..fragment] : url;
        var question = url.IndexOf('?');
        var path = question < 0 ? url : url[..question];
        var slash = path.IndexOf('/');
        var host = slash < 0 ? path : path[..slash];
        var sum = 0;
        foreach (var label in host.Split('.'))
        {
            sum += Opaque(host[label]);
        }

        path = path[host.Length..];
        foreach (var segment in path.Split('/'))
        {
            sum += Opaque(path[segment]);
        }

        return question < 0 ? sum : sum + InQuery(url[(question + 1)..], EndsWithAny(host, Signers));
    }

    /// <summary>Length of the longest query value that may be data. Numbers, hashes, URLs, tracking parameters and signature parameters are excluded.</summary>
    public static int LongestValueIn(ReadOnlySpan<char> url)
    {
        url = url.IndexOf('#') is >= 0 and var fragment ? url[..fragment] : url;
        var question = url.IndexOf('?');
        if (question < 0)
        {
            return 0;
        }

        var host = url[(url.IndexOf("//", StringComparison.Ordinal) + 2)..question];
        var isSigned = EndsWithAny(host[..(host.IndexOf('/') is >= 0 and var slash ? slash : host.Length)], Signers);
        var query = url[(question + 1)..];
        var longest = 0;
        foreach (var range in query.Split('&'))
        {
            var parameter = query[range];
            var equals = parameter.IndexOf('=');
            var name = parameter[..Math.Max(0, equals)];
            var value = parameter[(equals + 1)..];
            var isKnown = equals > 0 && (StartsWithAny(name, Tracking) || (isSigned && StartsWithAny(name, Signed)));
            longest = isKnown || !value.ContainsAnyExcept(OfHash) || StartsWithAny(value, Addresses) ? longest : Math.Max(longest, Decoded(value));
        }

        return longest;
    }

    private static int InQuery(ReadOnlySpan<char> query, bool isSigned)
    {
        var sum = 0;
        foreach (var range in query.Split('&'))
        {
            var parameter = query[range];
            var equals = parameter.IndexOf('=');
            var name = parameter[..Math.Max(0, equals)];
            var value = Decoded(parameter[(equals + 1)..]);
            sum += equals > 0 && isSigned && StartsWithAny(name, Signed) ? 0
                : equals > 0 && StartsWithAny(name, Tracking) ? Math.Max(0, value - MaxTracking)
                : value + (name.Length > MinOpaque ? name.Length : 0);
        }

        return sum;
    }

    /// <summary>The length of a path or host part that does not look like words. 0 when it does.</summary>
    private static int Opaque(ReadOnlySpan<char> part)
    {
        var dot = part.LastIndexOf('.');
        part = dot > 0 && part.Length - dot <= 6 ? part[..dot] : part;
        if (part.Length < MinOpaque)
        {
            return 0;
        }

        // Escaped words count at their decoded length: each space, and each letter of a non-Latin script, takes several characters when escaped.
        if (part.Count('%') >= 3)
        {
            return Decoded(part);
        }

        var (separators, digits, capitals, small) = (0, 0, 0, 0);
        foreach (var character in part)
        {
            separators += Separators.Contains(character) ? 1 : 0;
            digits += char.IsAsciiDigit(character) ? 1 : 0;
            capitals += char.IsAsciiLetterUpper(character) ? 1 : 0;
            small += char.IsAsciiLetterLower(character) ? 1 : 0;
        }

        return separators * 12 < part.Length && ((digits > 0 && capitals + small > 0) || (capitals > 2 && small > 2)) ? part.Length : 0;
    }

    private static int Decoded(ReadOnlySpan<char> text) => text.Length - 2 * Math.Min(text.Count('%'), text.Length / 3);

    private static bool StartsWithAny(ReadOnlySpan<char> text, string[] starts)
    {
        foreach (var start in starts)
        {
            if (text.StartsWith(start, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private static bool EndsWithAny(ReadOnlySpan<char> text, string[] ends)
    {
        foreach (var end in ends)
        {
            if (text.EndsWith(end, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
