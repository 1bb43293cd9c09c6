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
    [InlineData("file://example.com", "example.com", false)]
    [InlineData("https://example.com.", "example.com", true)]
    [InlineData("https://app.example.com.", "*.example.com", true)]
    [InlineData("https://example.com..", "example.com", false)]
    [InlineData("https://example.com", "example.com.", true)]
    [InlineData("http://localhost.:3000", "localhost", true)]
    [InlineData("http://app.localhost:3000", "*.localhost", true)]
    [InlineData("http://app.localhost:3000", "localhost", false)]
    [InlineData("http://[::1]:3000", "[::1]", true)]
    [InlineData("http://[::1]", "::1", true)]
    [InlineData("http://[0:0:0:0:0:0:0:1]", "::1", true)]
    [InlineData("http://[::2]", "[::1]", false)]
    [InlineData("http://[::1]evil.org", "[::1]", false)]
    [InlineData("http://[::1%25lo]", "[::1]", false)]
    [InlineData("http://::1", "::1", false)]
    [InlineData("http://0x7f.1", "127.0.0.1", false)]
    [InlineData("https://bücher.example", "xn--bcher-kva.example", true)]
    [InlineData("https://xn--bcher-kva.example", "bücher.example", true)]
    [InlineData("https://XN--BCHER-KVA.example", "*.BÜCHER.example", true)]
    [InlineData("https://bucher.example", "bücher.example", false)]
    [InlineData("https://user:password@example.com", "example.com", false)]
    [InlineData("https://example.com:443@evil.org", "example.com", false)]
    [InlineData("https://evil.org\\@example.com", "example.com", false)]
    [InlineData("https://example.com\\.evil.org", "example.com", false)]
    [InlineData("https://example.com%2Eevil.org", "example.com", false)]
    [InlineData("https://example.com\t.evil.org", "*.org", false)]
    [InlineData("https://example.com https://evil.org", "example.com", false)]
    [InlineData("https://evil.org, https://example.com", "example.com", false)]
    [InlineData("https://example.com:", "example.com", false)]
    [InlineData("https://example.com:65536", "example.com", false)]
    [InlineData("//example.com", "example.com", false)]
    [InlineData("https:example.com", "example.com", false)]
    [InlineData("chrome-extension://abcdefghijklmnopabcdefghijklmnop", "abcdefghijklmnopabcdefghijklmnop", true)]
    [InlineData("capacitor://localhost", "localhost", true)]
    [InlineData("x://example.com", "example.com", true)]
    public void An_origin_matches_a_domain_by_its_host_alone(string origin, string domain, bool matches)
    {
        Assert.Equal(matches, AllowedOrigin.Matches(new HeaderDictionary { ["Origin"] = origin }, [domain]));
        Assert.Equal(matches, AllowedOrigin.Matches(new HeaderDictionary { ["Referer"] = origin }, [domain]));
    }

    [Theory]
    [InlineData("https://example.com/")]
    [InlineData("https://example.com/page?x=1#here")]
    [InlineData("https://example.com?x=https://evil.org")]
    [InlineData("https://example.com#evil.org")]
    public void A_referer_may_have_a_path_and_an_origin_may_not(string page)
    {
        Assert.True(AllowedOrigin.Matches(new HeaderDictionary { ["Referer"] = page }, ["example.com"]));
        Assert.False(AllowedOrigin.Matches(new HeaderDictionary { ["Origin"] = page }, ["example.com"]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("https://")]
    [InlineData("https://example.com/")]
    public void A_referer_does_not_replace_a_bad_origin(string origin) => Assert.False(
        AllowedOrigin.Matches(new HeaderDictionary { ["Origin"] = origin, ["Referer"] = "https://example.com/" }, ["example.com"]));

    [Theory]
    [InlineData("example.com", "example.com")]
    [InlineData("*.Example.COM.", "*.example.com")]
    [InlineData("localhost", "localhost")]
    [InlineData("*.localhost", "*.localhost")]
    [InlineData("my_app.internal", "my_app.internal")]
    [InlineData("bücher.example", "xn--bcher-kva.example")]
    [InlineData("*.BÜCHER.example", "*.xn--bcher-kva.example")]
    [InlineData("::1", "[::1]")]
    [InlineData("[0:0::1]", "[::1]")]
    [InlineData("127.0.0.1", "127.0.0.1")]
    [InlineData("", null)]
    [InlineData(".", null)]
    [InlineData("*", null)]
    [InlineData("*.", null)]
    [InlineData("*.com", null)]
    [InlineData("*.0.0.1", null)]
    [InlineData("*.127.0.0.1", null)]
    [InlineData("*.[::1]", null)]
    [InlineData("*example.com", null)]
    [InlineData("a.*.com", null)]
    [InlineData("https://example.com/", null)]
    [InlineData("example.com:443", null)]
    [InlineData("[::1]:443", null)]
    [InlineData("example.com/", null)]
    [InlineData(" example.com", null)]
    [InlineData("exam ple.com", null)]
    [InlineData("example.com,example.org", null)]
    [InlineData("user@example.com", null)]
    [InlineData(".example.com", null)]
    [InlineData("example..com", null)]
    [InlineData("127.1", null)]
    [InlineData("0x7f.0.0.1", null)]
    [InlineData("1.2.3", null)]
    [InlineData("fe80::1%eth0", null)]
    [InlineData("ｅxample.com", null)]
    [InlineData("*.local", "*.local")]
    [InlineData("*.internal", "*.internal")]
    [InlineData("*.test", "*.test")]

    // Characters that a browser would compose, map or drop: the first and the last of the combining marks, then a soft hyphen, a control character,
    // one of private use, and one that does not exist.
    [InlineData("bu\u0308cher.example", null)]
    [InlineData("e\u0300.example", null)]
    [InlineData("e\u036F.example", null)]
    [InlineData("e\u00ADe.example", null)]
    [InlineData("e\u0085e.example", null)]
    [InlineData("e\uE000.example", null)]
    [InlineData("e\u0378.example", null)]
    [InlineData("null", "null")]
    public void A_domain_has_one_spelling_or_is_invalid(string domain, string? normal)
    {
        Assert.Equal(normal is not null, AllowedOrigin.TryNormalize(domain, out var stored));
        Assert.Equal(normal, stored);
    }

    [Theory]
    [InlineData(63, 253, true)]
    [InlineData(64, 253, false)]
    [InlineData(63, 254, false)]
    public void A_host_has_at_most_253_characters_in_labels_of_at_most_63(int label, int length, bool isValid)
    {
        var labels = string.Join('.', Enumerable.Repeat(new string('a', label), 3));
        Assert.Equal(isValid, AllowedOrigin.TryNormalize($"{labels}.{new string('b', length - labels.Length - 1)}", out _));
    }

    [Fact]
    public void The_referer_counts_only_without_an_origin()
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
    public void A_wildcard_matches_exactly_the_domain_and_its_subdomains()
    {
        var host = Gen.String[Gen.Char["abe.-"], 0, 12];
        Gen.Select(host, host).Sample((before, domain) => Assert.Equal(
            before == domain || before.EndsWith("." + domain, StringComparison.Ordinal),
            AllowedOrigin.MatchesHost(before, ["*." + domain])));
    }
}
