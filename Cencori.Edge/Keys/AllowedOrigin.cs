using Microsoft.Net.Http.Headers;

namespace Cencori.Edge.Keys;

/// <summary>From which web pages a publishable key may be used.</summary>
public static class AllowedOrigin
{
    private const string WildcardPrefix = "*.";

    /// <summary>
    /// Whether the host of <c>Origin</c>, else of <c>Referer</c>, matches one of <paramref name="domains"/>: an exact
    /// host, or <c>*.example.com</c>, which also matches <c>example.com</c>. Scheme and port do not matter. No host, no.
    /// </summary>
    public static bool Matches(IHeaderDictionary headers, IReadOnlyList<string> domains)
    {
        var page = headers.Origin.Count > 0 ? headers.Origin : headers[HeaderNames.Referer];
        return page.Count == 1 && Uri.TryCreate(page[0], UriKind.Absolute, out var uri) && uri.Host.Length > 0 && MatchesHost(uri.IdnHost, domains);
    }

    public static bool MatchesHost(string host, IReadOnlyList<string> domains)
    {
        foreach (var domain in domains)
        {
            if (host.Equals(domain, StringComparison.OrdinalIgnoreCase) || MatchesWildcard(host, domain))
            {
                return true;
            }
        }

        return false;
    }

    private static bool MatchesWildcard(string host, string domain)
    {
        if (!domain.StartsWith(WildcardPrefix, StringComparison.Ordinal))
        {
            return false;
        }

        var suffix = domain.AsSpan(1);
        return host.AsSpan().EndsWith(suffix, StringComparison.OrdinalIgnoreCase)
            || host.AsSpan().Equals(suffix[1..], StringComparison.OrdinalIgnoreCase);
    }
}
