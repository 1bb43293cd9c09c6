using System.Text.Json.Nodes;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Network;
using Cencori.Edge.Tests.Infrastructure.Providers;

namespace Cencori.Edge.Tests.Policies.Guardrails;

/// <summary>What happens to requests whose guardrail check fails.</summary>
public sealed class GuardrailFaultTests(PolicyEdge at) : IClassFixture<PolicyEdge>
{
    public static TheoryData<string, bool> Faults
    {
        get
        {
            var data = new TheoryData<string, bool>();
            foreach (var fault in new[] { "wrong count", "no texts", "unknown action", "two actions", "garbage", "error", "redirect", "hangs", "hangs in its answer", "lies about its length", "too long", "refuses" })
            {
                data.Add(fault, true);
                data.Add(fault, false);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_guardrail_failure_follows_the_rule(string fault, bool blocks)
    {
        await using var scene = new GuardrailScene(at);
        scene.Guardrail.Respond((_, response) => FailAsync(fault, response));
        var more = $$""","timeout_ms":{{(fault.StartsWith("hangs", StringComparison.Ordinal) ? 100 : 10_000)}},"on_failure":"{{(blocks ? "block" : "allow")}}" """;
        await scene.SetAsync("mask", more);
        if (fault == "refuses")
        {
            await scene.PutAsync($$$"""{"name":"judge","kind":"guardrail","action":"mask","guardrail":{"type":"http","url":"http://127.0.0.1:{{{LoopbackPort.Next()}}}/"{{{more}}}}}""");
        }

        var (status, text, sent, edgeResponse) = await scene.AskAsync();
        var hit = Assert.Single((await scene.RecordAsync()).Hits);
        if (blocks)
        {
            Assert.Equal((503, "POLICY_UNAVAILABLE", null), (status, (string?)JsonNode.Parse(text)!["error"]!["code"], sent));
            Assert.Equal(TimeSpan.FromSeconds(1), edgeResponse.Headers.RetryAfter!.Delta);
        }
        else
        {
            Assert.Equal((200, GuardrailScene.Body), (status, sent));
        }

        Assert.Equal(("judge", blocks ? "failed" : "skipped"), (hit.Rule, hit.Action));
    }

    [Theory]
    [InlineData("monitor", 200)]
    [InlineData("block", 503)]
    public async Task By_default_a_failure_refuses_only_for_rules_that_do_more_than_count(string action, int status)
    {
        await using var scene = new GuardrailScene(at);
        scene.Says("?");
        await scene.SetAsync(action);
        Assert.Equal(status, (await scene.AskAsync()).Status);
    }

    [Theory]
    [InlineData(201, 10)]
    [InlineData(2, 200_000)]
    public async Task A_text_above_the_limit_is_a_failure_and_the_guardrail_is_not_asked(int texts, int length)
    {
        await using var scene = new GuardrailScene(at);
        await scene.SetAsync("block");
        var body = new JsonObject
        {
            ["model"] = "gpt-4o",
            ["messages"] = new JsonArray([.. Enumerable.Range(0, texts).Select(i => new JsonObject { ["role"] = "user", ["content"] = $"{i} {new string('x', length)}" })]),
        };
        Assert.Equal(503, (await scene.AskAsync(body.ToJsonString())).Status);
        Assert.Empty(scene.Guardrail.Requests);
    }

    [Fact]
    public async Task A_failure_is_logged_once_a_minute_and_counted()
    {
        using var metrics = new MetricRecorder();
        await using var scene = new GuardrailScene(at);
        scene.Says("?");
        await scene.SetAsync("block");
        await scene.AskAsync();
        await scene.AskAsync();

        var line = Assert.Single(at.Edge.Logs.Lines, line => line.EventName == "GuardrailFailed" && line.Text.Contains(scene.Project, StringComparison.Ordinal));
        Assert.DoesNotContain("Ann", line.Text, StringComparison.Ordinal);
        Assert.Contains("cencori.edge.guardrail.failures type=http", metrics.Tags);
        Assert.Contains("cencori.edge.guardrail.duration type=http", metrics.Tags);
    }

    [Fact]
    public async Task An_address_that_projects_may_not_use_is_not_connected_to()
    {
        await using var provider = new ScriptedProvider();
        await using var guardrail = new ScriptedProvider();
        await using var edge = await RunningEdge.StartAsync(provider);
        var project = await edge.CreateProjectAsync("openai");
        await edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{project}/policies", JsonNode.Parse($$$"""{"rules":[{"name":"j","kind":"guardrail","action":"block","guardrail":{"type":"http","url":"{{{guardrail.Address}}}"}}]}"""));
        using var response = await edge.PostAsync(await edge.CreateKeyAsync(project), "/v1/chat/completions", ScriptedEdge.Chat);

        Assert.Equal(503, (int)response.StatusCode);
        Assert.Empty(guardrail.Requests);
        Assert.Contains(edge.Logs.Lines, line => line.EventName == "GuardrailFailed" && line.Text.Contains("Egress:AllowedNetworks", StringComparison.Ordinal));
    }

    private static async Task FailAsync(string fault, ScriptedResponse response)
    {
        switch (fault)
        {
            case "wrong count":
                await response.JsonAsync(200, """{"action":"GUARDRAIL_INTERVENED","texts":["x"]}""");
                break;
            case "no texts":
                await response.JsonAsync(200, """{"action":"GUARDRAIL_INTERVENED"}""");
                break;
            case "unknown action":
                await response.JsonAsync(200, """{"action":"PASS"}""");
                break;
            case "two actions":
                await response.JsonAsync(200, """{"action":"BLOCKED","action":"NONE"}""");
                break;
            case "garbage":
                await response.JsonAsync(200, """{"action":"NONE","texts":[""");
                break;
            case "error":
                await response.JsonAsync(500, GuardrailScene.Passes);
                break;
            case "redirect":
                await response.JsonAsync(307, GuardrailScene.Passes, ("Location", "/check"));
                break;
            case "hangs":
                await response.WaitForAbortAsync();
                break;
            case "hangs in its answer":
                await response.SendHeadAsync(200, ("Content-Length", "17"));
                await response.SendAsync("""{"action":""");
                await response.WaitForAbortAsync();
                break;
            case "lies about its length":
                await response.SendHeadAsync(200, ("Content-Length", "100"));
                await response.SendAsync(GuardrailScene.Passes);
                await response.CloseAsync();
                break;
            case "too long":
                await response.JsonAsync(200, $$"""{"action":"NONE","x":"{{new string('x', 1024 * 1024)}}"}""");
                break;
        }
    }
}
