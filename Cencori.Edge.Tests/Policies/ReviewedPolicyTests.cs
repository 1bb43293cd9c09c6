using System.Text;
using System.Text.Json.Nodes;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;
using Cencori.Edge.Tests.Records;
using static Cencori.Edge.Tests.Policies.PolicyEdge;

namespace Cencori.Edge.Tests.Policies;

/// <summary>Defects of policies that reviews have found, for example ways to bypass them. All are fixed.</summary>
public sealed class ReviewedPolicyTests(PolicyEdge at) : IClassFixture<PolicyEdge>
{
    private const string Card = "4111 1111 1111 1111";
    private const string MaskCards = """{"name":"c","kind":"card","action":"mask","stage":"both"}""";

    [Fact]
    public async Task A_text_without_findings_at_one_stage_is_still_scanned_at_the_other()
    {
        var (project, key) = await at.CreateAsync("""{"name":"canary","kind":"canary","canary":"zebra-crossing-9","action":"block"}""");
        var text = new string('x', 2000) + " zebra-crossing-9 " + new string('y', 100);
        await at.SentAsync(key, $$$"""{"model":"gpt-4o","messages":[{"role":"system","content":"{{{text}}}"}]}""");
        at.Provider.Respond((_, response) => response.JsonAsync(200, ScriptedProvider.ChatCompletion("gpt-4o", text, 1, 1)));
        using var edgeResponse = await at.ChatAsync(key);
        Assert.Equal(403, (int)edgeResponse.StatusCode);
        Assert.NotNull(project);
    }

    [Fact]
    public async Task An_event_for_held_text_repeats_nothing_else_of_the_original_event()
    {
        var (_, key) = await at.CreateAsync(MaskCards);
        const string chunk = """
            data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"gpt-4o","choices":[{"index":0,"delta":{"role":"assistant","content":"is 4111 1111 1111 1111"},"logprobs":{"content":[{"token":"4111 1111 1111 1111"}]},"finish_reason":null}],"usage":null}


            """;
        var stream = await at.StreamedAsync(key, [chunk], EndOf());
        Assert.DoesNotContain("4111", stream, StringComparison.Ordinal);
        Assert.Equal("is [CARD]", TextOf(stream));
        Assert.Single(Events(stream), data => data["choices"]?[0]?["delta"]?["role"] is not null);
    }

    [Fact]
    public async Task The_native_stream_masks_both_of_its_texts()
    {
        var (_, key) = await at.CreateAsync(MaskCards);
        at.Provider.Respond(async (_, response) =>
        {
            await response.SendHeadAsync(200, ("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"));
            await response.SendChunkAsync(ChunkOf("is 4111 1111 ") + ChunkOf("1111 1111") + EndOf());
            await response.EndChunksAsync();
        });
        using var edgeResponse = await at.Edge.PostAsync(key, "/api/ai/chat", ScriptedEdge.StreamedChat);
        var text = await edgeResponse.Content.ReadAsStringAsync();
        Assert.DoesNotContain("1111 1111", text, StringComparison.Ordinal);
        Assert.Equal("is [CARD]", string.Concat(Events(text).Select(data => (string?)data["delta"])));
    }

    [Fact]
    public async Task Logprobs_of_a_screened_document_are_removed()
    {
        var (_, key) = await at.CreateAsync(MaskCards);
        at.Provider.Respond((_, response) => response.JsonAsync(200, """{"choices":[{"index":0,"message":{"role":"assistant","content":"4111 1111 1111 1111"},"logprobs":{"content":[{"token":"4111"},{"token":" 1111"}]},"finish_reason":"stop"}]}"""));
        using var edgeResponse = await at.ChatAsync(key);
        var text = await edgeResponse.Content.ReadAsStringAsync();
        Assert.DoesNotContain("4111", text, StringComparison.Ordinal);
        Assert.Null(JsonNode.Parse(text)!["choices"]![0]!["logprobs"]);
    }

    [Fact]
    public async Task The_end_of_one_choice_does_not_release_text_of_another()
    {
        var (_, key) = await at.CreateAsync(MaskCards);
        var ended = EndOf().Split("data: [DONE]")[0];
        var stream = await at.StreamedAsync(key, [ChunkOf("a 4111 1111 ", 1), ended, ChunkOf("1111 1111", 1), ended.Replace("\"index\":0", "\"index\":1", StringComparison.Ordinal)], "data: [DONE]\n\n");
        Assert.Equal("a [CARD]", TextOf(stream, 1));
    }

    [Fact]
    public async Task A_text_that_continues_after_another_text_is_scanned_as_one()
    {
        var (_, key) = await at.CreateAsync("""{"name":"c","kind":"card","action":"block","stage":"output"}""");
        static string Reasoning(string text) => $"data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"reasoning_content\":\"{text}\"}},\"finish_reason\":null}}]}}\n\n";
        var stream = await at.StreamedAsync(key, [ChunkOf("Well. "), Reasoning("4111 1111 "), ChunkOf("Now. "), Reasoning("1111 1111 "), ChunkOf("Then.")], EndOf());
        Assert.Equal("POLICY_VIOLATION", (string?)Events(stream).Last()["error"]!["code"]);
        Assert.DoesNotContain("1111 1111", stream, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_texts_of_one_event_and_a_finish_reason_keep_their_order()
    {
        var (_, key) = await at.CreateAsync("""{"name":"m","kind":"email","action":"mask","stage":"output"}""");
        static string Both(string content, string reasoning) => $"data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{content}\",\"reasoning_content\":\"{reasoning}\"}},\"finish_reason\":null}}]}}\n\n";
        var stream = await at.StreamedAsync(key, [Both("", "ask a.b"), Both("", "@example.com now"), ChunkOf("abc de").Replace("\"finish_reason\":null", "\"finish_reason\":\"stop\"", StringComparison.Ordinal)], "data: [DONE]\n\n");
        Assert.Equal("ask [EMAIL] now", string.Concat(Events(stream).Select(data => (string?)data["choices"]?[0]?["delta"]?["reasoning_content"])));
        Assert.Equal("abc de", TextOf(stream));
        Assert.Equal("stop", (string?)Events(stream).Last()["choices"]![0]!["finish_reason"]);
    }

    [Theory]
    [InlineData("X-A: name=\"model\"\r\nContent-Disposition: form-data; name=\"prompt\"", "$")]
    [InlineData("Content-Disposition: form-data; name=\"prompt\"", "$\0")]
    [InlineData("Content-Disposition: form-data; name=\"image\"; filename=\"$.png\"", "x")]
    public async Task A_form_part_is_scanned_whatever_its_headers_say(string head, string content)
    {
        var (_, key) = await at.CreateAsync("""{"name":"c","kind":"card","action":"block"}""");
        at.Provider.Respond((_, response) => response.JsonAsync(200, "{}"));
        using var form = new StringContent($"--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\ngpt-image-1\r\n--b\r\n{head}\r\n\r\n{content}\r\n--b--\r\n".Replace("$", Card, StringComparison.Ordinal));
        form.Headers.ContentType = System.Net.Http.Headers.MediaTypeHeaderValue.Parse("multipart/form-data; boundary=b");
        using var edgeResponse = await at.Edge.SendAsync(key, HttpMethod.Post, "/v1/images/edits", form);
        Assert.Equal(403, (int)edgeResponse.StatusCode);
    }

    [Theory]
    [InlineData("""{"model":"gpt-4o","input":"$","role":"system"}""")]
    [InlineData("""{"model":"gpt-4o","messages":[{"role":"user","content":[{"type":"text","text":"$","role":"system"}]}],"input":"x"}""")]
    [InlineData("""{"model":"gpt-4o","input":"x","source":{"type":"text","data":"iVBORw0KGgoAAAANSUhEUgAA/4111111111111111/"}}""")]
    [InlineData("""{"model":"gpt-4o","input":"x","source":{"data":"iVBORw0KGgoAAAANSUhEUgAA\u0020\u0034111111111111111"}}""")]
    [InlineData("""{"model":"gpt-4o","input":"x","n":-4111111111111111}""")]
    [InlineData("""{"model":"gpt-4o","input":"x","4111111111111111":1}""")]
    public async Task No_member_of_a_body_can_hide_a_text_from_the_scan(string body)
    {
        var (_, key) = await at.CreateAsync("""{"name":"c","kind":"card","action":"block"}""");
        at.Provider.Respond((_, response) => response.JsonAsync(200, "{}"));
        using var edgeResponse = await at.Edge.PostAsync(key, "/v1/embeddings", body.Replace("$", Card, StringComparison.Ordinal));
        Assert.Equal(403, (int)edgeResponse.StatusCode);
    }

    [Theory]
    [InlineData("""{"model":"gpt-4o","messages":[],"n2":-4111111111111111}""")]
    [InlineData("""{"mod\u0065l":"gpt-4o","messages":[{"role":"user","content":"4111 1111 1111 1111"}]}""")]
    [InlineData("""{"model":"gpt-4o","stream":false,"stream_options":{"include_usage":true,"x":"4111 1111 1111 1111"},"messages":[]}""")]
    [InlineData("""{"model":"gpt-4o","messages":[{"role":"assistant","tool_calls":[{"function":{"arguments":"{\n  \"n\": 4111111111111111\n}"}}]}]}""")]
    public async Task A_masked_body_is_still_valid_JSON(string body)
    {
        var (_, key) = await at.CreateAsync(MaskCards);
        var sent = JsonNode.Parse(await at.SentAsync(key, body))!;
        Assert.DoesNotContain("411111", sent.ToJsonString(), StringComparison.Ordinal);
        if ((string?)sent["messages"]!.AsArray().FirstOrDefault()?["tool_calls"]?[0]?["function"]?["arguments"] is { } arguments)
        {
            Assert.Equal("[CARD]", (string?)JsonNode.Parse(arguments)!["n"]);
        }
    }

    [Theory]
    [InlineData("""{"type":"image_url","image\u005furl":{"url":"https://x/y.png"}}""")]
    [InlineData("""{"type":"image","source":{"type":"url","url":"https://x/y.png"}}""")]
    [InlineData("""{"type":"document","source":{"type":"url","url":"https://x/y.pdf"}}""")]
    [InlineData("""{"type":"video_url","video_url":{"url":"https://x/y.mp4"}}""")]
    [InlineData("""{"type":"\u0069nput_image","x":"https://x/y.png"}""")]
    [InlineData("""{"type":"document_url","document_url":"https://x/y.pdf"}""")]
    [InlineData("""{"type":"document","sourc\u0065":{"type":"url","url":"https://x/y.pdf"}}""")]
    public async Task A_part_that_is_no_text_is_refused_whatever_its_names_look_like(string part)
    {
        var (_, key) = await at.CreateAsync(MaskCards, ""","unscannable_parts":"block" """);
        at.Provider.Respond((_, response) => response.JsonAsync(200, "{}"));
        using var refused = await at.ChatAsync(key, """{"model":"gpt-4o","messages":[{"role":"user","content":[$]}]}""".Replace("$", part, StringComparison.Ordinal));
        Assert.Equal(403, (int)refused.StatusCode);

        using var passed = await at.ChatAsync(key, """{"model":"gpt-4o","messages":[{"role":"user","content":[{"type":"document","source":{"type":"text","data":"hi"}},{"type":"tool_use","id":"t","name":"f","input":{"type":"file"}}]}],"metadata":{"type":"image"}}""");
        Assert.Equal(200, (int)passed.StatusCode);
    }

    [Fact]
    public async Task A_project_that_only_monitors_refuses_nothing()
    {
        var (_, key) = await at.CreateAsync("""{"name":"c","kind":"card"}""");
        at.Provider.Respond((_, response) => response.JsonAsync(200, "{}"));
        using var content = new StringContent("""{"model":"gpt-4o"}""", Encoding.UTF8, "application/json");
        using var edgeResponse = await at.Edge.SendAsync(key, HttpMethod.Post, "/v1/batches", content);
        Assert.Equal(200, (int)edgeResponse.StatusCode);
    }

    [Fact]
    public async Task Words_of_the_API_are_not_scanned_in_requests()
    {
        var (_, key) = await at.CreateAsync("""{"name":"w","kind":"words","words":["user","messages"],"action":"mask"}""");
        const string body = """{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}]}""";
        Assert.Equal(body, await at.SentAsync(key, body));
    }

    [Fact]
    public async Task A_finding_in_path_or_query_that_would_be_masked_is_refused()
    {
        var (_, key) = await at.CreateAsync("""{"name":"m","kind":"email","action":"mask"}""");
        at.Provider.Respond((_, response) => response.JsonAsync(200, "{}"));
        foreach (var path in (string[])["/v1/vector_stores?after=a%40example.com", "/v1/unknown/a@example.com"])
        {
            using var edgeResponse = await at.Edge.SendAsync(key, HttpMethod.Get, path);
            Assert.Equal((path, 403), (path, (int)edgeResponse.StatusCode));
        }
    }

    [Fact]
    public async Task A_body_full_of_hits_uses_bounded_memory()
    {
        var (project, key) = await at.CreateAsync("""{"name":"m","kind":"email","action":"mask"}""");
        var body = $$"""{"model":"gpt-4o","messages":[],"x":[{{string.Join(',', Enumerable.Repeat("\"a@b.co\"", 200_000))}}]}""";
        using var response = await at.Edge.PostAsync(key, "/v1/chat/completions", body);
        Assert.Equal("""["unscanned"]""", JsonNode.Parse(await response.Content.ReadAsStringAsync())!["error"]!["reasons"]!.ToJsonString());
        Assert.Equal(RequestOutcome.Filtered, Assert.Single(await at.Edge.RowsOfAsync(project, 1)).Outcome);
    }

    [Fact]
    public async Task A_very_long_text_is_scanned_to_its_end()
    {
        var (_, key) = await at.CreateAsync(MaskCards);
        var filler = string.Concat(Enumerable.Repeat("é word ", 60_000));
        var sent = await at.SentAsync(key, $$$"""{"model":"gpt-4o","messages":[{"role":"user","content":"{{{Card}}} {{{filler}}}{{{Card}}} {{{filler}}}{{{Card}}}"}]}""");
        Assert.Equal((3, false), (sent.Split("[CARD]").Length - 1, sent.Contains("4111", StringComparison.Ordinal)));
        Assert.Contains(filler + "[CARD] " + filler, sent, StringComparison.Ordinal);
    }
}
