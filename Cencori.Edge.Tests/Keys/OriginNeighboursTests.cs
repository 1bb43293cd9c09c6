using Cencori.Edge.Keys;
using CsCheck;
using Microsoft.AspNetCore.Http;

namespace Cencori.Edge.Tests.Keys;

public class OriginNeighboursTests
{
    [Fact]
    public void An_origin_matches_if_its_host_is_listed_in_any_spelling() => Gen.Select(OriginNeighbours.Origins, OriginNeighbours.Domains.Array[0, 3]).Sample(
        (origin, domains) =>
        {
            var isListed = origin.Host is { } host && domains.Any(domain => OriginNeighbours.Matches(host, domain.Host, domain.IsWildcard));
            var (asWritten, asStored) = (domains.Select(domain => domain.Text).ToList(), domains.Select(domain => Stored(domain.Text)).ToList());
            foreach (var list in (List<string>[])[asWritten, asStored])
            {
                Assert.Equal(isListed && !origin.HasPlace, AllowedOrigin.Matches(new HeaderDictionary { ["Origin"] = origin.Text }, list));
                Assert.Equal(isListed, AllowedOrigin.Matches(new HeaderDictionary { ["Referer"] = origin.Text }, list));
            }
        },
        iter: 5_000);

    [Fact]
    public void No_text_causes_an_exception_or_matches_another_host() => Gen.Select(Gen.String, Gen.String[Gen.Char[":/@.[]%\\*exn-1ü\t"], 0, 20]).Sample((any, odd) =>
    {
        foreach (var text in (string[])[any, odd, $"https://{any}", $"https://{odd}", $"https://example.com{odd}"])
        {
            // Compares with the host that a browser would read, if it can parse the text.
            var matches = AllowedOrigin.Matches(new HeaderDictionary { ["Origin"] = text }, ["example.com"]);
            Assert.True(!matches || (Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Host.TrimEnd('.') == "example.com"), text);
            if (AllowedOrigin.TryNormalize(text, out var normal))
            {
                Assert.True(AllowedOrigin.TryNormalize(normal, out var again) && again == normal, text);
            }
        }
    });

    private static string Stored(string domain)
    {
        Assert.True(AllowedOrigin.TryNormalize(domain, out var stored), domain);
        return stored;
    }
}
