using Cencori.Edge.Keys;
using Microsoft.AspNetCore.Http;

namespace Cencori.Edge.Tests.Keys;

/// <summary>What callers without a valid key are told, and where a key must not appear.</summary>
public sealed class KeyRefusalTests
{
    private const string Key = "csk_0123456789abcdef0123456789abcdef0123456789abcdef";

    [Theory]
    [InlineData(null, null, "required")]
    [InlineData("Authorization", "Bearer x", "not valid")]
    [InlineData("Authorization", "Basic x", "not valid")]
    [InlineData("CENCORI_API_KEY", "x", "not valid")]
    public void A_caller_with_a_key_is_told_that_it_is_not_valid_and_one_without_that_a_key_is_required(string? name, string? value, string reported)
    {
        var headers = new HeaderDictionary();
        if (name is not null)
        {
            headers[name] = value;
        }

        Assert.Contains(reported, PresentedKey.Refusal(headers).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/v1/chat", "", false)]
    [InlineData("/v1/" + Key, "", true)]
    [InlineData("/v1/chat", "?key=" + Key, true)]
    [InlineData("/v1/chat", "?key=csk%5F0123456789abcdef0123456789abcdef0123456789abcdef", true)]
    [InlineData("/v1/" + Key, "?a=b", true)]
    [InlineData("/v1/chat", "?key=csk_0123", false)]
    public void A_key_in_the_URL_is_detected(string path, string query, bool stands)
    {
        var request = new DefaultHttpContext().Request;
        (request.Path, request.QueryString) = (path, new(query));
        Assert.Equal(stands, PresentedKey.IsPresentIn(request));
    }

    [Fact]
    public void Every_reason_has_its_own_sentence_and_there_are_no_others()
    {
        string[] reasons = [Reasons.KeyType, Reasons.OriginNotAllowed, Reasons.ModelNotAllowed, Reasons.NetworkNotAllowed, Reasons.AgentDisabled, Reasons.ToolNotAllowed, Reasons.NotMetered];
        Assert.Equal(reasons.Length, reasons.Select(Reasons.Explain).Where(sentence => sentence.EndsWith('.')).Distinct().Count());
        Assert.Contains("closed list", Assert.Throws<ArgumentOutOfRangeException>(() => Reasons.Explain("other")).Message, StringComparison.Ordinal);
    }
}
