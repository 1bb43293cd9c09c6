using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Policies.Guardrails;

namespace Cencori.Edge.Tests.Memory;

/// <summary>Guardrails are asked about entries before they are stored, also about entries that bring their own vectors.</summary>
public sealed class MemoryGuardrailTests(ScriptedEdge at) : IClassFixture<ScriptedEdge>
{
    private static readonly int[] Vector = [1, 2, 3, 4];

    [Theory]
    [InlineData("block", 503, 0)]
    [InlineData("allow", 201, 1)]
    public async Task A_failed_check_follows_the_rule(string onFailure, int status, int count)
    {
        await using var scene = new GuardrailScene(at);
        scene.Guardrail.Respond((_, response) => response.JsonAsync(500, "{}"));
        await scene.SetAsync("block", $$""","on_failure":"{{onFailure}}" """);
        var client = await CreateAsync(scene);

        using var response = await client.SendAsync(HttpMethod.Post, "/store", new { @namespace = "notes", content = "Ann", embedding = Vector });

        Assert.Equal(status, (int)response.StatusCode);
        if (status == 503)
        {
            var error = await response.ErrorAsync();
            Assert.Equal(("POLICY_UNAVAILABLE", "1"), (error.Code, error.Header("Retry-After")));
        }

        Assert.Equal(count, await client.CountAsync("notes"));
    }

    [Fact]
    public async Task A_batch_with_more_texts_than_a_guardrail_may_be_asked_about_is_checked_in_parts()
    {
        await using var scene = new GuardrailScene(at);
        scene.Rewrites("Ann", "[NAME]");
        at.Provider.Respond((_, response) => response.JsonAsync(500, "{}"));
        await scene.SetAsync("mask");
        var client = await CreateAsync(scene);

        var items = Enumerable.Range(0, 100).Select(i => new { content = $"Ann {i}", metadata = new { from = $"Ann from {i}", to = $"to Ann {i}" }, embedding = Vector });
        var stored = await client.CallAsync(HttpMethod.Post, "/store", new { @namespace = "notes", items }, 201);

        var memories = stored["memories"]!.AsArray();
        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"[NAME] {i}"), memories.Select(memory => (string)memory!["content"]!));
        Assert.DoesNotContain("Ann", stored.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_entry_that_alone_has_too_many_texts_is_refused()
    {
        await using var scene = new GuardrailScene(at);
        scene.Says(GuardrailScene.Passes);
        await scene.SetAsync("block");
        var client = await CreateAsync(scene);

        var tags = Enumerable.Range(0, GuardrailScene.MaxTexts + 1).Select(i => $"t{i}");
        using var response = await client.SendAsync(HttpMethod.Post, "/store", new { @namespace = "notes", items = new object[] { new { content = "a", embedding = Vector }, new { content = "b", metadata = new { tags }, embedding = Vector } } });

        Assert.Equal((503, "POLICY_UNAVAILABLE"), await response.ErrorAsync() is var error ? (error.Status, error.Code) : default);
        Assert.Equal(0, await client.CountAsync("notes"));
    }

    private async Task<MemoryClient> CreateAsync(GuardrailScene scene)
    {
        var client = new MemoryClient(at.Edge, scene.Key);
        await client.CreateAsync("notes", new { dimensions = Vector.Length });
        return client;
    }
}
