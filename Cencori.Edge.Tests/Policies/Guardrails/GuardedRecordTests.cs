using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Records;
using static Cencori.Edge.Tests.Policies.PolicyEdge;

namespace Cencori.Edge.Tests.Policies.Guardrails;

/// <summary>When records are stored before the end of a response is sent, they contain all findings of guardrails.</summary>
public sealed class GuardedRecordTests(GuardedRecordTests.DurableEdge at) : IClassFixture<GuardedRecordTests.DurableEdge>
{
    [Theory]
    [InlineData("mask", "mask", 3)]
    [InlineData("monitor", "monitor", 1)]
    public async Task A_record_stored_before_the_end_of_the_response_has_all_hits(string action, string expected, long count)
    {
        await using var scene = new ResponseScene(at);
        await scene.SetAsync(action);
        scene.Rewrites("Ann", "X");
        var filler = ChunkOf(string.Concat(Enumerable.Repeat("This is harmless. ", 600)));
        var (_, stream) = await scene.StreamAsync(ChunkOf("Ann comes. ") + filler + ChunkOf("Ann goes. ") + filler + ChunkOf("Ann is away.") + EndOf());
        Assert.Contains("[DONE]", stream, StringComparison.Ordinal);
        Assert.Equal(action == "mask", !stream.Contains("Ann", StringComparison.Ordinal));
        var hit = Assert.Single((await scene.RowAsync()).Policy!.Hits);
        Assert.Equal((expected, "output", count), (hit.Action, hit.Stage, hit.Count));
    }

    [Fact]
    public async Task The_stored_payload_is_the_request_as_the_guardrail_has_changed_it()
    {
        await using var scene = new GuardrailScene(at);
        scene.Rewrites("Ann", "X");
        await scene.SetAsync("mask");
        await at.Edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{scene.Project}", new { log_payloads = true });

        Assert.Equal(200, (await scene.AskAsync()).Status);

        var record = Assert.Single(await at.Edge.RowsOfAsync(scene.Project, 1));
        var stored = (await at.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{scene.Project}/logs/{record.RequestId}")).ToJsonString();
        Assert.Contains("I am X.", stored, StringComparison.Ordinal);
        Assert.DoesNotContain("Ann", stored, StringComparison.Ordinal);
        Assert.DoesNotContain("\\u0041gain", stored, StringComparison.Ordinal);
    }

    /// <summary>An edge that stores records before responses end.</summary>
    public sealed class DurableEdge : ScriptedEdge
    {
        protected override IEnumerable<string> Settings => ["Usage:Durability=Answer"];
    }
}
