using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Cencori.Edge.Storage;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Policies.Guardrails;

/// <summary>The secret of a guardrail signs its requests, and is never returned.</summary>
public sealed class GuardrailSecretTests(PolicyEdge at) : IClassFixture<PolicyEdge>
{
    private const string Secret = "a-secret-of-the-judge-0123456789";

    [Fact]
    public async Task Requests_are_signed_and_a_document_without_the_secret_keeps_it()
    {
        await using var scene = new GuardrailScene(at);
        scene.Says(GuardrailScene.Passes);
        await scene.SetAsync("block", $$""","secret":"{{Secret}}" """);
        await scene.AskAsync();
        await scene.PutAsync((await scene.GetAsync())["rules"]![0]!.ToJsonString());
        await scene.SetAsync("block", path: "/elsewhere");
        await scene.AskAsync();
        Assert.All(scene.Guardrail.Requests, AssertSigned);
        Assert.Equal(2, scene.Guardrail.Requests.Count);

        await scene.SetAsync("block", ""","has_secret":false""");
        await scene.AskAsync();
        Assert.Empty(scene.Guardrail.Requests[^1].Values("X-Cencori-Signature"));
    }

    [Fact]
    public async Task The_secret_is_never_returned()
    {
        await using var scene = new GuardrailScene(at);
        scene.Says("?");
        await scene.SetAsync("block", $$""","secret":"{{Secret}}" """);
        await scene.AskAsync();
        var got = (await scene.GetAsync()).ToJsonString();
        var audit = (await at.Edge.SendAdminAsync(HttpMethod.Get, "/api/audit")).ToJsonString();
        var exported = (await at.Edge.SendAdminAsync(HttpMethod.Get, "/api/export?format=json")).ToJsonString();
        await using var database = await at.Edge.Services.GetRequiredService<IDbContextFactory<EdgeDbContext>>().CreateDbContextAsync();
        var stored = (await database.Projects.SingleAsync(project => project.Id == scene.Project)).Policies!;

        Assert.True((bool?)JsonNode.Parse(got)!["rules"]![0]!["guardrail"]!["has_secret"]);
        Assert.Contains("/check", audit, StringComparison.Ordinal);
        Assert.Contains("JUDGE_SECRET}", exported, StringComparison.Ordinal);
        Assert.Contains("sealed:", stored, StringComparison.Ordinal);
        Assert.DoesNotContain(new[] { got, audit, exported }, text => text.Contains("sealed:", StringComparison.Ordinal));
        Assert.DoesNotContain(new[] { got, audit, exported, stored }.Concat(at.Edge.Logs.Lines.Select(line => line.Text)), text => text.Contains(Secret, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Setting_the_same_rules_again_changes_nothing_even_from_an_export()
    {
        await using var scene = new GuardrailScene(at);
        await scene.SetAsync("block", $$""","secret":"{{Secret}}" """);
        var before = await scene.GetAsync();
        await scene.SetAsync("block", $$""","secret":"{{Secret}}" """);
        var document = (await at.Edge.SendAdminAsync(HttpMethod.Get, "/api/export?format=json")).AsObject();
        var mine = document["projects"]!.AsArray().Single(project => project!["policies"]!["rules"]!.AsArray().Any(rule => ((string?)rule!["guardrail"]?["url"])?.StartsWith(scene.Guardrail.Address.ToString(), StringComparison.Ordinal) == true))!.DeepClone();
        document["projects"] = new JsonArray(mine);
        var plan = await at.Edge.SendAdminAsync(HttpMethod.Post, "/api/apply?plan=true", document);
        Assert.Empty(ChangesIn(plan));

        mine["policies"]!["rules"]![0]!["guardrail"]!["secret"] = Secret;
        Assert.Empty(ChangesIn(await at.Edge.SendAdminAsync(HttpMethod.Post, "/api/apply", document)));
        Assert.Equal(before.ToJsonString(), (await scene.GetAsync()).ToJsonString());

        mine["policies"]!["rules"]![0]!["guardrail"]!["secret"] = "another-secret-of-the-judge";
        var changed = await at.Edge.SendAdminAsync(HttpMethod.Post, "/api/apply", document);
        Assert.Single(ChangesIn(changed));
        Assert.DoesNotContain("another-secret", changed.ToJsonString(), StringComparison.Ordinal);
        scene.Says(GuardrailScene.Passes);
        await scene.AskAsync();
        AssertSigned(scene.Guardrail.Requests[^1], "another-secret-of-the-judge");
    }

    [Theory]
    [InlineData(""" "type":"http","url":"http://other.example/check" """, "rules[0].guardrail.secret")]
    [InlineData(""" "type":"http" """, "rules[0].guardrail.url")]
    [InlineData(""" "type":"http","url":"ftp://h/" """, "rules[0].guardrail.url")]
    [InlineData(""" "type":"http","url":"http://user:pass@h/" """, "rules[0].guardrail.url")]
    [InlineData(""" "type":"http","url":"http://h/?key=1" """, "rules[0].guardrail.url")]
    [InlineData(""" "type":"http","url":"http://h/","secret":"short" """, "rules[0].guardrail.secret")]
    [InlineData(""" "type":"http","url":"http://h/","secret":"sealed:00000000:AAAAAAAA" """, "rules[0].guardrail.secret")]
    [InlineData(""" "type":"http","url":"http://h/","timeout_ms":49 """, "rules[0].guardrail.timeout_ms")]
    [InlineData(""" "type":"presidio","url":"http://h/","score_threshold":2 """, "rules[0].guardrail.score_threshold")]
    [InlineData(""" "type":"openai_moderation","secret":"0123456789abcdef" """, "rules[0].guardrail.secret")]
    public async Task Invalid_settings_are_refused_with_their_place(string guardrail, string place)
    {
        await using var scene = new GuardrailScene(at);
        await scene.SetAsync("block", $$""","secret":"{{Secret}}" """);
        using var response = await at.Edge.Admin.PutAsync($"/api/projects/{scene.Project}/policies", RunningEdge.Json($$$"""{"rules":[{"name":"judge","kind":"guardrail","action":"block","guardrail":{{{{guardrail}}}}}]}"""));
        Assert.Equal((400, place), ((int)response.StatusCode, (string?)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["param"]));
    }

    private static JsonArray ChangesIn(JsonNode applied) => applied["projects"]![0]!["changes"]!.AsArray();

    private static void AssertSigned(ReceivedRequest request) => AssertSigned(request, Secret);

    private static void AssertSigned(ReceivedRequest request, string secret)
    {
        var signature = Assert.Single(request.Values("X-Cencori-Signature"));
        var seconds = signature["t=".Length..signature.IndexOf(',', StringComparison.Ordinal)];
        Assert.Equal($"t={seconds},v1={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{seconds}.{request.BodyText}")))}", signature);
    }
}
