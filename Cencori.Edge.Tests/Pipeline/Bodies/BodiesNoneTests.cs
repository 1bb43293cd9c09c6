using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;

namespace Cencori.Edge.Tests.Pipeline.Bodies;

/// <summary>Requests without a body can name their model only in the query.</summary>
public class BodiesNoneTests(ClockedEdge scene) : IClassFixture<ClockedEdge>
{
    [Theory]
    [InlineData("/v1/things?a=1%20&model=openai/gpt-4o&b=%26", "/v1/things?a=1%20&model=gpt-4o&b=%26")]
    [InlineData("/v1/things?model=fast", "/v1/things?model=gpt-4o-mini")]
    [InlineData("/v1/things?model=gpt-4o&a=1+2", "/v1/things?model=gpt-4o&a=1+2")]
    [InlineData("/v1/files?limit=2&after=%2F", "/v1/files?limit=2&after=%2F")]
    public async Task The_provider_gets_its_own_name_for_the_model_in_the_query(string sent, string expected)
    {
        var (project, key) = await scene.CreateAsync(new { });
        await scene.Edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{project}", new { model_aliases = new { fast = "gpt-4o-mini" } });

        using var response = await scene.Edge.SendAsync(key, HttpMethod.Get, sent);

        Assert.True(response.IsSuccessStatusCode);
        var received = scene.Provider.Requests[^1];
        Assert.Equal((expected, BodyFraming.None), (received.Target, received.Framing));
    }
}
