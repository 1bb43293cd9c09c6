using Cencori.Edge.RateLimiting;

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
    public void Duration_in_ticks_prints_as_go_does(long ticks, string expected) =>
        Assert.Equal(expected, GoDuration.Format(TimeSpan.FromTicks(ticks)));
}
