using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Microsoft.Net.Http.Headers;

namespace Cencori.Edge.Keys;

/// <summary>From which web pages a publishable key may be used.</summary>
public static class AllowedOrigin
{
    private const string WildcardPrefix = "*.";
    private const string SchemeEnd = "://";

    private static readonly SearchValues<char> OfScheme = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");

    // Nobody can register a name below these; below any other label of the top everybody can.
    private static readonly string[] PrivateTops = ["localhost", "local", "internal", "test"];

    /// <summary>
    /// Whether the host of <c>Origin</c>, else of <c>Referer</c>, matches one of <paramref name="domains"/>: an exact
    /// host, or <c>*.example.com</c>, which also matches <c>example.com</c>. Scheme and port do not matter. No host, no.
    /// </summary>
    /// <remarks>Where there is an <c>Origin</c>, it alone decides, also when it is none that a browser sends.</remarks>
    public static bool Matches(IHeaderDictionary headers, IReadOnlyList<string> domains)
    {
        var isOrigin = headers.Origin.Count > 0;
        var page = isOrigin ? headers.Origin : headers[HeaderNames.Referer];
        return page.Count == 1 && TryReadHost(Decode(page[0] ?? ""), isOrigin, out var host) && MatchesHost(host, domains);
    }

    /// <param name="host">As <see cref="HostName.TryNormalize"/> makes it.</param>
    /// <param name="domains">In any spelling: earlier edges stored them as they came.</param>
    public static bool MatchesHost(string host, IReadOnlyList<string> domains)
    {
        foreach (var domain in domains)
        {
            if (MatchesPattern(host, domain) || (!IsPlain(domain) && TryNormalize(domain, out var plain) && MatchesPattern(host, plain)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// The spelling in which an allowed domain is stored. False where it could match no page, or pages of anybody: it is neither a host
    /// alone nor <c>*.</c> before the name of one, or what stands behind that is an address or a public top of the tree of names.
    /// </summary>
    public static bool TryNormalize(string? domain, [NotNullWhen(true)] out string? normal)
    {
        var isWildcard = domain?.StartsWith(WildcardPrefix, StringComparison.Ordinal) == true;
        if (!HostName.TryNormalize(isWildcard ? domain.AsSpan(WildcardPrefix.Length) : domain, out normal))
        {
            return false;
        }

        if (!isWildcard)
        {
            return true;
        }

        var isWide = HostName.IsAddress(normal) || (!normal.Contains('.', StringComparison.Ordinal) && !PrivateTops.Contains(normal));
        normal = isWide ? null : WildcardPrefix + normal;
        return !isWide;
    }

    // The server gives the bytes of a header as they came, and those who do not send an internationalised name in ASCII send UTF-8.
    private static string Decode(string value)
    {
        if (Ascii.IsValid(value))
        {
            return value;
        }

        var bytes = Encoding.Latin1.GetBytes(value);
        return Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : value;
    }

    // An origin is a scheme, a host and perhaps a port, and nothing else; behind a referer's stands where on that host the page is.
    private static bool TryReadHost(ReadOnlySpan<char> url, bool isOrigin, [NotNullWhen(true)] out string? host)
    {
        host = null;
        var scheme = url.IndexOf(SchemeEnd, StringComparison.Ordinal);
        if (scheme < 1 || !IsScheme(url[..scheme]))
        {
            return false;
        }

        var authority = url[(scheme + SchemeEnd.Length)..];
        if (authority.IndexOfAny("/?#") is >= 0 and var end)
        {
            if (isOrigin)
            {
                return false;
            }

            authority = authority[..end];
        }

        // Of an IPv6 address the colons are within brackets. Somebody's name before an @ is no part of any host.
        var hostEnd = authority.IndexOf(']') + 1;
        var port = authority[hostEnd..].IndexOf(':');
        return (port < 0 || IsPort(authority[(hostEnd + port + 1)..]))
            && (hostEnd > 0) == authority.StartsWith('[')
            && HostName.TryNormalize(port < 0 ? authority : authority[..(hostEnd + port)], out host);
    }

    // A file is on no host, whatever it says.
    private static bool IsScheme(ReadOnlySpan<char> scheme) =>
        !scheme.ContainsAnyExcept(OfScheme) && char.IsAsciiLetter(scheme[0])
        && !scheme.Equals("file", StringComparison.OrdinalIgnoreCase);

    private static bool IsPort(ReadOnlySpan<char> port) => ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    private static bool IsPlain(string domain) => Ascii.IsValid(domain) && !domain.Contains(':', StringComparison.Ordinal) && !domain.EndsWith('.');

    private static bool MatchesPattern(string host, string domain)
    {
        if (!domain.StartsWith(WildcardPrefix, StringComparison.Ordinal))
        {
            return host.Equals(domain, StringComparison.OrdinalIgnoreCase);
        }

        var suffix = domain.AsSpan(1);
        return host.AsSpan().EndsWith(suffix, StringComparison.OrdinalIgnoreCase)
            || host.AsSpan().Equals(suffix[1..], StringComparison.OrdinalIgnoreCase);
    }
}
