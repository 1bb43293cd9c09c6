using Cencori.Edge.Bodies.Scanning;

namespace Cencori.Edge.Tests.Bodies;

public class RequestScanTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(4, 1)]
    [InlineData(5, 2)]
    [InlineData(RequestScan.MediaPartBytes, 1_000)]
    [InlineData(long.MaxValue, (long.MaxValue / 4) + 1)]
    public void Input_is_four_bytes_a_token_rounded_up(long bytes, long tokens) =>
        Assert.Equal(tokens, new RequestScan { InputTextBytes = bytes }.EstimateInputTokens());

    [Theory]
    [InlineData(null, 1, 1_024)]
    [InlineData(null, 3, 3_072)]
    [InlineData(0L, 3, 0)]
    [InlineData(100L, 2, 200)]
    [InlineData(long.MaxValue, 2, long.MaxValue)]
    [InlineData(2L, long.MaxValue, long.MaxValue)]
    public void Output_is_the_bound_for_each_choice(long? bound, long choices, long tokens) =>
        Assert.Equal(tokens, new RequestScan { OutputBound = bound, Choices = choices }.EstimateOutputTokens());

    [Fact]
    public void A_reservation_adds_output_only_where_there_is_any()
    {
        var scan = new RequestScan { InputTextBytes = 10, OutputBound = 20, Choices = 2 };

        Assert.Equal(43, scan.Reservation(hasOutput: true));
        Assert.Equal(3, scan.Reservation(hasOutput: false));
    }

    [Fact]
    public void A_reservation_saturates() =>
        Assert.Equal(long.MaxValue, new RequestScan { InputTextBytes = 10, OutputBound = long.MaxValue, Choices = 1 }.Reservation(hasOutput: true));
}
