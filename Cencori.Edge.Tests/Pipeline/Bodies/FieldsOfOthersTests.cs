using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Pipeline.Bodies;

/// <summary>Fields that the edge reads in some operations pass unchanged in all others, with any value.</summary>
public sealed class FieldsOfOthersTests(RespondingEdge scene) : IClassFixture<RespondingEdge>
{
    [Theory]
    [InlineData("/v1/realtime/sessions", """{"model":"gpt-4o-realtime","max_output_tokens":"inf"}""")]
    [InlineData("/v1/realtime/client_secrets", """{"session":{"type":"realtime","model":"gpt-4o-realtime","max_output_tokens":"inf"}}""")]
    [InlineData("/v1/realtime/calls", """{"sdp":"v=0","model":"gpt-4o-realtime","max_output_tokens":"inf","max_response_output_tokens":"inf"}""")]
    [InlineData("/v1/realtime/calls/rtc_1/accept", """{"type":"realtime","max_output_tokens":"inf"}""")]
    [InlineData("/v1/anything", """{"model":{"name":"x"},"stream":"yes","n":"many","max_tokens":-1,"messages":"text","stream_options":[]}""")]
    [InlineData("/v1/embeddings", """{"model":"text-embedding-3-small","input":"x","n":"many","max_tokens":"inf"}""")]
    [InlineData("/v1/chat/completions", """{"model":"gpt-4o","messages":[],"max_output_tokens":"inf","best_of":"all"}""")]
    [InlineData("/v1/responses", """{"model":"gpt-4o","input":"x","n":0,"max_tokens":"inf"}""")]
    public async Task A_body_passes_byte_for_byte(string path, string body)
    {
        using var response = await scene.Edge.PostAsync(scene.Key, path, body);

        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal(body, scene.Provider.Requests[^1].BodyText);
    }
}
