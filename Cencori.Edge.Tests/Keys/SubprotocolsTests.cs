using Cencori.Edge.Endpoints;
using Cencori.Edge.Keys;
using CsCheck;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Cencori.Edge.Tests.Keys;

public sealed class SubprotocolsTests
{
    private static readonly string Key = ProjectKey.Generate("csk_");

    private static readonly Gen<string> Plain = Gen.OneOfConst("realtime", "openai-beta.realtime-v1", "openai-insecure-api-key", "x", "a.b.c");

    private static readonly Gen<string> OfKey = Gen.OneOfConst("openai-insecure-api-key.", "OpenAI-Insecure-API-Key.", "OPENAI-INSECURE-API-KEY.");

    private static readonly Gen<string> OfCaller = Gen.OneOfConst("openai-organization.org-1", "openai-project.proj-1", "OpenAI-Project.p");

    private static readonly Gen<string> Gap = Gen.OneOfConst(",", ", ", " ,\t", ",,");

    [Fact]
    public void One_key_is_read_at_any_place_and_the_other_names_keep_their_order() =>
        Gen.Select(Plain.Array[0, 3], OfKey, Gen.OneOf(Plain, OfCaller).Array[0, 3], Gap, Gen.Bool).Sample((before, prefix, after, gap, onLines) =>
        {
            string[] all = [.. before, prefix + Key, .. after];
            var offered = onLines ? new StringValues(all) : new StringValues(string.Join(gap, all));

            Assert.True(Subprotocols.TryReadKey(offered, out var key));
            Assert.Equal(Key, key.ToString());
            Assert.True(Subprotocols.TryClean(offered, out var cleaned));
            Assert.Equal(before.Concat(after.Where(name => !IsOfCaller(name))), cleaned?.Split(", ") ?? []);
        });

    [Fact]
    public void No_list_lets_a_key_reach_a_provider() => Gen.Select(Gen.String[Gen.Char["a.-_ ,;=\"\té"], 0, 6], Gen.OneOf(OfKey, Gen.OneOfConst("", "realtime", "openai-insecure-api-key")), Gen.String[Gen.Char["a.-_ ,;=\"\té"], 0, 6]).Sample((before, prefix, after) =>
    {
        if (Subprotocols.TryClean($"realtime, {before}{prefix}{Key}{after}, x", out var cleaned))
        {
            Assert.DoesNotContain(Key, cleaned, StringComparison.Ordinal);
        }
    });

    [Theory]
    [InlineData("realtime, KEY")]
    [InlineData("realtime-KEY")]
    [InlineData("KEY, openai-insecure-api-key.KEY")]
    [InlineData("real time")]
    [InlineData("realtime; x, y")]
    [InlineData("\"realtime\"")]
    [InlineData("réaltime")]
    public void An_invalid_list_or_one_with_a_key_in_another_place_is_not_forwarded(string offered) =>
        Assert.False(Subprotocols.TryClean(offered.Replace("KEY", Key, StringComparison.Ordinal), out _));

    [Theory]
    [InlineData(null, "KEY", true)]
    [InlineData("KEY", "KEY", true)]
    [InlineData("KEY", null, true)]
    [InlineData("KEY", "OTHER", false)]
    [InlineData("nonsense", "KEY", false)]
    [InlineData("KEY", "nonsense", false)]
    [InlineData(null, "KEY, openai-insecure-api-key.KEY", false)]
    [InlineData(null, "KEY, openai-insecure-api-key.OTHER", false)]
    [InlineData("KEY", "", true)]
    [InlineData(null, "", false)]
    public void A_key_in_the_subprotocols_counts_like_one_in_a_header(string? bearer, string? offered, bool isRead)
    {
        IHeaderDictionary headers = new HeaderDictionary();
        if (bearer is not null)
        {
            headers.Authorization = "Bearer " + bearer;
        }

        if (offered is not null)
        {
            headers.SecWebSocketProtocol = "realtime, openai-insecure-api-key." + offered;
        }

        Assert.Equal(isRead, PresentedKey.TryRead(headers, Upgrade.WebSocket, out var key));
        Assert.True(!isRead || key.SequenceEqual("KEY"));
        Assert.Equal(bearer is not null, PresentedKey.TryRead(headers, out _));
    }

    private static bool IsOfCaller(string name) => name.StartsWith("openai-organization.", StringComparison.OrdinalIgnoreCase) || name.StartsWith("openai-project.", StringComparison.OrdinalIgnoreCase);
}
