using Cencori.Edge.Tests.Infrastructure;
using static Cencori.Edge.Tests.Policies.PolicyEdge;

namespace Cencori.Edge.Tests.Policies.Guardrails;

/// <summary>Where records are kept before callers have the ends of their answers, they have all that guardrails have found.</summary>
public sealed class GuardedRecordTests(GuardedRecordTests.DurableEdge at) : IClassFixture<GuardedRecordTests.DurableEdge>
{
    [Theory]
    [InlineData("mask", "mask", 3)]
    [InlineData("monitor", "monitor", 1)]
    public async Task A_record_that_is_kept_before_the_end_has_all_hits(string action, string expected, long count)
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

    /// <summary>An edge whose records are kept before answers end.</summary>
    public sealed class DurableEdge : ScriptedEdge
    {
        protected override IEnumerable<string> Settings => ["Usage:Durability=Answer"];
    }
}
