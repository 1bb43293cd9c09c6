using Cencori.Edge.Errors;

namespace Cencori.Edge.Tests.Errors;

public class ErrorWriterTests
{
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(10_000, 1, 1)]
    [InlineData(10_001, 1, 2)]
    [InlineData(10_000_000, 1, 1_000)]
    [InlineData(10_000_001, 2, 1_001)]
    [InlineData(long.MaxValue, 922_337_203_686, 922_337_203_685_478)]
    public void Wait_is_rounded_up_to_seconds_and_milliseconds(long ticks, long seconds, long milliseconds)
    {
        Assert.Equal(seconds, ErrorWriter.Seconds(TimeSpan.FromTicks(ticks)));
        Assert.Equal(milliseconds, ErrorWriter.Milliseconds(TimeSpan.FromTicks(ticks)));
    }
}
