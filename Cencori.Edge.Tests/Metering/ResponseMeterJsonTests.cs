using Cencori.Edge.Metering;
using Cencori.Edge.Pricing;
using Cencori.Edge.Tests.Infrastructure;

namespace Cencori.Edge.Tests.Metering;

public sealed class ResponseMeterJsonTests
{
    [Theory]
    [InlineData("""{"choices":[{"message":{"content":"hi"}}],"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15}}""", 10, 0, 5)]
    [InlineData("""{"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,"prompt_tokens_details":{"cached_tokens":8,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":3}}}""", 10, 8, 5)]
    [InlineData("""{"object":"response","error":null,"output":[{"type":"message","content":[{"type":"output_text","text":"hi"}]}],"usage":{"input_tokens":7,"input_tokens_details":{"cached_tokens":4},"output_tokens":3,"output_tokens_details":{"reasoning_tokens":1},"total_tokens":10}}""", 7, 4, 3)]
    [InlineData("""{"object":"list","data":[{"embedding":[0.25,-1.5e-3],"index":0}],"usage":{"prompt_tokens":9,"total_tokens":9}}""", 9, 0, 0)]
    [InlineData("""{"data":[],"usage":{"total_tokens":9}}""", 9, 0, 0)]
    [InlineData("""{"created":1,"data":[{"b64_json":"AAAA"}],"usage":{"total_tokens":100,"input_tokens":50,"output_tokens":50,"input_tokens_details":{"text_tokens":10,"image_tokens":40}}}""", 50, 0, 50)]
    [InlineData("""{"text":"spoken","usage":{"type":"tokens","input_tokens":14,"input_token_details":{"text_tokens":0,"audio_tokens":14},"output_tokens":45,"total_tokens":59}}""", 14, 0, 45)]
    [InlineData("""{"usage":{"prompt_tokens":16,"completion_tokens":4,"total_tokens":20,"prompt_cache_hit_tokens":12,"prompt_cache_miss_tokens":4}}""", 16, 12, 4)] // DeepSeek
    [InlineData("""{"usage":{"prompt_tokens":16,"completion_tokens":4,"total_tokens":60,"completion_tokens_details":{"reasoning_tokens":40}}}""", 16, 0, 44)] // xAI, Gemini
    [InlineData("""{"usage":{"prompt_audio_seconds":0,"prompt_tokens":6,"completion_tokens":2,"total_tokens":383,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":375}}}""", 381, 0, 2)] // Mistral
    [InlineData("""{"usage":{"prompt_tokens":100,"completion_tokens":4,"total_tokens":120,"prompt_tokens_details":{"audio_tokens":80},"completion_tokens_details":{"reasoning_tokens":16}}}""", 100, 0, 20)]
    [InlineData("""{"type":"message","content":[{"type":"text","text":"hi"}],"usage":{"input_tokens":3,"cache_creation_input_tokens":100,"cache_read_input_tokens":50,"output_tokens":6}}""", 153, 50, 6)] // Anthropic's own
    [InlineData("""{"usage":{"prompt_tokens":30,"cache_read_input_tokens":20,"completion_tokens":6,"total_tokens":36}}""", 30, 20, 6)]
    [InlineData("""{ "usage" : { "prompt_tokens" : 12.0 ,"completion_tokens":5.000} , "x":1}""", 12, 0, 5)]
    [InlineData("\uFEFF\r\n {\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}", 1, 0, 2)]
    public void Usage_is_the_one_that_the_provider_reports(string response, int prompt, int cached, int completion)
    {
        var (usage, hasError) = Metered.Json(response);
        Assert.Equal((new TokenUsage(prompt, cached, completion, IsEstimated: false), false), (usage with { Details = default }, hasError));
    }

    [Theory]
    [InlineData("""{"created":1,"data":[{"url":"https://a/1"},{"revised_prompt":"x","url":"https://a/2"}]}""", 2, 0)]
    [InlineData("""{"created":1,"data":[{"b64_json":"AAAA"}]}""", 1, 0)]
    [InlineData("""{"text":"spoken","usage":{"type":"duration","seconds":61}}""", 0, 61)]
    [InlineData("""{"task":"transcribe","duration":8.4700002,"text":"spoken","usage":{"type":"duration","seconds":9}}""", 0, 9)]
    [InlineData("""{"task":"transcribe","duration":8.4700002,"text":"spoken"}""", 0, 9)]
    [InlineData("""{"task":"transcribe","duration":8.0,"text":"spoken"}""", 0, 8)]
    [InlineData("""{"task":"transcribe","duration":8.01,"text":"spoken"}""", 0, 9)]
    public void Images_and_seconds_count_when_no_tokens_are_reported(string response, int images, long seconds) =>
        Assert.Equal(new TokenUsage(0, 0, 0, IsEstimated: false, images, seconds), Metered.Json(response).Usage);

    /// <summary>Mistral's transcription. Its price is one per minute; another model of another provider may have one per token.</summary>
    [Fact]
    public void Of_tokens_and_seconds_of_the_same_audio_one_is_charged()
    {
        var usage = Metered.Json("""{"text":"spoken","usage":{"prompt_audio_seconds":203,"prompt_tokens":4,"total_tokens":3264,"completion_tokens":635}}""").Usage;

        Assert.Equal(new TokenUsage(2_629, 0, 635, IsEstimated: false, Seconds: 203), usage);
        Assert.Equal(0.01015m, usage.At(new() { Provider = "mistral", Model = "hear", PerMinute = 0.003m }));
        Assert.Equal(((2_629 * 0.1m) + (635 * 0.4m)) / 1_000_000, usage.At(new() { Provider = "mistral", Model = "hear", Input = 0.1m, Output = 0.4m }));
        Assert.Null(usage.At(new() { Provider = "mistral", Model = "hear", PerImage = 1 }));
    }

    [Fact]
    public void Images_and_seconds_have_their_price()
    {
        var paint = new TokenUsage(0, 0, 0, IsEstimated: false, Images: 3).At(new() { Provider = "a", Model = "paint", PerImage = 0.04m });
        var hear = new TokenUsage(0, 0, 0, IsEstimated: false, Seconds: 90).At(new() { Provider = "a", Model = "hear", PerMinute = 0.006m });

        Assert.Equal((0.12m, 0.009m), (paint, hear));
    }

    [Theory]
    [InlineData("""{"choices":[{"message":{"content":"{\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":9}}"}}]}""")]
    [InlineData("""{"metadata":{"usage":{"prompt_tokens":9}},"usage":null}""")]
    [InlineData("""{"usage":{"prompt_tokens":null,"completion_tokens":"9","total_tokens":-9,"x":{"prompt_tokens":9}}}""")]
    [InlineData("""[{"usage":{"prompt_tokens":9}}]""")]
    [InlineData("""{"a":1} {"usage":{"prompt_tokens":9}}""")]
    public void Usage_in_any_other_place_is_ignored(string response)
    {
        var usage = Metered.Json(response).Usage;

        Assert.True(usage.IsEstimated);
        Assert.Equal(Metered.InputTokens, usage.PromptTokens);
    }

    [Theory]
    [InlineData("""{"choices":[{"message":{"role":"assistant","content":"one two three four"}}]}""", 4)]
    [InlineData("""{"choices":[{"message":{"role":"assistant","content":"one two three four"}},{"message":{"content":"one two"}}]}""", 6)]
    [InlineData("""{"choices":[{"message":{"role":"assistant","content":"one two three fo""", 4)]
    [InlineData("""{"choices":[{"text":"one two","logprobs":{"tokens":["one"," two"]}}]}""", 2)]
    [InlineData("""{"choices":[{"message":{"content":null,"reasoning":"one two","refusal":"no","tool_calls":[{"id":"call_long_id","type":"function","function":{"name":"go","arguments":"one two"}}]}}]}""", 6)]
    [InlineData("""{"choices":[{"message":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"one two"}]},{"type":"text","text":" three"}]}}]}""", 3)]
    [InlineData("""{"choices":[{"message":{"reasoning":"one two","reasoning_content":"one two","reasoning_details":[{"text":"one two"}],"content":""}}]}""", 2)]
    [InlineData("""{"output":[{"type":"reasoning","summary":[{"type":"summary_text","text":"one two"}]},{"type":"function_call","call_id":"x y z","name":"go","arguments":"one"}]}""", 4)]
    [InlineData("""{"choices":[{"message":{"content":"\u006fne \u0074wo\n\ud83d\ude42"}}]}""", 4)]
    public void Without_usage_the_output_is_counted(string response, int tokens) => Assert.Equal(
        new TokenUsage(Metered.InputTokens, 0, tokens, IsEstimated: true), Metered.Json(response).Usage);

    [Fact]
    public void Megabytes_pass_without_buffering_and_the_usage_after_them_is_found()
    {
        var image = Convert.ToBase64String(new byte[4_000_000]);
        var response = $$$"""{"data":[{"b64_json":"{{{image}}}"}],"usage":{"input_tokens":1,"output_tokens":2,"total_tokens":3}}""";
        var bytes = System.Text.Encoding.UTF8.GetBytes(response);
        using var meter = new ResponseMeter(new TokenUsage(0, 0, 0, IsEstimated: true), UsageBounds.None);
        meter.Begin(200, isEventStream: false);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var at = 0; at < bytes.Length; at += 65_536)
        {
            meter.Read(bytes.AsSpan(at, Math.Min(65_536, bytes.Length - at)));
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(new TokenUsage(1, 0, 2, IsEstimated: false), meter.Finish());
    }

    [Theory]
    [InlineData(302)]
    [InlineData(400)]
    [InlineData(429)]
    [InlineData(500)]
    public void A_refusal_uses_nothing(int status)
    {
        using var meter = new ResponseMeter(new TokenUsage(1_000, 0, 0, IsEstimated: true), UsageBounds.None);
        meter.Begin(status, isEventStream: false);
        meter.Read("""{"error":{"message":"no"},"choices":[{"text":"one two three"}],"usage":{"prompt_tokens":9}}"""u8);
        meter.Close();

        Assert.Equal(default, meter.Finish());
    }

    [Fact]
    public void Without_a_response_the_usage_is_the_reserved_estimate()
    {
        using var meter = new ResponseMeter(new TokenUsage(1_000, 0, 0, IsEstimated: true), UsageBounds.None);
        meter.Close();

        Assert.Equal(meter.ReservedUsage, meter.Finish());
    }

    [Fact]
    public void Audio_and_other_bytes_that_are_not_JSON_count_only_the_input()
    {
        byte[] sound = [0x49, 0x44, 0x33, 0xFF, .. "{\"usage\":{\"prompt_tokens\":5}}"u8];

        Assert.Equal(new TokenUsage(Metered.InputTokens, 0, 0, IsEstimated: true), Metered.Of(sound, isEventStream: false).Usage);
    }

    [Fact]
    public async Task A_long_text_without_a_break_is_counted_quickly_and_in_proportion()
    {
        var text = string.Concat(Enumerable.Repeat("漢", 200_000));

        var usage = await Task.Run(() => Metered.Json($$$"""{"choices":[{"message":{"content":"{{{text}}}""", 4_096).Usage).WaitAsync(Eventually.Timeout, TimeProvider.System);

        Assert.InRange(usage.CompletionTokens, 0.9 * TextTokens.Count(text), 1.1 * TextTokens.Count(text));
    }
}
