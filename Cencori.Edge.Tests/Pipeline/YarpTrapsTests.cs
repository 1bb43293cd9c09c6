using System.Net;
using System.Text.Json.Nodes;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;

namespace Cencori.Edge.Tests.Pipeline;

/// <summary>Traps of YARP that belong to no single feature.</summary>
public class YarpTrapsTests
{
    private static readonly object Chat = new { model = "gpt-4o", messages = new[] { new { role = "user", content = "Hello!" } } };

    [Theory] // yarp trap 30: a retry is the caller's decision, because the caller pays for it
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(429)]
    public async Task A_provider_that_fails_gets_one_request(int status)
    {
        await using var provider = new ScriptedProvider();
        provider.Respond((_, response) => response.JsonAsync(status, """{"error":{"message":"no"}}"""));
        await using var edge = await RunningEdge.StartAsync(provider);

        using var edgeResponse = await edge.PostAsync(await edge.CreateOpenAIKeyAsync(), "/v1/chat/completions", Chat);

        Assert.Equal(status, (int)edgeResponse.StatusCode);
        Assert.Single(provider.Requests);
    }

    [Fact] // yarp trap 30
    public async Task A_provider_that_breaks_off_gets_one_request()
    {
        await using var provider = new ScriptedProvider();
        provider.Respond((_, response) => response.ResetAsync());
        await using var edge = await RunningEdge.StartAsync(provider);

        using var edgeResponse = await edge.PostAsync(await edge.CreateOpenAIKeyAsync(), "/v1/chat/completions", Chat);

        Assert.Equal(HttpStatusCode.BadGateway, edgeResponse.StatusCode);
        Assert.Single(provider.Requests);
    }

    [Fact] // yarp trap 31
    public async Task Thirty_failures_in_a_row_leave_the_provider_available()
    {
        await using var provider = new ScriptedProvider();
        for (var i = 0; i < 30; i++)
        {
            provider.Enqueue((_, response) => response.JsonAsync(500, """{"error":{"message":"no"}}"""));
        }

        provider.Respond((_, response) => response.JsonAsync(200, ScriptedProvider.ChatCompletion("gpt-4o", "hi", 1, 1)));
        await using var edge = await RunningEdge.StartAsync(provider);
        var key = await edge.CreateOpenAIKeyAsync();
        for (var i = 0; i < 30; i++)
        {
            using var failed = await edge.PostAsync(key, "/v1/chat/completions", Chat);
            Assert.Equal(HttpStatusCode.InternalServerError, failed.StatusCode);
        }

        using var edgeResponse = await edge.PostAsync(key, "/v1/chat/completions", Chat);

        Assert.Equal(HttpStatusCode.OK, edgeResponse.StatusCode);
    }

    [Fact] // yarp trap 13
    public async Task A_replaced_response_has_one_body_and_its_own_length()
    {
        await using var provider = new ScriptedProvider();
        provider.Respond((_, response) => response.JsonAsync(401, """{"error":{"message":"Incorrect API key provided: sk-pro***mnop"}}"""));
        await using var edge = await RunningEdge.StartAsync(provider);

        using var edgeResponse = await edge.PostAsync(await edge.CreateOpenAIKeyAsync(), "/v1/chat/completions", Chat);
        var body = await edgeResponse.Content.ReadAsByteArrayAsync();

        Assert.Equal(body.Length, edgeResponse.Content.Headers.ContentLength);
        Assert.Equal("PROVIDER_AUTH_FAILED", (string?)JsonNode.Parse(body)!["error"]!["code"]);
        Assert.Equal("Bad Gateway", edgeResponse.ReasonPhrase);
    }

    [Fact] // yarp trap 18
    public async Task Trailers_of_a_provider_are_not_passed_on()
    {
        await using var provider = new ScriptedProvider();
        provider.Respond(async (_, response) =>
        {
            await response.SendHeadAsync(200, ("Content-Type", "application/json"), ("Transfer-Encoding", "chunked"), ("Trailer", "openai-organization"));
            await response.SendAsync("2\r\n{}\r\n0\r\nopenai-organization: org-secret\r\n\r\n");
        });
        await using var edge = await RunningEdge.StartAsync(provider);

        using var edgeResponse = await edge.PostAsync(await edge.CreateOpenAIKeyAsync(), "/v1/chat/completions", Chat);

        Assert.Equal("{}", await edgeResponse.Content.ReadAsStringAsync());
        Assert.Empty(edgeResponse.TrailingHeaders);
        Assert.False(edgeResponse.Headers.Contains("Trailer"));
    }
}
