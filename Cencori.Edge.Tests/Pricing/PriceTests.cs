using System.Globalization;
using Cencori.Edge.Metering;
using Cencori.Edge.Pricing;
using Cencori.Edge.Projects;

namespace Cencori.Edge.Tests.Pricing;

/// <summary>Which price applies, and the cost that results.</summary>
public sealed class PriceTests
{
    private static readonly PriceTable Table = PriceFile.Parse("""
        {
          "about": "an example",
          "prices": [
            { "provider": "a", "model": "m", "input": 2, "cached_input": 0.5, "output": 8 },
            { "provider": "a", "model": "m", "input": 1, "cached_input": 0.25, "output": 4, "from": "2026-03-01" },
            { "provider": "a", "model": "m", "input": 9, "output": 9, "from": "2027-01-01" },
            { "provider": "a", "model": "m-*", "input": 3, "output": 3 },
            { "provider": "a", "model": "m-long-*", "input": 4, "output": 4 },
            { "provider": "a", "model": "soon", "input": 1, "output": 1, "from": "2027-01-01" },
            { "provider": "a", "model": "s*", "input": 5, "output": 5 },
            { "provider": "a", "model": "tiny", "input": 0.000001, "output": 0.1 },
            { "provider": "a", "model": "paint", "per_image": 0.04 },
            { "provider": "a", "model": "listen", "per_minute": 0.006 },
            { "provider": "b", "model": "*", "input": 0, "output": 0 },
          ]
        }
        """u8);

    [Theory]
    [InlineData("a", "m", "2026-02-28T23:59:59Z", "2")]
    [InlineData("a", "m", "2026-03-01T00:00:00Z", "1")]
    [InlineData("a", "m", "2026-12-31T23:59:59Z", "1")]
    [InlineData("a", "m", "2026-12-31T23:59:59-01:00", "9")]
    [InlineData("a", "m-1", "2026-11-01T00:00:00Z", "3")]
    [InlineData("a", "m-long-1", "2026-11-01T00:00:00Z", "4")]
    [InlineData("a", "soon", "2026-11-01T00:00:00Z", "5")]
    [InlineData("a", "soon", "2027-11-01T00:00:00Z", "1")]
    [InlineData("a", "M", "2026-11-01T00:00:00Z", "1")]
    [InlineData("a", " m ", "2026-11-01T00:00:00Z", "1")]
    [InlineData("a", "M-Long-1\t", "2026-11-01T00:00:00Z", "4")]
    [InlineData("a", "x", "2026-11-01T00:00:00Z", null)]
    [InlineData("b", "anything", "2026-11-01T00:00:00Z", "0")]
    [InlineData("c", "m", "2026-11-01T00:00:00Z", null)]
    public void The_best_match_valid_on_that_day_is_the_price(string provider, string model, string at, string? input) =>
        Assert.Equal(Number(input), Table.Find(provider, model, DateTimeOffset.Parse(at, CultureInfo.InvariantCulture))?.Input);

    [Theory]
    [InlineData("m", 1_000_000, 0, 1_000_000, 0, 0, "5")]
    [InlineData("m", 1_000_000, 400_000, 0, 0, 0, "0.7")]
    [InlineData("m", 10, 20, 0, 0, 0, "0.0000025")]
    [InlineData("m", 3, 1, 7, 0, 0, "0.00003025")]
    [InlineData("m", 0, 0, 0, 0, 0, "0")]
    [InlineData("m-1", 100, 100, 0, 0, 0, "0.0003")]
    [InlineData("tiny", 1, 0, 3, 0, 0, "0.000000300001")]
    [InlineData("m", long.MaxValue, 0, long.MaxValue, 0, 0, "46116860184273.879035")]
    [InlineData("m", 1, 0, 1, 1, 0, null)]
    [InlineData("paint", 0, 0, 0, 3, 0, "0.12")]
    [InlineData("paint", 0, 0, 0, 0, 0, null)]
    [InlineData("paint", 5, 0, 0, 1, 0, null)]
    [InlineData("listen", 0, 0, 0, 0, 150, "0.015")]
    public void A_cost_is_computed_exactly(string model, long input, long cached, long output, int images, long seconds, string? cost)
    {
        var price = Table.Find("a", model, new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero))!;

        Assert.Equal(Number(cost), new TokenUsage(input, cached, output, IsEstimated: false, images, seconds).At(price));
    }

    [Theory]
    [InlineData("", "JSON")]
    [InlineData("null", "null")]
    [InlineData("[]", "JSON")]
    [InlineData("{}", "prices")]
    [InlineData("""{"prices":[null]}""", "prices[0]")]
    [InlineData("""{"prices":[{"provider":"a","input":1,"output":1}]}""", "model")]
    [InlineData("""{"prices":[{"provider":"a","model":"m","input":1,"output":1,"ouput":2}]}""", "ouput")]
    [InlineData("""{"prices":[{"provider":"a","model":"m","input":"1","output":1}]}""", "input")]
    [InlineData("""{"prices":[{"provider":"a","model":"m","input":-1,"output":1}]}""", "input")]
    [InlineData("""{"prices":[{"provider":"a","model":"m","input":1}]}""", "output")]
    [InlineData("""{"prices":[{"provider":"a","model":"m","cached_input":1,"per_image":1}]}""", "cached_input")]
    [InlineData("""{"prices":[{"provider":"a","model":"m"}]}""", "must have at least")]
    [InlineData("""{"prices":[{"provider":"a","model":"m*n","input":1,"output":1}]}""", "model")]
    [InlineData("""{"prices":[{"provider":"","model":"m","input":1,"output":1}]}""", "provider")]
    [InlineData("""{"prices":[{"provider":"a","model":"m","input":1,"output":1,"from":"soon"}]}""", "from")]
    [InlineData("""{"prices":[{"provider":"a","model":"m","input":1,"output":1},{"provider":"a","model":"m","input":2,"output":2}]}""", "prices[1]")]
    public void An_invalid_list_is_refused_with_the_place(string content, string named) =>
        Assert.Contains(named, Assert.Throws<FormatException>(() => PriceFile.Parse(System.Text.Encoding.UTF8.GetBytes(content))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("openai", "gpt-4o", "2.5")]
    [InlineData("openai", "gpt-4o-2024-08-06", "2.5")]
    [InlineData("openai", "gpt-4o-mini", "0.15")]
    [InlineData("openai", "gpt-4o-audio-preview", "2.5")]
    [InlineData("openai", "gpt-4o-made-up", null)]
    [InlineData("anthropic", "claude-sonnet-4-5-20250929", "3")]
    [InlineData("sandbox", "sandbox/echo", "0")]
    [InlineData("ollama", "llama3.2", "0")]
    [InlineData("azure-openai", "my-deployment", null)]
    public async Task The_shipped_list_has_the_expected_prices(string provider, string model, string? input)
    {
        var table = PriceFile.Parse(await File.ReadAllBytesAsync(Path.Combine(AppContext.BaseDirectory, PriceFile.FileName)));

        Assert.Equal(Number(input), table.Find(provider, model, new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero))?.Input);
    }

    private static decimal? Number(string? text) => text is null ? null : decimal.Parse(text, CultureInfo.InvariantCulture);
}
