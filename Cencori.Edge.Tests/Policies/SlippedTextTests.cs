using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Cencori.Edge.Policies.Detectors.Scanning;
using Cencori.Edge.Tests.Records;
using CsCheck;
using static Cencori.Edge.Tests.Policies.PolicyEdge;

namespace Cencori.Edge.Tests.Policies;

/// <summary>Places where text could bypass policies, and API words that are not user text.</summary>
public sealed class SlippedTextTests(PolicyEdge at) : IClassFixture<PolicyEdge>
{
    private const string Card = "4111 1111 1111 1111";
    private const string BlockCards = """{"name":"Cards","kind":"card","action":"block"}""";
    private const string MaskFalcon = """{"name":"w","kind":"words","words":["falcon"],"action":"mask"}""";
    private const string Chat = """{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}]}""";

    [Theory]
    [InlineData("\"\"")]
    [InlineData("\"null\"")]
    public async Task An_empty_finish_reason_does_not_end_a_text(string reason)
    {
        var (_, key) = await at.CreateAsync(MaskFalcon);
        string Chunk(string text) => ChunkOf(text).Replace("\"finish_reason\":null", $"\"finish_reason\":{reason}", StringComparison.Ordinal);

        Assert.Equal("the [REDACTED] flies", TextOf(await at.StreamedAsync(key, [Chunk("the fal"), Chunk("con"), Chunk(" flies")], EndOf())));
    }

    [Fact]
    public async Task A_stream_masks_every_encoded_run_with_a_finding_that_the_whole_text_shows()
    {
        var (_, key) = await at.CreateAsync(MaskFalcon);
        await Gen.Select(Gen.OneOfConst("", "0x", "base64"), Gen.OneOfConst(". ", "ж "), Gen.Int[12, 2_500], Gen.Int[0, 2_500], Gen.Int[0, 700].Array[0, 3], Gen.Int[100, 3_000]).SampleAsync(async (encoding, filler, before, after, words, piece) =>
        {
            var bytes = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(filler, before)) + "falcon " + string.Concat(Enumerable.Repeat(filler, after)));
            var run = encoding == "base64"
                ? string.Concat(words.Select(word => string.Concat(Enumerable.Repeat("path", word)) + "/")) + Convert.ToBase64String(bytes).TrimEnd('=')
                : encoding + Convert.ToHexString(bytes);

            var text = TextOf(await at.StreamedAsync(key, ["see = ", .. run.Chunk(piece).Select(characters => new string(characters)), " now"]));

            if (run.Length <= EncodedRuns.MaxRead)
            {
                Assert.Equal(Shows(run) ? "see = [REDACTED] now" : $"see = {run} now", text);
            }
            else if (Shows(run))
            {
                Assert.StartsWith("see = [REDACTED]", text, StringComparison.Ordinal);
            }
        }, iter: 100, threads: 1);

        static bool Shows(string text)
        {
            var (from, decoded) = (0, new char[EncodedRuns.MaxDecoded]);
            while (EncodedRuns.TryNext(text, ref from, decoded, out _, out var length))
            {
                if (decoded.AsSpan(0, length).Contains("falcon", StringComparison.Ordinal))
                {
                    return true;
                }
            }

            return false;
        }
    }

    [Fact]
    public async Task Interleaved_call_arguments_are_held_until_each_is_complete()
    {
        var (_, key) = await at.CreateAsync(MaskFalcon.Replace("mask", "block", StringComparison.Ordinal));
        var stream = await at.StreamedAsync(key, [ChunkOf("I call: "), CallChunkOf("{\"a\":\"fal"), CallChunkOf("{\"b\":", 1), CallChunkOf("con\"}"), CallChunkOf("2}", 1)], EndOf("tool_calls"));

        Assert.DoesNotContain("fal", stream, StringComparison.Ordinal);
        Assert.Contains("POLICY_VIOLATION", stream, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/openai/deployments/gpt-4o%204111%201111%201111%201111/chat/completions?api-version=2024-10-21")]
    [InlineData("/v1/chat/completions?x=4111+1111+1111+1111")]
    [InlineData("/v1/chat/completions?x=4111%25201111%25201111%25201111")]
    public async Task All_parts_of_a_request_URL_are_scanned(string path)
    {
        var (project, key) = await at.CreateAsync(BlockCards);
        using var response = await at.Edge.PostAsync(key, path, Chat);

        Assert.Equal(403, (int)response.StatusCode);
        Assert.DoesNotContain("4111", (await at.Edge.RowsOfAsync(project, 1))[0].ModelAsked ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_finding_in_the_model_name_is_refused_and_not_recorded()
    {
        var (project, key) = await at.CreateAsync("""{"name":"mail","kind":"email","action":"mask"}""");
        using var response = await at.Edge.PostAsync(key, "/v1/chat/completions", Chat.Replace("gpt-4o", "openai/jo@example.com", StringComparison.Ordinal));

        Assert.Equal((403, "(a text that a policy does not let pass)"), ((int)response.StatusCode, (await at.Edge.RowsOfAsync(project, 1))[0].ModelAsked));
    }

    [Theory]
    [InlineData("4111 1111 1111 1111/gpt-4o")]
    [InlineData("4111 1111 1111 1111:gpt-4o")]
    [InlineData("openai/4111 1111 1111 1111")]
    public async Task A_model_name_that_only_resembles_a_known_one_is_scanned(string model)
    {
        var (project, key) = await at.CreateAsync(BlockCards);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent(Chat.Replace("gpt-4o", model, StringComparison.Ordinal), Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new("Bearer", key);
        request.Headers.Add("X-Cencori-Provider", "openai");
        using var response = await at.Edge.Http.SendAsync(request);

        Assert.Equal(403, (int)response.StatusCode);
        Assert.DoesNotContain("4111", (await at.Edge.RowsOfAsync(project, 1))[0].ModelAsked, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("field name", 403)]
    [InlineData("header", 403)]
    [InlineData("file name", 403)]
    [InlineData("long file name", 403)]
    [InlineData("charset", 403)]
    [InlineData("encoding", 403)]
    [InlineData("behind the end", 403)]
    [InlineData("nothing", 200)]
    public async Task Every_part_of_a_form_is_scanned(string place, int status)
    {
        var (_, key) = await at.CreateAsync(BlockCards);
        at.Provider.Respond((_, response) => response.JsonAsync(200, "{\"text\":\"hi\"}"));
        var file = place switch
        {
            "file name" => $"; filename=\"{Card}.mp3\"",
            "long file name" => $"; filename*=UTF-8''{Uri.EscapeDataString(Card)}.mp3",
            _ => "; filename=\"a.mp3\"",
        };
        var field = (place == "field name" ? Card : "prompt") + "\"";
        var header = place switch
        {
            "header" => $"\r\nX-Note: {Card}",
            "charset" => "\r\nContent-Type: text/plain; charset=utf-16",
            "encoding" => "\r\nContent-Transfer-Encoding: quoted-printable",
            _ => "",
        };
        var form = $"--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n--b\r\nContent-Disposition: form-data; name=\"{field}{header}\r\n\r\nhi\r\n"
            + $"--b\r\nContent-Disposition: form-data; name=\"file\"{file}\r\nContent-Type: audio/mpeg\r\n\r\n\0\0\r\n--b--\r\n" + (place == "behind the end" ? Card : "");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/audio/transcriptions") { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(form)) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse("multipart/form-data; boundary=b");
        request.Headers.Authorization = new("Bearer", key);
        using var got = await at.Edge.Http.SendAsync(request);

        Assert.Equal((status, place), ((int)got.StatusCode, place));
    }

    [Theory]
    [InlineData("stop", "finish_reason")]
    [InlineData("chat", "object")]
    [InlineData("gpt", "model")]
    [InlineData("completions", "object")]
    public async Task Words_of_the_API_are_not_scanned_in_responses(string word, string member)
    {
        var (_, key) = await at.CreateAsync($$"""{"name":"w","kind":"words","words":["{{word}}"],"action":"mask","stage":"both"}""");
        var providerBody = $$"""{"id":"x","object":"chat.completion","model":"gpt-4o-2024-08-06","choices":[{"index":0,"message":{"role":"assistant","content":"say {{word}}"},"finish_reason":"stop"}]}""";
        at.Provider.Respond((_, response) => response.JsonAsync(200, providerBody));
        using var got = await at.Edge.PostAsync(key, "/v1/chat/completions", Chat);
        Assert.Equal(providerBody.Replace($"say {word}", "say [REDACTED]", StringComparison.Ordinal), await got.Content.ReadAsStringAsync());

        var stream = await at.StreamedAsync(key, [$"say {word}", " now"]);
        Assert.Equal("say [REDACTED] now", TextOf(stream));
        Assert.DoesNotContain("[REDACTED]", string.Concat(Events(stream).Select(one => (one[member] ?? one["choices"]![0]![member])?.ToJsonString())), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"type\":\"response.falcon\"")]
    [InlineData("\"tool_choice\":\"falcon\"")]
    [InlineData("\"falcon\":1")]
    [InlineData("\"stop\":[\"falcon\"]")]
    public async Task A_value_that_the_API_does_not_define_is_scanned_as_text(string member)
    {
        var (_, key) = await at.CreateAsync(MaskFalcon.Replace("mask", "block", StringComparison.Ordinal));
        using var got = await at.Edge.PostAsync(key, "/v1/chat/completions", Chat.Replace("\"role\"", member + ",\"role\"", StringComparison.Ordinal));
        Assert.Equal(403, (int)got.StatusCode);
    }

    [Fact]
    public async Task Event_types_are_not_scanned()
    {
        var (_, key) = await at.CreateAsync(MaskFalcon.Replace("falcon", "completed", StringComparison.Ordinal));
        const string events = "event: response.completed\ndata: {\"type\":\"response.completed\",\"sequence_number\":1,\"response\":{\"id\":\"resp_1\",\"object\":\"response\",\"status\":\"completed\",\"output\":[]}}\n\n";
        at.Provider.Respond(async (_, response) =>
        {
            await response.SendHeadAsync(200, ("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"));
            await response.SendChunkAsync(events);
            await response.EndChunksAsync();
        });
        using var got = await at.Edge.PostAsync(key, "/v1/responses", """{"model":"gpt-4o","input":"hi","stream":true}""");
        Assert.Equal(events, await got.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_value_has_the_same_placeholder_in_every_escaping()
    {
        var (_, key) = await at.CreateAsync("""{"name":"mail","kind":"email","action":"tokenize"}""");
        var sent = JsonNode.Parse(await at.SentAsync(key, """{"model":"gpt-4o","messages":[{"role":"user","content":"jo@example.com"},{"role":"user","content":"{\"to\":\"jo\\u0040example.com\"}"},{"role":"user","content":"jo\u0040example.com"}]}"""))!;
        var plain = (string)sent["messages"]![0]!["content"]!;

        Assert.StartsWith("[EMAIL_", plain, StringComparison.Ordinal);
        Assert.Equal(($$"""{"to":"{{plain}}"}""", plain), ((string?)sent["messages"]![1]!["content"], (string?)sent["messages"]![2]!["content"]));
    }

    [Fact]
    public async Task A_mask_in_prose_gets_no_quotes()
    {
        var (_, key) = await at.CreateAsync("""{"name":"ip","kind":"ip","action":"mask"}""");
        Assert.Contains("\"ask [[IP]]:53\"", await at.SentAsync(key, Chat.Replace("hi", "ask [2001:4860:4860::8888]:53", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Contains("\"[[IP]]:53\"", await at.SentAsync(key, Chat.Replace("hi", "[2001:4860:4860::8888]:53", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Audio_output_that_cannot_be_scanned_is_refused_before_the_provider_is_called()
    {
        var (_, key) = await at.CreateAsync(MaskFalcon);
        var requests = at.Provider.Requests.Count;
        using var response = await at.Edge.PostAsync(key, "/v1/audio/speech", """{"model":"tts-1","voice":"alloy","input":"hello"}""");

        Assert.Equal((403, requests), ((int)response.StatusCode, at.Provider.Requests.Count));
        Assert.Equal("""["unscanned"]""", JsonNode.Parse(await response.Content.ReadAsStringAsync())!["error"]!["reasons"]!.ToJsonString());
    }
}
