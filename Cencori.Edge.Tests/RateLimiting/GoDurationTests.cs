using Cencori.Edge.RateLimiting;
using CsCheck;

namespace Cencori.Edge.Tests.RateLimiting;

public sealed class GoDurationTests
{
    [Theory]
    [InlineData(0, "0s")]
    [InlineData(4_999, "0s")]
    [InlineData(5_000, "1ms")]
    [InlineData(-4_999, "0s")]
    [InlineData(-5_000, "-1ms")]
    [InlineData(1_200_000, "120ms")]
    [InlineData(9_994_999, "999ms")]
    [InlineData(9_995_000, "1s")]
    [InlineData(10_000_000, "1s")]
    [InlineData(10_010_000, "1.001s")]
    [InlineData(15_000_000, "1.5s")]
    [InlineData(-15_000_000, "-1.5s")]
    [InlineData(100_000_000, "10s")]
    [InlineData(599_994_999, "59.999s")]
    [InlineData(599_995_000, "1m0s")]
    [InlineData(3_600_000_000, "6m0s")]
    [InlineData(36_000_000_000, "1h0m0s")]
    [InlineData(36_000_010_000, "1h0m0.001s")]
    [InlineData(37_230_040_000, "1h2m3.004s")]
    [InlineData(-37_230_040_000, "-1h2m3.004s")]
    [InlineData(864_000_000_000, "24h0m0s")]
    public void A_duration_in_ticks_prints_as_in_Go(long ticks, string expected) =>
        Assert.Equal(expected, GoDuration.Format(TimeSpan.FromTicks(ticks)));

    [Theory]
    [InlineData("0s", 0)]
    [InlineData("12ms", 12)]
    [InlineData("1.5s", 1_500)]
    [InlineData("6m0s", 360_000)]
    [InlineData("2m59.56s", 179_560)]
    [InlineData("1h2m3.004s", 3_723_004)]
    [InlineData("250us", 0.25)]
    public void Durations_that_Go_prints_are_parsed(string text, double milliseconds)
    {
        Assert.True(GoDuration.TryParse(text, out var duration));
        Assert.Equal(milliseconds, duration.TotalMilliseconds, 0.001);
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("s")]
    [InlineData("-1s")]
    [InlineData("1.2.3s")]
    [InlineData("1s ")]
    [InlineData("1y")]
    [InlineData("inf")]
    public void Other_texts_are_not_parsed(string text) => Assert.False(GoDuration.TryParse(text, out _));

    [Fact]
    public void A_printed_duration_is_parsed_again() => Gen.Long[0, 1_000_000_000].Sample(milliseconds =>
        GoDuration.TryParse(GoDuration.Format(TimeSpan.FromMilliseconds(milliseconds)), out var read) && (long)Math.Round(read.TotalMilliseconds) == milliseconds);

    [Fact]
    public void A_duration_that_is_too_long_becomes_the_longest_one()
    {
        Assert.True(GoDuration.TryParse("99999999999999999999h", out var duration));
        Assert.Equal(TimeSpan.MaxValue, duration);
    }
}
