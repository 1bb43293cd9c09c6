using System.Text.Json.Nodes;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Tests.Infrastructure.Providers;

namespace Cencori.Edge.Tests.Policies.Guardrails;

/// <summary>Guardrails for responses that are a single document.</summary>
public sealed class GuardedDocumentTests(PolicyEdge at) : IClassFixture<PolicyEdge>
{
    private const string ResponseText = """{ "id":"chatcmpl-1","object":"chat.completion","model":"gpt-4o-2024-08-06","choices":[{"index":0,"message":{"role":"assistant","content":"Hi, I am \u0041nn.","refusal":null},"logprobs":{"content":[{"token":"Ann"}]},"finish_reason":"stop"},  {"index":1,"message":{"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"find","arguments":"{\"who\":\"Ann\"}"}}]},"finish_reason":"tool_calls"},{"index":2,"message":{"role":"assistant","content":"Yes","reasoning_content":"Hi, I am Ann."},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5},"system_fingerprint":"fp_1"}""";

    [Fact]
    public async Task A_guardrail_receives_each_text_of_the_model_once()
    {
        await using var scene = new ResponseScene(at);
        await scene.SetAsync("block");
        scene.Says(GuardrailScene.Passes);
        var (status, text) = await scene.RespondAsync(ResponseText);

        Assert.Equal((200, ResponseText.Replace("""{"content":[{"token":"Ann"}]}""", "null", StringComparison.Ordinal)), (status, text));
        var requested = JsonNode.Parse(Assert.Single(scene.Guardrail.Requests).BodyText)!;
        Assert.Equal("response", (string?)requested["input_type"]);
        Assert.Equal(["Hi, I am Ann.", """{"who":"Ann"}""", "Yes"], requested["texts"]!.AsArray().Select(one => (string)one!));
        var record = await scene.RowAsync();
        Assert.Empty(record.Policy!.Hits);
        Assert.True(record.Policy.GuardrailUs > 0);
    }

    [Theory]
    [InlineData("/v1/chat/completions", 403)]
    [InlineData("/api/ai/chat", 400)]
    public async Task A_blocked_response_does_not_pass_and_is_still_billed(string path, int expected)
    {
        await using var scene = new ResponseScene(at);
        await scene.SetAsync("block");
        scene.Says(GuardrailScene.Blocks);
        var (status, text) = await scene.RespondAsync(ResponseText, path);

        Assert.Equal(expected, status);
        Assert.DoesNotContain("Ann", text, StringComparison.Ordinal);
        Assert.Contains("guardrail.judge", text, StringComparison.Ordinal);
        var record = await scene.RowAsync();
        Assert.Equal((RequestOutcome.Filtered, 3, 2), (record.Outcome, record.PromptTokens, record.CompletionTokens));
        var hit = Assert.Single(record.Policy!.Hits);
        Assert.Equal(("judge", "guardrail", "output", "block"), (hit.Rule, hit.Kind, hit.Stage, hit.Action));
    }

    [Fact]
    public async Task A_rewritten_text_of_a_response_is_replaced_and_every_other_byte_stays()
    {
        await using var scene = new ResponseScene(at);
        await scene.SetAsync("mask");
        scene.Says("""{"action":"GUARDRAIL_INTERVENED","texts":["Hi, I am \"X\".","{\"who\":\"X\"}","Yes"]}""");
        var (_, text) = await scene.RespondAsync(ResponseText);

        var expected = ResponseText.Replace(@"Hi, I am \u0041nn.", "Hi, I am \\\"X\\\".", StringComparison.Ordinal).Replace("Hi, I am Ann.", "Hi, I am \\\"X\\\".", StringComparison.Ordinal)
            .Replace(@"{\""who\"":\""Ann\""}", @"{\""who\"":\""X\""}", StringComparison.Ordinal).Replace("""{"content":[{"token":"Ann"}]}""", "null", StringComparison.Ordinal);
        Assert.Equal(expected, text);
        var hit = Assert.Single((await scene.RowAsync()).Policy!.Hits);
        Assert.Equal(("output", "mask", 3L, "choices[0].message.content"), (hit.Stage, hit.Action, hit.Count, hit.Where));
    }

    [Fact]
    public async Task A_monitored_response_passes_byte_for_byte()
    {
        await using var scene = new ResponseScene(at);
        await scene.SetAsync("monitor");
        scene.Says(GuardrailScene.Blocks);
        Assert.Equal((200, ResponseText), await scene.RespondAsync(ResponseText));
        Assert.Equal("monitor", Assert.Single((await scene.RowAsync()).Policy!.Hits).Action);
    }

    [Theory]
    [InlineData("hangs", true)]
    [InlineData("hangs", false)]
    [InlineData("garbage", true)]
    [InlineData("garbage", false)]
    [InlineData("error", true)]
    [InlineData("error", false)]
    public async Task A_guardrail_failure_follows_the_rule(string fault, bool blocks)
    {
        await using var scene = new ResponseScene(at);
        await scene.SetAsync("mask", $$""","timeout_ms":{{(fault == "hangs" ? 100 : 10_000)}},"on_failure":"{{(blocks ? "block" : "allow")}}" """);
        scene.Guardrail.Respond((_, response) => fault switch
        {
            "hangs" => response.WaitForAbortAsync(),
            "garbage" => response.JsonAsync(200, "?"),
            _ => response.JsonAsync(500, GuardrailScene.Passes),
        });
        var (status, text) = await scene.RespondAsync(ScriptedProvider.ChatCompletion("gpt-4o", "I am Ann.", 3, 1));

        var record = await scene.RowAsync();
        Assert.Equal((blocks ? 503 : 200, blocks ? RequestOutcome.Error : RequestOutcome.Success), (status, record.Outcome));
        Assert.Equal(blocks, !text.Contains("Ann", StringComparison.Ordinal));
        Assert.Equal(blocks, text.Contains("POLICY_UNAVAILABLE", StringComparison.Ordinal));
        Assert.Equal(1, record.CompletionTokens);
        var hit = Assert.Single(record.Policy!.Hits);
        Assert.Equal(("judge", "output", blocks ? "failed" : "skipped"), (hit.Rule, hit.Stage, hit.Action));
    }

    [Fact]
    public async Task A_guardrail_receives_text_after_local_rules_and_nothing_that_they_block()
    {
        await using var scene = new ResponseScene(at);
        await scene.SetAsync("mask", others: """,{"name":"mail","kind":"email","action":"tokenize"},{"name":"w","kind":"words","words":["falcon"],"action":"mask","stage":"output"},{"name":"b","kind":"words","words":["heron"],"action":"block","stage":"output"}""");
        var placeholder = "";
        scene.Guardrail.Respond((request, response) => response.JsonAsync(200, new JsonObject
        {
            ["action"] = "GUARDRAIL_INTERVENED",
            ["texts"] = new JsonArray([.. JsonNode.Parse(request.BodyText)!["texts"]!.AsArray().Select(text => JsonValue.Create(((string)text!).Replace("Ann", "X", StringComparison.Ordinal)))]),
        }.ToJsonString()));
        const string Body = """{"model":"gpt-4o","messages":[{"role":"user","content":"To alice@example.com"}]}""";
        var (_, text) = await scene.RespondAsync(
            request =>
            {
                placeholder = (string)JsonNode.Parse(request.BodyText)!["messages"]![0]!["content"]!;
                return ScriptedProvider.ChatCompletion("gpt-4o", $"A falcon of Ann, {placeholder}", 3, 1);
            },
            Body);
        Assert.Equal($"A [REDACTED] of Ann, {placeholder}", (string?)JsonNode.Parse(Assert.Single(scene.Guardrail.Requests).BodyText)!["texts"]![0]);
        Assert.Equal("A [REDACTED] of X, To alice@example.com", (string?)JsonNode.Parse(text)!["choices"]![0]!["message"]!["content"]);

        Assert.Equal(403, (await scene.RespondAsync(ScriptedProvider.ChatCompletion("gpt-4o", "A heron of Ann", 3, 1))).Status);
        Assert.Single(scene.Guardrail.Requests);
    }

    [Fact]
    public async Task A_rule_for_both_stages_is_asked_twice_but_not_about_a_provider_error()
    {
        await using var scene = new ResponseScene(at);
        await scene.SetAsync("block", stage: "both");
        scene.Says(GuardrailScene.Passes);
        await scene.RespondAsync(ScriptedProvider.ChatCompletion("gpt-4o", "Well.", 3, 1));
        Assert.Equal(["request", "response"], scene.Guardrail.Requests.Select(request => (string?)JsonNode.Parse(request.BodyText)!["input_type"]));

        at.Provider.Respond((_, response) => response.JsonAsync(400, """{"error":{"message":"No such thing.","type":"invalid_request_error"}}"""));
        using var refused = await at.ChatAsync(scene.Key);
        Assert.Equal((400, 3), ((int)refused.StatusCode, scene.Guardrail.Requests.Count));
    }

    [Fact]
    public async Task The_callers_own_text_in_a_response_is_not_sent_to_a_guardrail()
    {
        await using var scene = new ResponseScene(at);
        await scene.SetAsync("block");
        scene.Says(GuardrailScene.Passes);
        await scene.RespondAsync(
            """{"id":"resp_1","object":"response","status":"completed","model":"gpt-4o","instructions":"Be kind to Bob.","tools":[{"type":"function","name":"f","description":"Finds Bob."}],"metadata":{"who":"Bob B."},"reasoning":{"effort":"low","summary":"auto"},"truncation":"disabled","text":{"format":{"type":"text"},"verbosity":"medium"},"output":[{"id":"msg_1","type":"message","role":"assistant","status":"completed","content":[{"type":"output_text","text":"OK","annotations":[]}]},{"type":"image_generation_call","id":"ig_1","result":"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="},{"type":"reasoning","id":"rs_1","encrypted_content":"gAAAAABo secret","summary":[{"type":"summary_text","text":"Short"}]}],"usage":{"input_tokens":1,"output_tokens":1,"total_tokens":2}}""",
            "/v1/responses",
            """{"model":"gpt-4o","input":"x"}""");
        Assert.StartsWith("""{"texts":["OK","Short"],""", Assert.Single(scene.Guardrail.Requests).BodyText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_input_of_a_tool_call_is_checked_under_any_member_name()
    {
        await using var scene = new ResponseScene(at);
        await scene.SetAsync("mask");
        scene.Rewrites("Ann", "X");
        var (_, text) = await scene.RespondAsync("""{"id":"msg_1","type":"message","role":"assistant","model":"claude","content":[{"type":"text","text":"Well,"},{"type":"tool_use","id":"toolu_1","name":"find","input":{"name":"Ann","user_id":["Ann"],"n":{"status":"ok"}}}],"stop_reason":"tool_use"}""", "/v1/messages", ResponseScene.Streamed.Replace("\"stream\":true,", "", StringComparison.Ordinal));
        Assert.Equal(["Well,", "Ann", "ok"], scene.Asked);
        Assert.Contains("""{"name":"X","user_id":["X"],"n":{"status":"ok"}}""", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plain_text_response_is_checked_and_spans_of_Presidio_are_masked()
    {
        await using var scene = new ResponseScene(at);
        await scene.SetAsync("mask", type: "presidio", path: "");
        scene.Says("""[{"entity_type":"PERSON","start":5,"end":8,"score":0.85}]""");
        Assert.Equal("I am [PERSON].", (await scene.RespondAsync("I am Ann.", "/v1/responses", """{"model":"gpt-4o","input":"x"}""")).Text);
    }

    [Fact]
    public async Task Setting_a_guardrail_for_responses_returns_a_warning_about_streams()
    {
        await using var scene = new ResponseScene(at);
        await scene.SetAsync("block", stage: "both");
        var set = await at.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{scene.Project}/policies");
        Assert.Equal("both", (string?)set["rules"]![0]!["stage"]);
        Assert.Contains(set["warnings"]!.AsArray(), warning => ((string)warning!).Contains("holds back streams", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_policy_test_asks_a_guardrail_about_responses_too()
    {
        await using var scene = new ResponseScene(at);
        await scene.SetAsync("block");
        scene.Says(GuardrailScene.Blocks);
        var path = $"/api/projects/{scene.Project}/policies/test";
        var tested = await at.Edge.SendAdminAsync(HttpMethod.Post, path, new { text = "I am Ann.", stage = "output" });
        Assert.Equal(("block", "hit"), ((string?)tested["action"], (string?)tested["guardrails"]![0]!["verdict"]));
        Assert.Equal("off", (string?)(await at.Edge.SendAdminAsync(HttpMethod.Post, path, new { text = "I am Ann." }))["action"]);

        var body = await at.Edge.SendAdminAsync(HttpMethod.Post, path, new JsonObject { ["body"] = JsonNode.Parse(ResponseText), ["stage"] = "output" });
        Assert.Equal(("block", "guardrail.judge"), ((string?)body["action"], (string?)body["reasons"]![0]));
    }
}
