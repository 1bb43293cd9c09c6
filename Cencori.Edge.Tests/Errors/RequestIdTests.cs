using Cencori.Edge.Errors;
using Microsoft.AspNetCore.Http;

namespace Cencori.Edge.Tests.Errors;

public class RequestIdTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("!visible~")]
    [InlineData("2f6c-4b1e:client/7")]
    public void Client_id_of_visible_characters_is_kept(string id) => Assert.Equal(id, For(id));

    [Fact]
    public void Client_id_is_kept_up_to_128_characters_and_not_beyond()
    {
        Assert.Equal(new string('x', 128), For(new string('x', 128)));
        AssertMade(For(new string('x', 129)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("tab\there")]
    [InlineData("delete\u007f")]
    [InlineData("café")]
    [InlineData("line\r\nX-Injected: 1")]
    public void Client_id_with_anything_else_is_replaced(string id) => AssertMade(For(id));

    [Fact]
    public void Client_id_sent_twice_is_replaced() => AssertMade(For("one", "two"));

    [Fact]
    public void Request_without_an_id_gets_one_of_its_own()
    {
        AssertMade(For());
        Assert.NotEqual(For(), For());
    }

    [Fact]
    public void An_id_made_by_the_edge_contains_its_time()
    {
        var now = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_123);

        Assert.True(RequestId.TryReadTime(RequestId.For(new DefaultHttpContext().Request, now), out var createdAt));
        Assert.Equal(now, createdAt);
    }

    [Theory]
    [InlineData("")]
    [InlineData("req_1")]
    [InlineData("req_018bcfe5687b7abc8def0123456789a")]
    [InlineData("req_018bcfe5687b7abc8def0123456789abc")]
    [InlineData("REQ_018bcfe5687b7abc8def0123456789ab")]
    [InlineData("req_+18bcfe5687b7abc8def0123456789ab")]
    [InlineData("req_ffffffffffff7abc8def0123456789ab")]
    public void Other_ids_have_no_time(string id) => Assert.False(RequestId.TryReadTime(id, out _));

    private static void AssertMade(string id) => Assert.Matches("^req_[0-9a-f]{32}$", id);

    private static string For(params string[] ids)
    {
        var context = new DefaultHttpContext();
        if (ids.Length > 0)
        {
            context.Request.Headers["X-Request-Id"] = ids;
        }

        return RequestId.For(context.Request, DateTimeOffset.UnixEpoch);
    }
}
