using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Pipeline.Errors;

/// <summary>Paths of the hosted product that the edge does not have yet.</summary>
public sealed class UnimplementedPathsTests(RespondingEdge scene) : IClassFixture<RespondingEdge>
{
    private static readonly string[] Paths =
    [
        "/v1/agents/a/actions", "/v1/agents/a/keys/k", "/v1/agent", "/v1/agent/chat", "/v1/agent/actions", "/v1/sessions", "/v1/sessions/s", "/v1/memory", "/v1/memory/namespaces",
        "/api/v1/agents/a/b", "/v1/Agents/a/b", "/v1/agents%2Fa", "/v1/sessions?x=1", "/openai/v1/agent",
    ];

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    [InlineData("PATCH")]
    [InlineData("DELETE")]
    [InlineData("PUT")]
    [InlineData("OPTIONS")]
    [InlineData("HEAD")]
    public async Task Paths_of_the_hosted_product_give_404_and_reach_no_provider(string method)
    {
        var before = scene.Provider.Requests.Count;
        foreach (var path in Paths)
        {
            using var response = await scene.Edge.SendAsync(scene.Key, new(method), path, method is "POST" or "PATCH" or "PUT" ? RunningEdge.Json(ScriptedEdge.Chat) : null);
            Assert.Equal((path, 404), (path, (int)response.StatusCode));
            if (method != "HEAD")
            {
                Assert.Equal("NOT_FOUND", (await response.ErrorAsync()).Code);
            }

            using var stranger = await scene.Edge.SendAsync(null, new(method), path);
            Assert.Equal((path, 401), (path, (int)stranger.StatusCode));
        }

        Assert.Equal(before, scene.Provider.Requests.Count);
    }

    [Theory]
    [InlineData("/v1/agentsandmore")]
    [InlineData("/v1/realtime/sessions")]
    [InlineData("/v1/memories")]
    public async Task Similar_paths_pass(string path)
    {
        using var response = await scene.Edge.PostAsync(scene.Key, path, ScriptedEdge.Chat);
        Assert.Equal(200, (int)response.StatusCode);
    }
}
