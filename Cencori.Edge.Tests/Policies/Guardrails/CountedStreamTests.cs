using Cencori.Edge.Tests.Infrastructure;
using static Cencori.Edge.Tests.Policies.PolicyEdge;

namespace Cencori.Edge.Tests.Policies.Guardrails;

/// <summary>Guardrails that only monitor streams.</summary>
public sealed class CountedStreamTests(PolicyEdge at) : IClassFixture<PolicyEdge>
{
    private static readonly string Start = string.Concat(Enumerable.Repeat("This sentence is harmless. ", 20));

    [Fact]
    public async Task A_monitor_guardrail_holds_nothing_back_and_is_asked_after_the_caller_has_everything()
    {
        await using var scene = new ResponseScene(at);
        await scene.SetAsync("monitor");
        var read = new TaskCompletionSource();
        scene.Guardrail.Respond(async (_, response) =>
        {
            await response.HoldAsync(read.Task);
            await response.JsonAsync(200, GuardrailScene.Blocks);
        });
        var sent = ": hello\n\n" + ChunkOf("I am ") + "data: {\"odd\":  1,\"choices\":[]}\n\n" + ChunkOf("Ann. " + Start) + EndOf();
        Assert.Equal((200, sent), await scene.StreamAsync(sent));
        read.SetResult();

        var hit = Assert.Single((await scene.RowAsync()).Policy!.Hits);
        Assert.Equal(("judge", "output", "monitor"), (hit.Rule, hit.Stage, hit.Action));
        Assert.Equal(["I am Ann. " + Start], scene.Asked);
    }

    [Fact]
    public async Task Findings_in_streams_are_counted_in_the_metrics_of_responses()
    {
        using var metrics = new MetricRecorder();
        await using var scene = new ResponseScene(at);
        await scene.SetAsync("monitor");
        scene.Says(GuardrailScene.Blocks);
        await scene.StreamAsync(ChunkOf("Ann") + EndOf());
        await scene.RowAsync();
        Assert.Contains("cencori.edge.guardrail.duration type=http", metrics.Tags);
        Assert.Contains("cencori.edge.policy.decisions kind=guardrail", metrics.Tags);
        Assert.Contains("cencori.edge.policy.decisions stage=output", metrics.Tags);
    }

    [Fact]
    public async Task A_text_above_the_limit_is_skipped_by_a_monitor_guardrail()
    {
        await using var scene = new ResponseScene(at);
        await scene.SetAsync("monitor");
        scene.Says(GuardrailScene.Blocks);
        var sent = string.Concat(Enumerable.Repeat(ChunkOf(new string('x', 60_000)), 5)) + EndOf();
        Assert.Equal((200, sent), await scene.StreamAsync(sent));
        Assert.Equal("skipped", Assert.Single((await scene.RowAsync()).Policy!.Hits).Action);
        Assert.Empty(scene.Guardrail.Requests);
    }
}
