using System.Text.RegularExpressions;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Architecture;

/// <summary>CORS allows or exposes every <c>X-Cencori-</c> header in the source that callers can send or receive.</summary>
public sealed partial class OwnHeadersTests(TwoProvidersEdge scene) : IClassFixture<TwoProvidersEdge>
{
    // The edge sends the first to providers and the second to webhooks. Callers receive neither.
    private static readonly string[] OfOthers = ["X-Cencori-Via", "X-Cencori-Signature"];

    [Fact]
    public async Task Web_pages_may_send_or_read_every_header_for_callers()
    {
        using var preflight = await scene.Edge.SendAsync(null, HttpMethod.Options, "/v1/models", null, ("Origin", "https://example.com"), ("Access-Control-Request-Method", "GET"));
        using var error = await scene.Edge.SendAsync(null, HttpMethod.Get, "/v1/models", null, ("Origin", "https://example.com"));
        var known = Names(preflight, "Access-Control-Allow-Headers").Concat(Names(error, "Access-Control-Expose-Headers")).Concat(OfOthers);

        var named = FolderTests.SourceTexts.SelectMany(text => OwnHeader().Matches(text)).Select(match => match.Groups[1].Value).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        Assert.Contains("X-Cencori-Limited-By", named);
        Assert.Empty(named.Except(known, StringComparer.OrdinalIgnoreCase));
    }

    private static string[] Names(HttpResponseMessage response, string header) => response.Headers.GetValues(header).Single().Split(", ");

    [GeneratedRegex("\"(x-cencori-[a-z-]+)\"", RegexOptions.IgnoreCase)]
    private static partial Regex OwnHeader();
}
