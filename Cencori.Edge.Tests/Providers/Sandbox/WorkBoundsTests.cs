using Cencori.Edge.Providers.Sandbox.Generation;
using Cencori.Edge.Tests.Infrastructure;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Cencori.Edge.Metering;
using Cencori.Edge.Providers.Sandbox;

namespace Cencori.Edge.Tests.Providers.Sandbox;

/// <summary>Anyone with a test key can send any request, so no body may cause more work than its size justifies.</summary>
public sealed class WorkBoundsTests : IDisposable
{
    private const string Chat = "/v1/chat/completions";

    private readonly SandboxCalls _calls = new();

    public void Dispose() => _calls.Dispose();

    [Fact]
    public async Task A_body_over_the_limit_is_rejected_before_it_is_parsed()
    {
        var error = await _calls.PostRefusedAsync(Chat, new string('x', BoundedBody.MaxBytes + 1));

        Assert.Equal("context_length_exceeded", error.GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_body_at_the_limit_is_read()
    {
        var response = await _calls.PostJsonAsync("/v1/moderations", """{"input":"hi"}""".PadRight(BoundedBody.MaxBytes));

        Assert.Equal(1, response.GetProperty("results").GetArrayLength());
    }

    [Fact]
    public async Task A_body_over_the_limit_is_not_buffered()
    {
        using var content = new StreamContent(new MemoryStream(new byte[20 * BoundedBody.MaxBytes]));

        await using var body = await BoundedBody.ReadAsync(content, CancellationToken.None);

        Assert.True(body.IsTooLarge);
        Assert.InRange(body.Capacity, 0, 2 * BoundedBody.MaxBytes);
    }

    [Theory]
    [InlineData("""["a","b","c","d","e"]""")]
    [InlineData("\"LONG\"")]
    [InlineData("""["a","LONG"]""")]
    public async Task Too_many_or_too_long_stop_words_are_rejected(string stop)
    {
        var error = await _calls.PostRefusedAsync(Chat, Asking("hi", $"\"stop\":{stop.Replace("LONG", new string('x', 1_001), StringComparison.Ordinal)}"));

        Assert.Equal("stop", error.GetProperty("param").GetString());
        Assert.Contains("at most 4", error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a", 74, 4096)]
    [InlineData("text-embedding-3-large", 98, null)]
    public async Task Embeddings_with_too_many_numbers_are_rejected(string model, int inputs, int? dimensions)
    {
        var error = await _calls.PostRefusedAsync("/v1/embeddings",
            $$"""{"model":"{{model}}","dimensions":{{dimensions?.ToString(CultureInfo.InvariantCulture) ?? "null"}},"input":[{{Many("\"a\"", inputs)}}]}""");

        Assert.Equal("input", error.GetProperty("param").GetString());
        Assert.Contains("300000", error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Embeddings_with_many_inputs_and_few_dimensions_are_accepted()
    {
        var response = await _calls.PostJsonAsync("/v1/embeddings", $$"""{"model":"e","dimensions":146,"input":[{{Many("\"a\"", 2_048)}}]}""");

        Assert.Equal(2_048, response.GetProperty("data").GetArrayLength());
    }

    [Theory]
    [InlineData(Chat, "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]")]
    [InlineData("/v1/completions", "\"prompt\":\"hi\"")]
    public async Task A_long_response_is_given_once_but_not_in_many_copies(string path, string question)
    {
        await _calls.PostJsonAsync(path, $$"""{"model":"burst-10000",{{question}}}""");
        await _calls.PostJsonAsync(path, $$"""{"model":"burst-1000",{{question}},"n":10}""");
        var error = await _calls.PostRefusedAsync(path, $$"""{"model":"burst-1000",{{question}},"n":11,"stream":true}""");

        Assert.Equal("n", error.GetProperty("param").GetString());
    }

    [Theory]
    [InlineData("burst-10000", 2, 1, "prompt")]
    [InlineData("burst-10000", 16, 1, "prompt")]
    [InlineData("burst-2000", 3, 2, "n")]
    [InlineData("echo", 16, 1, "prompt")]
    [Trait(SlowestTests.Trait, "Whichever test of the sandbox runs first loads the vocabulary of the tokenizer.")]
    public async Task Many_prompts_get_no_more_output_than_one(string model, int prompts, int copies, string param)
    {
        var prompt = model == "echo" ? new string('!', 60_000).Replace("!", "!a", StringComparison.Ordinal)[..60_000] : "hi";

        var error = await _calls.PostRefusedAsync("/v1/completions", $$"""{"model":"{{model}}","stream":true,"n":{{copies}},"prompt":[{{Many($"\"{prompt}\"", prompts)}}]}""");

        Assert.Equal(param, error.GetProperty("param").GetString());
    }

    [Fact]
    public async Task A_long_response_is_streamed_in_no_more_events_than_a_burst()
    {
        var text = string.Concat(Enumerable.Repeat("!a", 400_000));
        using var response = await _calls.PostAsync(Chat, Asking(text, "\"stream\":true"));
        var stream = await response.Content.ReadAsStringAsync();

        Assert.InRange(stream.Length, 800_000, 5_000_000);
    }

    [Fact]
    public async Task Moderation_of_too_many_texts_is_rejected()
    {
        var error = await _calls.PostRefusedAsync("/v1/moderations", $$"""{"input":[{{Many("\"\"", 1_001)}}]}""");

        Assert.Equal("input", error.GetProperty("param").GetString());
    }

    [Fact]
    public async Task A_long_model_name_is_rejected()
    {
        var error = await _calls.PostRefusedAsync(Chat, $$"""{"model":"{{new string('m', 257)}}","messages":[{"role":"user","content":"hi"}]}""");

        Assert.Equal("model", error.GetProperty("param").GetString());
    }

    [Theory]
    [MemberData(nameof(Schemas))]
    public void A_schema_sample_is_bounded_for_any_repetition_in_the_schema(string schema)
    {
        var sample = SchemaSample.Object(JsonElement.Parse(schema), "hi");

        Assert.InRange(sample.Length, 2, 1_000_000);
        Assert.InRange(sample.Count(character => character == ':'), 0, 1_000);
    }

    [Fact]
    public void Work_ends_when_the_client_has_disconnected()
    {
        var left = new CancellationToken(canceled: true);
        var body = JsonElement.Parse("""{"input":[[1],[2]]}""");

        Assert.Throws<OperationCanceledException>(() => TextTokens.Count("hi", left));
        Assert.Throws<OperationCanceledException>(() => TextTokens.Split("hi", left));
        Assert.Throws<OperationCanceledException>(() => SchemaSample.Object(JsonElement.Parse("""{"required":["a"]}"""), "hi", left));
        Assert.Throws<OperationCanceledException>(() => Embeddings.Respond(new Edge.Providers.Sandbox.RequestReader(body, left), SandboxModel.Parse("e"), TimeProvider.System));
    }

    /// <summary>Guards against work that grows faster than the body. An accepted body takes a fraction of the timeout.</summary>
    [Theory]
    [Trait(SlowestTests.Trait, "Runs the most expensive bodies that are accepted.")]
    [MemberData(nameof(WorstBodies))]
    public async Task The_most_expensive_bodies_are_processed_in_time(string path, string body)
    {
        Assert.InRange(Encoding.UTF8.GetByteCount(body), BoundedBody.MaxBytes / 4, BoundedBody.MaxBytes);

        using var response = await Task.Run(() => _calls.PostAsync(path, body)).WaitAsync(Eventually.Timeout, TimeProvider.System);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    public static TheoryData<string> Schemas() =>
    [
        $$$$"""{"properties":{ {{{{Numbered("\"p#\":{}", 40_000)}}}} },"required":[{{{{Numbered("\"p#\"", 40_000)}}}}]}""",
        $$$$"""{"properties":{ {{{{Numbered("\"p#\":{}", 40_000)}}}} }}""",
        $$$$"""{"required":[{{{{Numbered("\"p#\"", 40_000)}}}}]}""",
        Thousand("{\"$ref\":\"#" + new string('/', 500_000) + "\"}"),
        Thousand("{\"const\":\"" + new string('x', 500_000) + "\"}"),
        Thousand("{" + Numbered("\"p#\":1", 40_000) + "}"),
        Thousand("{\"\\u0070roperties" + new string('x', 500_000) + "\":1}"),
        $$$$"""{"properties":{"a":{"$ref":"#"},"b":{"$ref":"#"},"{{{{new string('x', 500_000)}}}}":{}},"required":["a","b"]}""",
    ];

    public static TheoryData<string, string> WorstBodies()
    {
        var bodies = new TheoryData<string, string>();
        foreach (var schema in Schemas())
        {
            bodies.Add(Chat, Asking("hi", "\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"schema\":" + schema + "}}"));
        }

        var half = new string('a', 498);
        var stops = $"\"stop\":[\"{new string('a', 500)}b{half}c\",\"{new string('a', 501)}b{half[1..]}c\",\"{half}bb{half}c\",\"{half}b{half}cc\"]";
        bodies.Add(Chat, Asking(Repeated(new string('a', 998) + new string('c', 500), 1_000_000), stops));
        foreach (var text in new[] { "a", " ", "漢", "🎈", "!a", "\\u0001" })
        {
            var repeated = Repeated(text, 1_000_000 / Encoding.UTF8.GetByteCount(text) * text.Length);
            bodies.Add(Chat, Asking(repeated, "\"n\":1"));
            bodies.Add("/v1/embeddings", $$"""{"model":"e","input":"{{repeated}}"}""");
        }

        return bodies;
    }

    private static string Asking(string text, string more) =>
        $$$"""{"model":"echo","messages":[{"role":"user","content":"{{{text}}}"}],{{{more}}}}""";

    private static string Thousand(string items) =>
        """{"properties":{"a":{"type":"array","minItems":1000,"items":""" + items + "}}}";

    private static string Many(string item, int count) => string.Join(',', Enumerable.Repeat(item, count));

    private static string Numbered(string item, int count) =>
        string.Join(',', Enumerable.Range(0, count).Select(i => item.Replace("#", i.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)));

    private static string Repeated(string text, int length) => string.Concat(Enumerable.Repeat(text, length / text.Length));
}
