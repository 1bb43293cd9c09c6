using Cencori.Edge.Screening.Guardrails;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Policies.Guardrails;

/// <summary>After several failures of a guardrail, the edge does not call it for some time (circuit breaker).</summary>
public sealed class GuardrailBreakerTests(ClockedEdge at) : IClassFixture<ClockedEdge>
{
    [Fact]
    public async Task After_failures_in_a_row_the_breaker_opens_and_then_allows_one_trial()
    {
        await using var scene = new GuardrailScene(at);
        await scene.SetAsync("block");
        scene.Says("?");
        for (var request = 1; request <= GuardrailBreaker.MaxFailures + 3; request++)
        {
            Assert.Equal(503, (await scene.AskAsync()).Status);
        }

        Assert.Equal(GuardrailBreaker.MaxFailures, scene.Guardrail.Requests.Count);

        at.Clock.Advance(GuardrailBreaker.Rest);
        Assert.Equal(503, (await scene.AskAsync()).Status);
        Assert.Equal(503, (await scene.AskAsync()).Status);
        Assert.Equal(GuardrailBreaker.MaxFailures + 1, scene.Guardrail.Requests.Count);

        at.Clock.Advance(GuardrailBreaker.Rest);
        scene.Says(GuardrailScene.Passes);
        Assert.Equal(200, (await scene.AskAsync()).Status);
        Assert.Equal(200, (await scene.AskAsync()).Status);
        Assert.Equal(GuardrailBreaker.MaxFailures + 3, scene.Guardrail.Requests.Count);
    }

    [Fact]
    public async Task Failures_of_another_project_do_not_count()
    {
        await using var one = new GuardrailScene(at);
        await one.SetAsync("block");
        one.Guardrail.Respond((request, response) => response.JsonAsync(request.Values("X-Cencori-Signature").Count == 0 ? 401 : 200, GuardrailScene.Passes));
        for (var request = 1; request <= GuardrailBreaker.MaxFailures + 1; request++)
        {
            Assert.Equal(503, (await one.AskAsync()).Status);
        }

        var (project, key) = await at.CreateAsync(new { });
        var rule = one.RuleOf("judge", "block", ""","secret":"0123456789abcdef" """);
        await at.Edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{project}/policies", System.Text.Json.Nodes.JsonNode.Parse($$"""{"rules":[{{rule}}]}"""));
        using var edgeResponse = await at.ChatAsync(key);
        Assert.Equal(200, (int)edgeResponse.StatusCode);
    }
}
