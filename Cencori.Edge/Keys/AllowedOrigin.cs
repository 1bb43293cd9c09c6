using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Microsoft.Net.Http.Headers;

namespace Cencori.Edge.Keys;

/// <summary>Checks from which web pages a publishable key may be used.</summary>
public static class AllowedOrigin
{
    private const string WildcardPrefix = "*.";
    private const string SchemeEnd = "://";

    private static readonly SearchValues<char> OfScheme = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");

    // Nobody can register a domain below these, so a wildcard such as *.internal is safe. Below any other top-level domain anybody can.
    private static readonly string[] PrivateTops = ["localhost", "local", "internal", "test"];

    /// <summary>
    /// Whether the host of <c>Origin</c>, or else of <c>Referer</c>, matches one of <paramref name="domains"/>: an exact
    /// host, or <c>*.example.com</c>, which also matches <c>example.com</c>. Scheme and port are ignored. Without a host: false.
    /// </summary>
    /// <remarks>If there is an <c>Origin</c>, it alone decides, even if it is malformed.</remarks>
    public static bool Matches(IHeaderDictionary headers, IReadOnlyList<string> domains)
    {
        var isOrigin = headers.Origin.Count > 0;
        var page = isOrigin ? headers.Origin : headers[HeaderNames.Referer];
        return page.Count == 1 && TryReadHost(Decode(page[0] ?? ""), isOrigin, out var host) && MatchesHost(host, domains);
    }

    /// <param name="host">A host in the form of <see cref="HostName.TryNormalize"/>.</param>
    /// <param name="domains">Allowed domains in any spelling: earlier versions stored them as entered.</param>
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
    /// Returns the spelling in which an allowed domain is stored. False: the text is neither a host nor <c>*.</c> before a host name, so it would match
    /// no page. Also false: the part after <c>*.</c> is an address or a public top-level domain, so the text would match no page or anybody's pages.
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

    // The server reads headers as Latin-1. Clients that do not encode an internationalised host name in ASCII send UTF-8.
    private static string Decode(string value)
    {
        if (Ascii.IsValid(value))
        {
            return value;
        }

        var bytes = Encoding.Latin1.GetBytes(value);
        return Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : value;
    }

    // An origin has only a scheme, a host and an optional port. A referer also has a path.
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

        // The colons of an IPv6 address are within brackets. User information before an @ makes the host invalid.
        var hostEnd = authority.IndexOf(']') + 1;
        var port = authority[hostEnd..].IndexOf(':');
        return (port < 0 || IsPort(authority[(hostEnd + port + 1)..]))
            && (hostEnd > 0) == authority.StartsWith('[')
            && HostName.TryNormalize(port < 0 ? authority : authority[..(hostEnd + port)], out host);
    }

    // A file: URL has no host that can be trusted.
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
