using Cencori.Edge.Metering;

namespace Cencori.Edge.Tests.Metering;

/// <summary>The details that affect a price besides token counts, as each provider reports them.</summary>
public sealed class ResponseMeterDetailsTests
{
    [Theory]
    [InlineData("""{"prompt_tokens":100,"completion_tokens":5,"prompt_tokens_details":{"cached_tokens":40,"audio_tokens":20,"image_tokens":7,"cache_write_tokens":9},"completion_tokens_details":{"audio_tokens":3,"reasoning_tokens":1}}""", 100, 40, 5, 9, 0, 20, 7, 3, 0)]
    [InlineData("""{"input_tokens":100,"output_tokens":5,"total_tokens":105,"input_tokens_details":{"image_tokens":60,"text_tokens":40},"output_tokens_details":{"image_tokens":5,"text_tokens":0}}""", 100, 0, 5, 0, 0, 0, 60, 0, 5)]
    [InlineData("""{"type":"tokens","input_tokens":100,"output_tokens":5,"total_tokens":105,"input_token_details":{"audio_tokens":90,"text_tokens":10}}""", 100, 0, 5, 0, 0, 90, 0, 0, 0)]
    [InlineData("""{"input_tokens":10,"cache_creation_input_tokens":70,"cache_read_input_tokens":20,"cache_creation":{"ephemeral_5m_input_tokens":30,"ephemeral_1h_input_tokens":40},"output_tokens":5}""", 100, 20, 5, 70, 40, 0, 0, 0, 0)]
    [InlineData("""{"input_tokens":10,"cache_creation":{"ephemeral_5m_input_tokens":30,"ephemeral_1h_input_tokens":40},"cache_read_input_tokens":20,"output_tokens":5}""", 100, 20, 5, 70, 40, 0, 0, 0, 0)]
    [InlineData("""{"input_tokens":10,"cache_creation_input_tokens":90,"cache_creation":null,"output_tokens":5}""", 100, 0, 5, 90, 0, 0, 0, 0, 0)]
    [InlineData("""{"prompt_tokens":100,"total_tokens":105,"completion_tokens":5,"num_cached_tokens":64}""", 100, 64, 5, 0, 0, 0, 0, 0, 0)]
    [InlineData("""{"prompt_tokens":100,"total_tokens":105,"completion_tokens":5,"num_cached_tokens":null,"prompt_token_details":{"cached_tokens":64}}""", 100, 64, 5, 0, 0, 0, 0, 0, 0)]
    [InlineData("""{"prompt_tokens":100,"completion_tokens":5,"cached_tokens":12}""", 100, 12, 5, 0, 0, 0, 0, 0, 0)]
    [InlineData("""{"prompt_tokens":100,"completion_tokens":2,"total_tokens":105,"completion_tokens_details":{"reasoning_tokens":3}}""", 100, 0, 5, 0, 0, 0, 0, 0, 0)]
    public void Each_part_of_a_usage_is_read_from_its_own_place(
        string usage, long input, long cached, long output, long written, long forAnHour, long audio, long image, long audioOut, long imageOut)
    {
        var expected = new TokenUsage(input, cached, output, IsEstimated: false)
        {
            Details = new() { CacheWrites = written, HourCacheWrites = forAnHour, AudioInput = audio, ImageInput = image, AudioOutput = audioOut, ImageOutput = imageOut },
        };

        Assert.Equal(expected, Metered.Json($$"""{"choices":[],"usage":{{usage}}}""").Usage);
        Assert.Equal(expected, Metered.Json($$$"""{"type":"response.completed","response":{"usage":{{{usage}}}}}""").Usage);
        Assert.Equal(expected, Metered.Stream($$"""data: {"choices":[],"usage":{{usage}}}""" + "\n\n").Usage);
        Assert.Equal(expected, Metered.Stream($$$"""data: {"choices":[{"index":0,"delta":{},"usage":{{{usage}}}}]}""" + "\n\n").Usage);
        Assert.Equal(expected, Metered.Stream($$$"""data: {"choices":[],"x_groq":{"id":"r","usage":{{{usage}}}}}""" + "\n\n").Usage);
    }

    [Fact]
    public void Groqs_own_counters_beside_a_usage_change_nothing() => Assert.Equal(
        new TokenUsage(100, 0, 5, IsEstimated: false),
        Metered.Json("""{"usage":{"prompt_tokens":100,"completion_tokens":5},"x_groq":{"id":"r","usage":{"dram_cached_tokens":9,"sram_cached_tokens":8}}}""").Usage);

    [Fact]
    public void A_usage_that_is_reported_twice_counts_once() => Assert.Equal(
        new TokenUsage(100, 0, 5, IsEstimated: false),
        Metered.Stream(
            """data: {"choices":[{"index":0,"delta":{"content":"hi"},"usage":{"prompt_tokens":100,"completion_tokens":5}}]}""" + "\n\n"
            + """data: {"choices":[],"usage":{"prompt_tokens":100,"completion_tokens":5},"x_groq":{"usage":{"prompt_tokens":100,"completion_tokens":5}}}""" + "\n\ndata: [DONE]\n\n").Usage);

    [Fact]
    public void Anthropic_reports_cache_details_only_in_the_first_event()
    {
        var usage = Metered.Stream(
            """data: {"type":"message_start","message":{"usage":{"input_tokens":10,"cache_creation_input_tokens":70,"cache_read_input_tokens":20,"cache_creation":{"ephemeral_5m_input_tokens":30,"ephemeral_1h_input_tokens":40},"output_tokens":1,"service_tier":"priority"}}}""" + "\n\n"
            + """data: {"type":"message_delta","delta":{},"usage":{"input_tokens":10,"cache_creation_input_tokens":70,"cache_read_input_tokens":20,"output_tokens":15}}""" + "\n\n"
            + """data: {"type":"message_stop"}""" + "\n\n").Usage;

        Assert.Equal(new(100, 20, 15, IsEstimated: false) { ServiceTier = "priority", Details = new() { CacheWrites = 70, HourCacheWrites = 40 } }, usage);
    }

    [Theory]
    [InlineData("flex", "flex")]
    [InlineData("priority", "priority")]
    [InlineData("Priority", "priority")]
    [InlineData("fast", "priority")]
    [InlineData("batch", "batch")]
    [InlineData("default", null)]
    [InlineData("auto", null)]
    [InlineData("standard", null)]
    [InlineData("on_demand", null)]
    [InlineData("", null)]
    public void The_service_tier_is_read_from_the_response(string reported, string? tier)
    {
        Assert.Equal(tier, Metered.Json($$$"""{"service_tier":"{{{reported}}}","usage":{"prompt_tokens":1,"completion_tokens":1}}""").Usage.ServiceTier);
        Assert.Equal(tier, Metered.Json($$$"""{"usage":{"input_tokens":1,"output_tokens":1,"service_tier":"{{{reported}}}"}}""").Usage.ServiceTier);
        Assert.Equal(tier, Metered.Stream(
            $$$"""data: {"service_tier":"auto","choices":[{"index":0,"delta":{"content":"a"}}]}""" + "\n\n"
            + $$$$"""data: {"type":"response.completed","response":{"service_tier":"{{{{reported}}}}","usage":{"input_tokens":1,"output_tokens":1}}}""" + "\n\n").Usage.ServiceTier);
    }

    [Theory]
    [InlineData("\"cost\":0.0123", "0.0123")]
    [InlineData("\"cost\":1.2e-05", "0.000012")]
    [InlineData("\"cost\":0", "0")]
    [InlineData("\"cost\":0.001,\"is_byok\":false,\"cost_details\":{\"upstream_inference_cost\":0.02}", "0.001")]
    [InlineData("\"is_byok\":true,\"cost\":0.001,\"cost_details\":{\"upstream_inference_cost\":0.02}", "0.021")]
    [InlineData("\"is_byok\":true,\"cost\":0", null)]
    [InlineData("\"cost_in_usd_ticks\":12345678", "0.0012345678")]
    [InlineData("\"cost\":{\"input_tokens_cost\":1,\"total_cost\":0.006}", "0.006")]
    [InlineData("\"cost\":null", null)]
    [InlineData("\"cost\":\"0.1\"", null)]
    [InlineData("\"cost\":[1]", null)]
    [InlineData("\"cost\":1e999", null)]
    [InlineData("\"cost\":NaN", null)]
    public void The_cost_is_the_one_that_the_provider_reports(string reported, string? usd)
    {
        var usage = Metered.Json($$$"""{"usage":{"prompt_tokens":100,"completion_tokens":5,{{{reported}}} }}""").Usage;
        Assert.Equal(usd, usage.ReportedUsd?.ToString("0.############", System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal((100, 5), (usage.PromptTokens, usage.CompletionTokens));
    }

    [Theory]
    [InlineData("-0.1")]
    [InlineData("3")]
    [InlineData("900000")]
    [InlineData("79228162514264337593543950335")]
    public void An_implausible_cost_is_ignored(string reported)
    {
        using var meter = new ResponseMeter(default, UsageBounds.None, static _ => 0.5m);
        meter.Begin(200, isEventStream: false);
        meter.Read(System.Text.Encoding.UTF8.GetBytes($$$"""{"usage":{"prompt_tokens":100,"completion_tokens":5,"cost":{{{reported}}} }}"""));
        meter.Close();
        var usage = meter.Finish();
        Assert.Equal((0.5m, false), (meter.Cost(usage), meter.IsCostReported(usage)));
    }

    [Fact]
    public void A_cost_reported_before_the_end_is_ignored()
    {
        var usage = Metered.Stream(
            """data: {"choices":[],"usage":{"prompt_tokens":100,"completion_tokens":0,"cost":0.1}}""" + "\n\n"
            + """data: {"choices":[{"index":0,"delta":{"content":"one two three"}}]}""" + "\n\n").Usage;
        Assert.Equal((true, null), (usage.IsEstimated, usage.ReportedUsd));
    }
}
