using System.Net;
using System.Net.WebSockets;

namespace Cencori.Edge.Tests.WebSockets;

/// <summary>A session may name a route. It goes to the route's first target, with that target's model name.</summary>
public sealed class SocketRouteTests
{
    private const string Path = "/v1/realtime?model=voice";

    [Theory]
    [InlineData(null)]
    [InlineData("voice")]
    [InlineData("openai:gpt-realtime")]
    [InlineData("openai:*")]
    public async Task H7_A_key_limited_to_some_models_gets_no_session_through_a_route(string? allowed)
    {
        await using var scene = await SocketEdge.StartAsync();
        await scene.Edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{scene.ProjectId}/routes/voice", """{"groups":[{"targets":[{"model":"openai/gpt-realtime"}]},{"targets":[{"model":"openai/gpt-other"}]}]}""");
        if (allowed is null)
        {
            using var socket = await scene.ConnectAsync(path: Path);
            Assert.Equal("x", await scene.SayAsync(socket, "x"));
            Assert.Equal("/v1/realtime?model=gpt-realtime", (await scene.Provider.NextRequestAsync()).Target);
            return;
        }

        var (_, key) = await scene.CreateKeyAsync(new { allowed_models = new[] { allowed } });
        using var refused = new ClientWebSocket();
        refused.Options.CollectHttpResponseDetails = true;
        refused.Options.SetRequestHeader("Authorization", "Bearer " + key);
        await Assert.ThrowsAsync<WebSocketException>(() => refused.ConnectAsync(new Uri(new UriBuilder(scene.Edge.Address) { Scheme = "ws" }.Uri, Path), scene.Limit));
        Assert.Equal((HttpStatusCode.Forbidden, 0), (refused.HttpStatusCode, scene.Provider.Count));
    }
}
