using System.Text.Json.Nodes;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;
using Cencori.Edge.Tests.Records;

namespace Cencori.Edge.Tests.Policies.Guardrails;

/// <summary>Guardrail checks of requests, and what follows from their verdicts.</summary>
public sealed class GuardrailTests(PolicyEdge at) : IClassFixture<PolicyEdge>
{
    private const string Body = GuardrailScene.Body;

    [Fact]
    public async Task A_guardrail_receives_each_user_and_tool_text_once_and_no_caller_data_and_a_passing_request_is_unchanged()
    {
        await using var scene = new GuardrailScene(at);
        await scene.SetAsync("block");
        scene.Says(GuardrailScene.Passes);
        var (status, _, sent, _) = await scene.AskAsync();

        var requested = Assert.Single(scene.Guardrail.Requests);
        Assert.Equal(("POST", "/check", """{"texts":["Hi, I am Ann.","Ann Again"],"input_type":"request","request_data":{}}"""), (requested.Method, requested.Target, requested.BodyText));
        Assert.Equal(["Content-Length", "Content-Type", "Host"], requested.Headers.Select(header => header.Name).Order());
        Assert.Equal((200, Body), (status, sent));
        var policy = await scene.RecordAsync();
        Assert.Empty(policy.Hits);
        Assert.True(policy.GuardrailUs > 0);
    }

    [Fact]
    public async Task A_blocked_request_is_refused_and_the_verdict_text_is_not_returned()
    {
        await using var scene = new GuardrailScene(at);
        await scene.SetAsync("block");
        scene.Says(GuardrailScene.Blocks);
        var (status, response, sent, _) = await scene.AskAsync();

        Assert.Equal((403, null), (status, sent));
        Assert.Equal(("POLICY_VIOLATION", """["guardrail.judge"]"""), ((string?)JsonNode.Parse(response)!["error"]!["code"], JsonNode.Parse(response)!["error"]!["reasons"]!.ToJsonString()));
        Assert.DoesNotContain("Ann", response, StringComparison.Ordinal);
        Assert.DoesNotContain(at.Edge.Logs.Lines, line => line.Text.Contains("who is secret", StringComparison.Ordinal));
        var row = Assert.Single(await at.Edge.RowsOfAsync(scene.Project, 1));
        Assert.Equal(RequestOutcome.Filtered, row.Outcome);
        Assert.Equal(("judge", "guardrail", "input", "block", 1L), (row.Policy!.Hits[0].Rule, row.Policy.Hits[0].Kind, row.Policy.Hits[0].Stage, row.Policy.Hits[0].Action, row.Policy.Hits[0].Count));
    }

    [Fact]
    public async Task A_rewritten_text_of_a_request_is_replaced_and_every_other_byte_stays()
    {
        await using var scene = new GuardrailScene(at);
        await scene.SetAsync("mask");
        scene.Says("""{"action":"GUARDRAIL_INTERVENED","texts":["Hi, I am \"X\"\n.","Ann Again"]}""");
        var (status, _, sent, _) = await scene.AskAsync();

        Assert.Equal((200, Body.Replace("Hi, I am Ann.", """Hi, I am \"X\"\n.""", StringComparison.Ordinal)), (status, sent));
        var hit = Assert.Single((await scene.RecordAsync()).Hits);
        Assert.Equal(("mask", 2L, "messages[1].content"), (hit.Action, hit.Count, hit.Where));
    }

    [Theory]
    [InlineData("""{"action":"GUARDRAIL_INTERVENED","texts":["x","y"]}""")]
    [InlineData("""{"action":"BLOCKED"}""")]
    public async Task A_monitored_request_passes_unchanged(string says)
    {
        await using var scene = new GuardrailScene(at);
        await scene.SetAsync("monitor");
        scene.Says(says);
        var (status, _, sent, _) = await scene.AskAsync();

        Assert.Equal((200, Body), (status, sent));
        Assert.Equal("monitor", Assert.Single((await scene.RecordAsync()).Hits).Action);
    }

    [Fact]
    public async Task A_verdict_without_a_rewrite_blocks_when_the_rule_masks()
    {
        await using var scene = new GuardrailScene(at);
        await scene.SetAsync("mask");
        scene.Says(GuardrailScene.Blocks);
        Assert.Equal(403, (await scene.AskAsync()).Status);
    }

    [Fact]
    public async Task A_guardrail_receives_text_after_local_rules_and_both_changes_apply()
    {
        await using var scene = new GuardrailScene(at);
        await scene.SetAsync("mask", others: """,{"name":"mail","kind":"email","action":"mask"}""");
        scene.Says("""{"action":"GUARDRAIL_INTERVENED","texts":["X writes to [EMAIL]","[EMAIL] only"]}""");
        var (_, _, sent, _) = await scene.AskAsync("""{"model":"gpt-4o","messages":[{"role":"user","content":"Ann writes to ann@example.com"},{"role":"user","content":"ann@example.com only"}]}""");

        Assert.Contains("""["Ann writes to [EMAIL]","[EMAIL] only"]""", scene.Guardrail.Requests[0].BodyText, StringComparison.Ordinal);
        Assert.Equal("""{"model":"gpt-4o","messages":[{"role":"user","content":"X writes to [EMAIL]"},{"role":"user","content":"[EMAIL] only"}]}""", sent);
    }

    [Fact]
    public async Task A_guardrail_is_not_asked_about_a_request_that_a_local_rule_blocks()
    {
        await using var scene = new GuardrailScene(at);
        await scene.SetAsync("block", others: """,{"name":"w","kind":"words","words":["ann"],"action":"block"}""");
        Assert.Equal(403, (await scene.AskAsync()).Status);
        Assert.Empty(scene.Guardrail.Requests);
    }

    [Fact]
    public async Task All_guardrails_of_a_request_are_asked_at_the_same_time()
    {
        await using var scene = new GuardrailScene(at);
        await scene.SetAsync("monitor", others: "," + scene.RuleOf("other", "block", path: "/other"));
        var both = new TaskCompletionSource();
        var count = 0;
        scene.Guardrail.Respond(async (request, response) =>
        {
            if (Interlocked.Increment(ref count) == 2)
            {
                both.SetResult();
            }

            await response.HoldAsync(both.Task);
            await response.JsonAsync(200, request.Target == "/other" ? GuardrailScene.Blocks : GuardrailScene.Passes);
        });

        Assert.Contains("guardrail.other", (await scene.AskAsync()).Text, StringComparison.Ordinal);
        Assert.Equal(2, count);
    }

    [Fact]
    public async Task Form_fields_are_rewritten_in_place_and_cannot_forge_a_boundary()
    {
        await using var scene = new GuardrailScene(at);
        await scene.SetAsync("mask");
        scene.Says("""{"action":"GUARDRAIL_INTERVENED","texts":["A portrait of X.\n--boundary--\n"]}""");
        var sent = "";
        at.Provider.Respond((request, response) =>
        {
            sent = System.Text.Encoding.Latin1.GetString(request.Body.Span);
            return response.JsonAsync(200, "{}");
        });
        using var form = new MultipartFormDataContent("boundary")
        {
            { new StringContent("gpt-image-1"), "model" },
            { new ByteArrayContent([0x89, 0x50, 0, 1]), "image", "ann.png" },
            { new StringContent("A portrait of Ann."), "prompt" },
        };
        using var edgeResponse = await at.Edge.SendAsync(scene.Key, HttpMethod.Post, "/v1/images/edits", form);

        Assert.Equal(200, (int)edgeResponse.StatusCode);
        Assert.StartsWith("""{"texts":["A portrait of Ann."],""", Assert.Single(scene.Guardrail.Requests).BodyText, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nA portrait of X.\n- -boundary--\n\r\n--boundary--\r\n", sent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_caller_that_disconnects_during_a_check_frees_its_concurrency_slot_and_is_not_a_guardrail_failure()
    {
        await using var scene = new GuardrailScene(at);
        await scene.SetAsync("block");
        await at.Edge.SetLimitsAsync(scene.Project, new { concurrent_requests = 1 });
        scene.Guardrail.Enqueue((_, response) => response.WaitForAbortAsync());
        scene.Says(GuardrailScene.Passes);
        using (var leave = new CancellationTokenSource())
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = RunningEdge.Json(Body), Headers = { Authorization = new("Bearer", scene.Key) } };
            var asking = at.Edge.Http.SendAsync(request, leave.Token);
            var requested = await scene.Guardrail.NextRequestAsync();
            await leave.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
            await requested.Aborted.WaitAsync(Eventually.Timeout, TimeProvider.System);
        }

        var left = Assert.Single(await at.Edge.RowsOfAsync(scene.Project, 1));
        Assert.Equal(RequestOutcome.Cancelled, left.Outcome);
        Assert.Empty(left.Policy!.Hits);
        Assert.Equal(200, (await scene.AskAsync()).Status);
    }

    [Fact]
    public async Task Masking_of_embedding_input_only_counts()
    {
        await using var scene = new GuardrailScene(at);
        await scene.SetAsync("mask");
        scene.Says("""{"action":"GUARDRAIL_INTERVENED","texts":["X"]}""");
        var body = """{"model":"text-embedding-3-small","input":["Ann"]}""";
        Assert.Equal(body, (await scene.AskAsync(body, "/v1/embeddings")).Sent);
        Assert.Equal("monitor", Assert.Single((await scene.RecordAsync()).Hits).Action);
    }

    [Fact]
    public async Task Spans_of_Presidio_are_masked_correctly_after_surrogate_pairs()
    {
        await using var scene = new GuardrailScene(at);
        await scene.SetAsync("mask", ""","categories":["PERSON","LOCATION"]""", "presidio", path: "");
        scene.Guardrail.Respond((request, response) => response.JsonAsync(200, request.BodyText.Contains("Rome", StringComparison.Ordinal)
            ? """[{"entity_type":"PERSON","start":3,"end":6,"score":0.85},{"entity_type":"LOCATION","start":10,"end":14,"score":0.6},{"entity_type":"LOCATION","start":0,"end":2,"score":0.3},{"entity_type":"DATE","start":0,"end":2,"score":0.9}]"""
            : "[]"));
        var (_, _, sent, _) = await scene.AskAsync("""{"model":"gpt-4o","messages":[{"role":"user","content":"😀😀 Ann in Rome"},{"role":"user","content":"nobody"}]}""");

        Assert.Equal("""{"model":"gpt-4o","messages":[{"role":"user","content":"😀😀 [PERSON] in [LOCATION]"},{"role":"user","content":"nobody"}]}""", sent);
        Assert.Equal(["/analyze", "/analyze"], scene.Guardrail.Requests.Select(request => request.Target));
        Assert.Contains(scene.Guardrail.Requests, request => JsonNode.Parse(request.BodyText)!.ToJsonString() == JsonNode.Parse("""{"text":"nobody","language":"en","score_threshold":0.5,"entities":["PERSON","LOCATION"]}""")!.ToJsonString());
        Assert.Equal(2, Assert.Single((await scene.RecordAsync()).Hits).Count);
    }

    [Theory]
    [InlineData("", true)]
    [InlineData(""","categories":["violence"]""", false)]
    [InlineData(""","categories":["hate"]""", true)]
    [InlineData(""","categories":["violence"],"score_threshold":0.2""", true)]
    public async Task Moderation_is_called_at_the_provider_with_the_projects_own_credential(string narrower, bool isHit)
    {
        var (project, key) = await at.CreateAsync($$$"""{"name":"m","kind":"guardrail","action":"block","guardrail":{"type":"openai_moderation"{{{narrower}}}}}""");
        ReceivedRequest? requested = null;
        at.Provider.Respond((request, response) =>
        {
            requested = request.Target == "/v1/moderations" ? request : requested;
            return response.JsonAsync(200, request == requested
                ? """{"results":[{"flagged":true,"categories":{"hate":true,"violence":false},"category_scores":{"hate":0.9,"violence":0.3}}]}"""
                : ScriptedProvider.ChatCompletion("gpt-4o", "hi", 3, 1));
        });
        using var edgeResponse = await at.Edge.PostAsync(key, "/v1/chat/completions", """{"model":"gpt-4o","messages":[{"role":"user","content":"You!"}]}""");

        Assert.Equal(isHit ? 403 : 200, (int)edgeResponse.StatusCode);
        Assert.Equal("""{"model":"omni-moderation-latest","input":["You!"]}""", requested!.BodyText);
        Assert.Equal([$"Bearer {RunningEdge.ProviderKey}"], requested.Values("Authorization"));
        Assert.Single(await at.Edge.RowsOfAsync(project, 1));
    }

    [Fact]
    public async Task The_policy_test_asks_a_guardrail_and_returns_its_verdict()
    {
        await using var scene = new GuardrailScene(at);
        await scene.SetAsync("block");
        scene.Says(GuardrailScene.Blocks);
        var path = $"/api/projects/{scene.Project}/policies/test";
        var tested = await at.Edge.SendAdminAsync(HttpMethod.Post, path, new { text = "I am Ann." });
        Assert.Equal(("block", "hit", "It speaks of Ann, who is secret."), ((string?)tested["action"], (string?)tested["guardrails"]![0]!["verdict"], (string?)tested["guardrails"]![0]!["message"]));

        scene.Says("""{"action":"GUARDRAIL_INTERVENED","texts":["I am X."]}""");
        var unsaved = await at.Edge.SendAdminAsync(HttpMethod.Post, path, JsonNode.Parse("""{"body":{"messages":[{"role":"user","content":"I am Ann."}]},"policies":{"rules":[""" + scene.RuleOf("judge", "mask") + "]}}"));
        Assert.Equal(("mask", "I am X.", "messages[0].content"), ((string?)unsaved["action"], (string?)unsaved["body"]!["messages"]![0]!["content"], (string?)unsaved["hits"]![0]!["where"]));

        scene.Says("?");
        var failed = (await at.Edge.SendAdminAsync(HttpMethod.Post, path, new { text = "I am Ann." }))["guardrails"]![0]!;
        Assert.Equal(("failed", "block"), ((string?)failed["verdict"], (string?)failed["on_failure"]));
    }

    [Fact]
    public async Task At_most_four_policy_tests_ask_guardrails_at_the_same_time()
    {
        await using var scene = new GuardrailScene(at);
        var gate = new TaskCompletionSource();
        scene.Guardrail.Respond(async (_, response) =>
        {
            await response.HoldAsync(gate.Task);
            await response.JsonAsync(200, GuardrailScene.Passes);
        });
        await scene.SetAsync("block");
        var path = $"/api/projects/{scene.Project}/policies/test";
        var running = Enumerable.Range(0, 4).Select(_ => at.Edge.SendAdminAsync(HttpMethod.Post, path, new { text = "I am Ann." })).ToList();
        await Eventually.IsTrueAsync(() => scene.Guardrail.Requests.Count == 4);

        using var refused = await at.Edge.Admin.PostAsync(path, RunningEdge.Json(new { text = "I am Ann." }));
        Assert.Equal((429, "RATE_LIMIT_EXCEEDED"), await refused.ErrorAsync() is var error ? (error.Status, error.Code) : default);

        gate.SetResult();
        await Task.WhenAll(running);
        await at.Edge.SendAdminAsync(HttpMethod.Post, path, new { text = "I am Ann." });
    }
}
