using Cencori.Edge.Keys;
using CsCheck;
using Microsoft.AspNetCore.Http;

namespace Cencori.Edge.Tests.Keys;

public class AllowedOriginTests
{
    [Theory]
    [InlineData("https://example.com", "example.com", true)]
    [InlineData("http://example.com:8443", "example.com", true)]
    [InlineData("https://EXAMPLE.com", "example.COM", true)]
    [InlineData("https://app.example.com", "example.com", false)]
    [InlineData("https://example.com", "*.example.com", true)]
    [InlineData("https://app.example.com", "*.example.com", true)]
    [InlineData("https://a.b.example.com:1", "*.example.com", true)]
    [InlineData("https://evil-example.com", "*.example.com", false)]
    [InlineData("https://evil-example.com", "example.com", false)]
    [InlineData("https://example.com.evil.org", "*.example.com", false)]
    [InlineData("https://example.com.evil.org", "example.com", false)]
    [InlineData("https://example.com@evil.org", "example.com", false)]
    [InlineData("https://evil.org/?https://example.com", "example.com", false)]
    [InlineData("https://evil.org#example.com", "example.com", false)]
    [InlineData("https://com", "*.example.com", false)]
    [InlineData("http://localhost:3000", "localhost", true)]
    [InlineData("http://localhost.evil.org", "localhost", false)]
    [InlineData("http://127.0.0.1:3000", "localhost", false)]
    [InlineData("http://127.0.0.1:3000", "127.0.0.1", true)]
    [InlineData("https://xn--mnchen-3ya.de", "xn--mnchen-3ya.de", true)]
    [InlineData("null", "example.com", false)]
    [InlineData("null", "null", false)]
    [InlineData("", "example.com", false)]
    [InlineData("example.com", "example.com", false)]
    [InlineData("file:///example.com", "example.com", false)]
    public void An_origin_matches_a_domain_by_its_host_alone(string origin, string domain, bool matches)
    {
        Assert.Equal(matches, AllowedOrigin.Matches(new HeaderDictionary { ["Origin"] = origin }, [domain]));
        Assert.Equal(matches, AllowedOrigin.Matches(new HeaderDictionary { ["Referer"] = origin }, [domain]));
    }

    [Fact]
    public void The_referer_counts_only_where_there_is_no_origin()
    {
        Assert.True(AllowedOrigin.Matches(new HeaderDictionary { ["Referer"] = "https://example.com/page?x=1" }, ["example.com"]));
        Assert.False(AllowedOrigin.Matches(new HeaderDictionary { ["Origin"] = "https://evil.org", ["Referer"] = "https://example.com/" }, ["example.com"]));
        Assert.False(AllowedOrigin.Matches(new HeaderDictionary { ["Origin"] = "null", ["Referer"] = "https://example.com/" }, ["example.com"]));
    }

    [Fact]
    public void No_origin_no_domains_or_two_origins_match_nothing()
    {
        Assert.False(AllowedOrigin.Matches(new HeaderDictionary(), ["example.com"]));
        Assert.False(AllowedOrigin.Matches(new HeaderDictionary { ["Origin"] = "https://example.com" }, []));
        Assert.False(AllowedOrigin.Matches(new HeaderDictionary { ["Origin"] = new(["https://example.com", "https://example.com"]) }, ["example.com"]));
    }

    [Fact]
    public void A_wildcard_matches_exactly_the_domain_and_what_ends_in_a_dot_and_it()
    {
        var host = Gen.String[Gen.Char["abe.-"], 0, 12];
        Gen.Select(host, host).Sample((before, domain) => Assert.Equal(
            before == domain || before.EndsWith("." + domain, StringComparison.Ordinal),
            AllowedOrigin.MatchesHost(before, ["*." + domain])));
    }
}
