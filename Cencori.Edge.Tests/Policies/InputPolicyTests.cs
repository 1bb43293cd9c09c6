using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Records;

namespace Cencori.Edge.Tests.Policies;

/// <summary>How policies treat requests before a provider receives them.</summary>
public sealed class InputPolicyTests(PolicyEdge at) : IClassFixture<PolicyEdge>
{
    private const string Mask = """{"name":"mail","kind":"email","action":"mask"}""";

    [Fact]
    public async Task Findings_are_masked_and_every_other_byte_stays()
    {
        var (project, key) = await at.CreateAsync(Mask);
        const string body = """{ "model":"gpt-4o",  "messages":[{"role":"user","content":"Écris à alice@example.com\n\u0041nd {}"}], "x":1.50 }""";

        Assert.Equal(body.Replace("alice@example.com", "[EMAIL]", StringComparison.Ordinal), await at.SentAsync(key, body));
        var record = Assert.Single(await at.Edge.RowsOfAsync(project, 1));
        var hit = Assert.Single(record.Policy!.Hits);
        Assert.Equal(("mail", "email", "input", "mask", 1, "messages[0].content"), (hit.Rule, hit.Kind, hit.Stage, hit.Action, hit.Count, hit.Where));
        Assert.Equal(1, record.Policy.Version);
    }

    [Fact]
    public async Task A_monitored_request_passes_unchanged()
    {
        var (project, key) = await at.CreateAsync("""{"name":"mail","kind":"email"}""");
        const string body = """{"model":"gpt-4o","messages":[{"role":"user","content":"alice@example.com"}]}""";

        Assert.Equal(body, await at.SentAsync(key, body));
        Assert.Equal("monitor", Assert.Single(Assert.Single(await at.Edge.RowsOfAsync(project, 1)).Policy!.Hits).Action);
    }

    [Theory]
    [InlineData("/v1/chat/completions", 403)]
    [InlineData("/api/ai/chat", 400)]
    public async Task A_blocked_request_reaches_no_provider_and_the_error_has_reasons_but_no_text(string path, int status)
    {
        var (project, key) = await at.CreateAsync("""{"name":"Project Falcon","id":"falcon","kind":"words","words":["falcon"],"action":"block"}""");
        var requests = at.Provider.Requests.Count;
        using var response = await at.Edge.PostAsync(key, path, """{"model":"gpt-4o","messages":[{"role":"user","content":"Tell me of Falcon."}]}""");

        var text = await response.Content.ReadAsStringAsync();
        var error = JsonNode.Parse(text)!;
        Assert.Equal((HttpStatusCode)status, response.StatusCode);
        Assert.Equal("""["rule.falcon"]""", (status == 400 ? error : error["error"])!["reasons"]!.ToJsonString());
        Assert.Equal("POLICY_VIOLATION", (string?)(status == 400 ? error : error["error"])!["code"]);
        Assert.DoesNotContain("Falcon.", text, StringComparison.Ordinal);
        Assert.Equal(requests, at.Provider.Requests.Count);
        var record = Assert.Single(await at.Edge.RowsOfAsync(project, 1));
        Assert.Equal((RequestOutcome.Filtered, null, status), (record.Outcome, record.CostUsd, record.Status));
    }

    [Fact]
    public async Task A_blocked_request_returns_its_reserved_tokens()
    {
        var (project, key) = await at.CreateAsync("""{"name":"w","kind":"words","words":["falcon"],"action":"block"}""");
        await at.Edge.SetLimitsAsync(project, new { tokens_per_minute = 3000 });
        for (var request = 0; request < 20; request++)
        {
            using var response = await at.ChatAsync(key, """{"model":"gpt-4o","max_tokens":1000,"messages":[{"role":"user","content":"falcon"}]}""");
            Assert.Equal(403, (int)response.StatusCode);
        }
    }

    [Fact]
    public async Task By_default_instructions_are_only_counted_and_definitions_are_not_scanned()
    {
        var (project, key) = await at.CreateAsync(Mask);
        const string body = """{"model":"gpt-4o","messages":[{"content":"Ask alice@example.com","role":"system"},{"role":"developer","content":[{"type":"text","text":"alice@example.com"}]},{"role":"user","content":"hi"}],"tools":[{"type":"function","function":{"name":"f","description":"alice@example.com"}}]}""";

        Assert.Equal(body, await at.SentAsync(key, body));
        var hit = Assert.Single(Assert.Single(await at.Edge.RowsOfAsync(project, 1)).Policy!.Hits);
        Assert.Equal(("monitor", 2), (hit.Action, hit.Count));

        await at.SetAsync(project, """{"name":"mail","kind":"email","action":"mask","roles":["system","definitions"]}""");
        Assert.DoesNotContain("alice", await at.SentAsync(key, body), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"role":"user","content":"$"}""", "messages[0].content")]
    [InlineData("""{"role":"user","content":[{"type":"text","text":"$"}]}""", "messages[0].content[0].text")]
    [InlineData("""{"role":"tool","tool_call_id":"c","content":"A=1\n$"}""", "messages[0].content")]
    [InlineData("""{"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{\"to\":\"x\\n$\"}"}}]}""", "messages[0].tool_calls[0].function.arguments")]
    [InlineData("""{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://h/?$"}}]}""", "messages[0].content[0].image_url.url")]
    [InlineData("""{"role":"user","content":"x","cache_control":{"type":"$"}}""", "messages[0].cache_control.type")]
    [InlineData("""{"role":"user","content":"x","$":1}""", "messages[0].*")]
    public async Task Every_text_of_a_body_is_scanned(string message, string where)
    {
        var (project, key) = await at.CreateAsync(Mask);
        var sent = await at.SentAsync(key, """{"model":"gpt-4o","messages":[#],"user":"alice@example.com","metadata":{"a":"alice@example.com"}}""".Replace("#", message.Replace("$", "alice@example.com", StringComparison.Ordinal), StringComparison.Ordinal));

        Assert.DoesNotContain("alice", sent, StringComparison.Ordinal);
        Assert.Equal(3, sent.Split("[EMAIL]").Length - 1);
        var hit = Assert.Single(Assert.Single(await at.Edge.RowsOfAsync(project, 1)).Policy!.Hits);
        Assert.Equal((3, where), (hit.Count, hit.Where));
        if (JsonNode.Parse(sent)!["messages"]![0]!["tool_calls"]?[0]!["function"]!["arguments"] is { } arguments)
        {
            Assert.Equal("x\n[EMAIL]", (string?)JsonNode.Parse((string)arguments!)!["to"]);
        }
    }

    [Fact]
    public async Task A_value_has_the_same_placeholder_in_every_request_and_is_restored_in_the_response()
    {
        var (_, key) = await at.CreateAsync("""{"name":"mail","kind":"email","action":"tokenize"}""");
        const string body = """{"model":"gpt-4o","messages":[{"role":"user","content":"Write to alice@example.com, alice@example.com."}]}""";
        var sent = await at.SentAsync(key, body);
        var start = sent.IndexOf("[EMAIL_", StringComparison.Ordinal);
        var placeholder = sent[start..(sent.IndexOf(']', start) + 1)];

        Assert.Matches(@"^\[EMAIL_[a-z2-9]{6}\]$", placeholder);
        Assert.Equal(body.Replace("alice@example.com", placeholder, StringComparison.Ordinal), sent);
        Assert.Equal(sent, await at.SentAsync(key, body));

        at.Provider.Respond((_, response) => response.JsonAsync(200, JsonSerializer.Serialize(new
        {
            choices = new[] { new { index = 0, message = new { role = "assistant", content = $"To {placeholder}: [x] hi", tool_calls = new[] { new { id = "c", type = "function", function = new { name = "f", arguments = $$"""{"to":"{{placeholder}}"}""" } } } }, finish_reason = "stop" } },
        })));
        using var edgeResponse = await at.ChatAsync(key, body);
        var message = JsonNode.Parse(await edgeResponse.Content.ReadAsStringAsync())!["choices"]![0]!["message"]!;
        Assert.Equal(("To alice@example.com: [x] hi", """{"to":"alice@example.com"}"""), ((string?)message["content"], (string?)message["tool_calls"]![0]!["function"]!["arguments"]));

        // Another project gets another placeholder for the same address, so placeholders reveal nothing across projects.
        var (_, other) = await at.CreateAsync("""{"name":"mail","kind":"email","action":"tokenize"}""");
        Assert.DoesNotContain(placeholder, await at.SentAsync(other, body), StringComparison.Ordinal);
    }

    [Fact]
    public async Task By_default_masks_only_count_in_embedding_input()
    {
        var (project, key) = await at.CreateAsync(Mask);
        const string body = """{"model":"text-embedding-3-small","input":"alice@example.com"}""";
        Assert.Equal(body, await at.SentAsync(key, body, "/v1/embeddings", """{"data":[]}"""));

        await at.SetAsync(project, """{"name":"mail","kind":"email","action":"mask","mask_embeddings":true}""");
        Assert.DoesNotContain("alice", await at.SentAsync(key, body, "/v1/embeddings", """{"data":[]}"""), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("POST", "/v1/files", "application/octet-stream")]
    [InlineData("POST", "/v1/batches", "application/json")]
    [InlineData("POST", "/v1/fine_tuning/jobs", "application/json")]
    [InlineData("POST", "/v1/realtime/client_secrets", "application/json")]
    [InlineData("POST", "/v1/unknown", "text/plain")]
    public async Task By_default_content_that_cannot_be_scanned_is_refused_when_a_rule_masks(string method, string path, string type)
    {
        var (project, key) = await at.CreateAsync(Mask);
        at.Provider.Respond((_, response) => response.JsonAsync(200, "{}"));
        async Task<HttpResponseMessage> SendAsync()
        {
            using var content = new StringContent("""{"model":"gpt-4o"}""");
            content.Headers.ContentType = new(type);
            return await at.Edge.SendAsync(key, new(method), path, content);
        }

        using (var refused = await SendAsync())
        {
            Assert.Equal((403, """["unscanned"]"""), ((int)refused.StatusCode, JsonNode.Parse(await refused.Content.ReadAsStringAsync())!["error"]!["reasons"]!.ToJsonString()));
        }

        await at.SetAsync(project, Mask, ""","unscanned_endpoints":"allow" """);
        using var passed = await SendAsync();
        Assert.Equal(200, (int)passed.StatusCode);
        Assert.True((await at.Edge.RowsOfAsync(project, 2))[^1].Policy!.Unscanned);
    }

    [Fact]
    public async Task Form_fields_are_scanned_and_files_stay_unchanged()
    {
        var (project, key) = await at.CreateAsync(Mask);
        var sent = "";
        at.Provider.Respond((request, response) =>
        {
            sent = System.Text.Encoding.Latin1.GetString(request.Body.Span);
            return response.JsonAsync(200, "{}");
        });
        using var form = new MultipartFormDataContent
        {
            { new StringContent("gpt-image-1"), "model" },
            { new ByteArrayContent([0x89, 0x50, 0, 1]), "image", "alice.png" },
            { new StringContent("A portrait of alice@example.com."), "prompt" },
        };
        using var edgeResponse = await at.Edge.SendAsync(key, HttpMethod.Post, "/v1/images/edits", form);

        Assert.Equal(200, (int)edgeResponse.StatusCode);
        Assert.Contains("A portrait of [EMAIL].\r\n", sent, StringComparison.Ordinal);
        Assert.Contains("\u0089P\0\u0001", sent, StringComparison.Ordinal);
        Assert.Equal("prompt", Assert.Single(Assert.Single(await at.Edge.RowsOfAsync(project, 1)).Policy!.Hits).Where);
    }

    [Fact]
    public async Task The_stored_payload_is_the_masked_request()
    {
        var (project, key) = await at.CreateAsync(Mask);
        await at.Edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{project}", new { log_payloads = true });
        await at.SentAsync(key, """{"model":"gpt-4o","messages":[{"role":"user","content":"alice@example.com"}]}""");
        var record = Assert.Single(await at.Edge.RowsOfAsync(project, 1));
        var reported = await at.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/logs/{record.RequestId}");
        Assert.Contains("[EMAIL]", reported.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain("alice", reported.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Requests_can_be_searched_by_rule_and_are_summed_in_the_report()
    {
        var (project, key) = await at.CreateAsync(Mask + """,{"name":"F","kind":"words","words":["falcon"],"action":"block"}""");
        await at.SentAsync(key, """{"model":"gpt-4o","messages":[{"role":"user","content":"alice@example.com"}]}""");
        using (await at.ChatAsync(key, """{"model":"gpt-4o","messages":[{"role":"user","content":"falcon"}]}"""))
        {
            await at.Edge.RowsOfAsync(project, 2);
        }

        var found = await at.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/logs?rule=mail");
        Assert.Equal("mail", (string?)Assert.Single(found["requests"]!.AsArray())!["policy"]!["hits"]![0]!["rule"]);
        var otherCase = await at.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/logs?rule=Mail");
        Assert.Empty(otherCase["requests"]!.AsArray());
        var report = await at.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/policies/report");
        Assert.Equal((2, 1, 2), ((int)report["requests"]!, (int)report["blocked"]!, report["rules"]!.AsArray().Count));
    }

    [Fact]
    public async Task A_finding_in_the_query_blocks_too()
    {
        var (_, key) = await at.CreateAsync("""{"name":"w","kind":"words","words":["falcon"],"action":"block"}""");
        using var response = await at.Edge.SendAsync(key, HttpMethod.Get, "/v1/vector_stores?after=%46alcon");
        Assert.Equal(403, (int)response.StatusCode);
    }

    [Fact]
    public async Task The_policy_test_shows_the_result_and_stores_nothing()
    {
        var (project, _) = await at.CreateAsync(Mask);
        var tested = await at.Edge.SendAdminAsync(HttpMethod.Post, $"/api/projects/{project}/policies/test", new { text = "Mail\nto alice@example.com now" });
        Assert.Equal("mask", (string?)tested["action"]);
        Assert.Equal("Mail\nto [EMAIL] now", (string?)tested["text"]);
        Assert.Equal((8, 17), ((int)tested["hits"]![0]!["start"]!, (int)tested["hits"]![0]!["length"]!));

        const string Escaped = "é\"\\\t😀 alice@example.com, bob@example.com";
        var escaped = await at.Edge.SendAdminAsync(HttpMethod.Post, $"/api/projects/{project}/policies/test", new { text = Escaped });
        Assert.Equal(["alice@example.com", "bob@example.com"], escaped["hits"]!.AsArray().Select(hit => Escaped.Substring((int)hit!["start"]!, (int)hit["length"]!)));

        var body = await at.Edge.SendAdminAsync(HttpMethod.Post, $"/api/projects/{project}/policies/test", JsonNode.Parse("""{"body":{"messages":[{"role":"user","content":"falcon alice@example.com"}]},"policies":{"rules":[{"name":"F","kind":"words","words":["falcon"],"action":"block"}]}}"""));
        Assert.Equal(("block", """["rule.f"]""", "messages[0].content"), ((string?)body["action"], body["reasons"]!.ToJsonString(), (string?)body["hits"]![0]!["where"]));
    }

    [Theory]
    [InlineData(Mask)]
    [InlineData("")]
    public async Task The_policy_test_keeps_half_a_surrogate_pair(string rules)
    {
        var (project, _) = await at.CreateAsync(rules);
        using var response = await at.Edge.Admin.PostAsync($"/api/projects/{project}/policies/test", RunningEdge.Json("""{"body":{"messages":[{"role":"user","content":"\ud800 and"}]}}"""));
        var tested = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, tested);
        Assert.Contains("""{"messages":[{"role":"user","content":"\ud800 and"}]}""", tested, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"name":"x","kind":"pattern"}""", "rules[0].pattern")]
    [InlineData("""{"name":"x","kind":"pattern","pattern":"(?=a)b"}""", "rules[0].pattern")]
    [InlineData("""{"name":"x","kind":"words","words":[]}""", "rules[0].words")]
    [InlineData("""{"name":"x","kind":"email","words":["a"]}""", "rules[0].words")]
    [InlineData("""{"name":"x","kind":"canary","canary":"short"}""", "rules[0].canary")]
    [InlineData("""{"name":"x","kind":"email"},{"name":"X","kind":"card"}""", "rules[1].name")]
    [InlineData("""{"name":"x","kind":"email","action":"tokenize","stage":"output"}""", "rules[0].stage")]
    [InlineData("""{"name":"x","kind":"email","colour":"red"}""", "rules[0].colour")]
    public async Task An_invalid_rule_is_refused_with_its_place(string rules, string place)
    {
        var (project, _) = await at.CreateAsync(new { });
        using var response = await at.Edge.Admin.PutAsync($"/api/projects/{project}/policies", RunningEdge.Json($$"""{"rules":[{{rules}}]}"""));
        Assert.Equal((400, place), ((int)response.StatusCode, (string?)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["param"]));
    }
}
