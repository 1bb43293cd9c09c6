using Cencori.Edge.Endpoints;
using CsCheck;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace Cencori.Edge.Tests.Endpoints;

public sealed class UpgradesTests
{
    private static readonly Gen<string> WebSocket = Gen.Bool.Array[9].Select(upper => string.Concat(Upgrades.WebSocket.Select((letter, i) => upper[i] ? char.ToUpperInvariant(letter) : letter)));

    private static readonly Gen<string> Another = Gen.OneOfConst("h2c", "spdy/3.1", "TLS/1.0", "websocket/13", "websockets", "IRC", "xwebsocket");

    private static readonly Gen<string> Gap = Gen.OneOfConst(",", ", ", " ,", " , ", ",,", "\t,");

    [Fact]
    public void A_WebSocket_is_found_among_others_in_any_case_and_on_any_line() =>
        Gen.Select(Another.Array[0, 3], WebSocket, Another.Array[0, 3], Gap, Gen.Bool).Sample((before, name, after, gap, onLines) =>
        {
            string[] all = [.. before, name, .. after];
            Assert.Equal(Upgrade.WebSocket, Of("GET", onLines ? new StringValues(all) : new StringValues(string.Join(gap, all))));
        });

    [Fact]
    public void Any_other_protocol_is_Other() => Gen.Select(Another.Array[1, 4], Gap).Sample((all, gap) =>
        Assert.Equal(Upgrade.Other, Of("GET", string.Join(gap, all))));

    [Theory]
    [InlineData("GET", "", "HTTP/1.1", Upgrade.None)]
    [InlineData("GET", ", ,", "HTTP/1.1", Upgrade.None)]
    [InlineData("get", "websocket", "HTTP/1.1", Upgrade.WebSocket)]
    [InlineData("POST", "websocket", "HTTP/1.1", Upgrade.Other)]
    [InlineData("HEAD", "websocket", "HTTP/1.1", Upgrade.Other)]
    [InlineData("GET", "websocket", "HTTP/1.0", Upgrade.Other)]
    [InlineData("POST", "h2c", "HTTP/1.1", Upgrade.Other)]
    public void Method_and_version_matter(string method, string protocols, string version, Upgrade upgrade) => Assert.Equal(upgrade, Of(method, protocols, version));

    [Theory]
    [InlineData("h2c", Upgrade.None)]
    [InlineData("H2C", Upgrade.None)]
    [InlineData("h2c, websocket", Upgrade.WebSocket)]
    [InlineData("h2c, spdy/3.1", Upgrade.Other)]
    public void An_HTTP_2_offer_with_settings_can_be_ignored(string protocols, Upgrade upgrade) =>
        Assert.Equal(upgrade, Of("GET", protocols, settings: "AAMAAABkAAQAAP__"));

    [Theory]
    [InlineData("websocket", Upgrade.WebSocket)]
    [InlineData("WebSocket", Upgrade.WebSocket)]
    [InlineData("connect-udp", Upgrade.Other)]
    [InlineData(null, Upgrade.Other)]
    public void CONNECT_states_its_protocol_separately(string? protocol, Upgrade upgrade)
    {
        var context = new DefaultHttpContext();
        context.Request.Method = "CONNECT";
        context.Features.Set<IHttpExtendedConnectFeature>(new Server(protocol));

        Assert.Equal(upgrade, Upgrades.Of(context));
    }

    [Fact]
    public void A_request_that_the_server_cannot_upgrade_is_an_ordinary_request()
    {
        var context = new DefaultHttpContext();
        context.Request.Method = "GET";
        context.Request.Headers.Upgrade = "websocket";

        Assert.Equal(Upgrade.None, Upgrades.Of(context));
    }

    private static Upgrade Of(string method, StringValues protocols, string version = "HTTP/1.1", string? settings = null)
    {
        var context = new DefaultHttpContext();
        context.Request.Method = method;
        context.Request.Protocol = version;
        context.Request.Headers.Upgrade = protocols;
        context.Request.Headers["HTTP2-Settings"] = settings;
        context.Features.Set<IHttpUpgradeFeature>(new Server(null));
        return Upgrades.Of(context);
    }

    private sealed class Server(string? protocol) : IHttpUpgradeFeature, IHttpExtendedConnectFeature
    {
        public bool IsUpgradableRequest => true;

        public bool IsExtendedConnect => protocol is not null;

        public string? Protocol => protocol;

        public Task<Stream> UpgradeAsync() => throw new NotSupportedException();

        public ValueTask<Stream> AcceptAsync() => throw new NotSupportedException();
    }
}
