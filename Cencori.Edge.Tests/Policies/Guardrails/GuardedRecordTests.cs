using Cencori.Edge.Tests.Infrastructure.Edges;
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

    /// <summary>An edge that stores records before responses end.</summary>
    public sealed class DurableEdge : ScriptedEdge
    {
        protected override IEnumerable<string> Settings => ["Usage:Durability=Answer"];
    }
}
