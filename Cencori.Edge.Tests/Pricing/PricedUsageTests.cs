using Cencori.Edge.Metering;
using Cencori.Edge.Pricing;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;
using CsCheck;

namespace Cencori.Edge.Tests.Pricing;

/// <summary>Prices of token kinds, of service tiers and of long requests.</summary>
public sealed class PricedUsageTests
{
    private static readonly DateTimeOffset Day = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly PriceTable Table = PriceFile.Parse("""
        {
          "prices": [
            { "provider": "a", "model": "M", "input": 10, "cached_input": 1, "cache_write": 12.5, "cache_write_1h": 20, "output": 50, "source": "https://example.com", "as_of": "2026-10-01" },
            { "provider": "a", "model": "m", "service_tier": "flex", "input": 5, "output": 25 },
            { "provider": "a", "model": "m", "service_tier": "priority", "input": 20, "output": 100 },
            { "provider": "a", "model": "m", "above_input_tokens": 200000, "input": 11, "output": 51 },
            { "provider": "a", "model": "m", "above_input_tokens": 500000, "input": 12, "output": 52 },
            { "provider": "a", "model": "m", "service_tier": "priority", "above_input_tokens": 200000, "input": 21, "output": 101 },
            { "provider": "a", "model": "m", "service_tier": "priority", "input": 30, "output": 100, "from": "2026-12-01" },
            { "provider": "a", "model": "m*", "service_tier": "priority", "input": 99, "output": 99 },
            { "provider": "a", "model": "parts", "input": 1, "cached_input": 0.1, "output": 2, "input_audio": 10, "cached_input_audio": 5, "output_audio": 20, "input_image": 100, "cached_input_image": 50, "output_image": 200 },
            { "provider": "a", "model": "plain", "input": 1, "output": 2 },
          ]
        }
        """u8);

    [Theory]
    [InlineData(null, 200_000, 10)]
    [InlineData(null, 200_001, 11)]
    [InlineData(null, 500_001, 12)]
    [InlineData("flex", 10, 5)]
    [InlineData("flex", 300_000, 5)]
    [InlineData("priority", 10, 20)]
    [InlineData("priority", 200_001, 21)]
    [InlineData("priority", 600_000, 21)]
    [InlineData("batch", 10, 10)]
    [InlineData("batch", 300_000, 11)]
    public void Service_tiers_and_long_requests_have_their_own_prices(string? tier, long tokens, int input) =>
        Assert.Equal(input, Table.Find("a", "m", Day, tier, tokens)!.Input);

    [Fact]
    public void A_later_price_of_a_tier_replaces_the_earlier_one() =>
        Assert.Equal(30, Table.Find("a", "m", Day.AddMonths(1), "priority", 10)!.Input);

    [Theory]
    [InlineData("m", 100, 0, 0, 0, 1_000)]
    [InlineData("m", 100, 40, 0, 0, 640)]
    [InlineData("m", 100, 40, 60, 0, 790)]
    [InlineData("m", 100, 40, 60, 20, 940)]
    [InlineData("m", 100, 0, 0, 20, 1_000)]
    [InlineData("m", 100, 200, 300, 300, 100)]
    [InlineData("plain", 100, 40, 60, 20, 100)]
    public void Cache_reads_and_writes_have_their_own_prices(string model, long input, long cached, long written, long forAnHour, int millionths) => Assert.Equal(
        millionths / 1_000_000m,
        new TokenUsage(input, cached, 0, IsEstimated: false) { Details = new() { CacheWrites = written, HourCacheWrites = forAnHour } }.At(Table.Find("a", model, Day)!));

    [Fact]
    public void Audio_and_image_tokens_have_their_own_prices()
    {
        var usage = new TokenUsage(100, 30, 50, IsEstimated: false)
        {
            Details = new() { AudioInput = 20, CachedAudioInput = 5, ImageInput = 40, CachedImageInput = 10, AudioOutput = 10, ImageOutput = 15 },
        };

        // Input: 25 + 15 text, 15 + 5 audio and 30 + 10 image tokens. Output: 25 + 10 + 15.
        Assert.Equal(((25 * 1) + (15 * 0.1m) + (15 * 10) + (5 * 5) + (30 * 100) + (10 * 50) + (25 * 2) + (10 * 20) + (15 * 200)) / 1_000_000m, usage.At(Table.Find("a", "parts", Day)!));
        Assert.Equal((100 + (50 * 2)) / 1_000_000m, usage.At(Table.Find("a", "plain", Day)!));
    }

    [Fact]
    public void A_cost_lies_between_that_of_the_cheapest_and_the_most_expensive_token()
    {
        var tokens = Gen.Long[0, 1_000];
        Gen.Select(Gen.Select(tokens, tokens, tokens), Gen.Select(tokens, tokens, tokens, tokens), Gen.Select(tokens, tokens, tokens, tokens)).Sample((numbers, input, output) =>
        {
            var usage = new TokenUsage(numbers.Item1, numbers.Item2, numbers.Item3, IsEstimated: false)
            {
                Details = new()
                {
                    CacheWrites = input.Item1, HourCacheWrites = input.Item2, AudioInput = input.Item3, CachedAudioInput = input.Item4,
                    ImageInput = output.Item1, CachedImageInput = output.Item2, AudioOutput = output.Item3, ImageOutput = output.Item4,
                },
            };
            var cost = usage.At(Table.Find("a", "parts", Day)!)!.Value * 1_000_000;
            Assert.InRange(cost, (numbers.Item1 * 0.1m) + (numbers.Item3 * 2), (numbers.Item1 * 100) + (numbers.Item3 * 200));
            Assert.Equal(numbers.Item1 + (numbers.Item3 * 2), usage.At(Table.Find("a", "plain", Day)!)!.Value * 1_000_000);
        });
    }

    [Theory]
    [InlineData("""{ "provider": "a", "model": "m", "cache_write": 1, "per_image": 1 }""", "cache_write")]
    [InlineData("""{ "provider": "a", "model": "m", "input": 1, "output": 1, "output_image": -1 }""", "output_image")]
    [InlineData("""{ "provider": "a", "model": "m", "input": 1, "output": 1, "service_tier": "Flex" }""", "service_tier")]
    [InlineData("""{ "provider": "a", "model": "m", "input": 1, "output": 1, "above_input_tokens": 0 }""", "above_input_tokens")]
    public void An_impossible_price_is_refused(string price, string field) =>
        Assert.Contains(field, Assert.Throws<FormatException>(() => PriceFile.Parse(System.Text.Encoding.UTF8.GetBytes($$"""{"prices":[{{price}}]}"""))).Message, StringComparison.Ordinal);

    [Fact]
    public void Names_that_differ_only_in_case_are_the_same() => Assert.Equal("prices[1]", PriceRules.Check([Named("m"), Named(" M ")])?.Field);

    [Fact]
    public void The_shipped_list_names_the_source_and_the_day_of_every_price()
    {
        var prices = PriceFile.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, PriceFile.FileName))).Entries;
        Assert.True(prices.Count > 400);
        Assert.All(prices.Where(price => price.Input > 0 || price.PerMinute > 0 || price.PerImage > 0), price =>
        {
            Assert.StartsWith("https://", price.Source, StringComparison.Ordinal);
            Assert.InRange(price.AsOf!.Value, new DateOnly(2026, 7, 1), new DateOnly(2026, 11, 28));
        });
        Assert.All(["gpt-4o", "gpt-5", "o1-pro", "gpt-6-sol"], model => Assert.NotNull(new PriceTable(prices).Find("openai", model, Day)));
    }

    private static ModelPrice Named(string model) => new() { Provider = "a", Model = model, Input = 1, Output = 1 };
}
