using System.Globalization;
using Cencori.Edge.Dashboard.Parts;
using Cencori.Edge.Records.Rollups;
using CsCheck;

namespace Cencori.Edge.Tests.Dashboard.Usage;

/// <summary>Comparisons of numbers with the period before.</summary>
public sealed class UsageComparisonTests
{
    private const string When = "in the hour before";

    [Theory]
    [InlineData(112, 100, "12 % more than in the hour before")]
    [InlineData(1_005, 1_000, "0.5 % more than in the hour before")]
    [InlineData(50, 100, "50 % fewer than in the hour before")]
    [InlineData(0, 100, "100 % fewer than in the hour before")]
    [InlineData(100, 100, "as many as in the hour before")]
    [InlineData(100_001, 100_000, "about as many as in the hour before")]
    [InlineData(1_234, 100, "12 times as many as in the hour before")]
    [InlineData(5, 0, "none in the hour before")]
    [InlineData(0, 0, "none in the hour before")]
    [InlineData(500, 9, "9 in the hour before")]
    public void Counts(long now, long before, string said) => Assert.Equal(said, UsageComparison.Count(now, before, When));

    [Theory]
    [InlineData("1.35", "1", "35 % more than in the hour before")]
    [InlineData("0.5", "2", "75 % less than in the hour before")]
    [InlineData("2", "2", "as much as in the hour before")]
    [InlineData("2", "0", "nothing in the hour before")]
    [InlineData("2", "0.005", "$0.005 in the hour before")]
    [InlineData("30", "1", "30 times as much as in the hour before")]
    public void Amounts(string now, string before, string said) =>
        Assert.Equal(said, UsageComparison.Usd(decimal.Parse(now, CultureInfo.InvariantCulture), decimal.Parse(before, CultureInfo.InvariantCulture), When));

    [Theory]
    [InlineData(20, 900, 20, 600, "50 % longer than in the hour before")]
    [InlineData(20, 300, 20, 600, "50 % shorter than in the hour before")]
    [InlineData(20, 610, 20, 600, "(about )?as long as in the hour before")]
    [InlineData(20, 600, 20, 600, "as long as in the hour before")]
    [InlineData(20, 600, 0, 0, "no responses in the hour before")]
    [InlineData(20, 600, 3, 600, "600 ms in the hour before")]
    [InlineData(0, 0, 20, 600, "600 ms in the hour before")]
    public void Times(int now, int milliseconds, int before, int millisecondsBefore, string said) =>
        Assert.Matches(said.Replace("600 ms", "(59|60|61)[0-9] ms", StringComparison.Ordinal).Replace("50 %", "(4[6-9]|5[0-4]) %", StringComparison.Ordinal), UsageComparison.Time(Histogram(now, milliseconds), Histogram(before, millisecondsBefore), 0.5, When));

    [Fact]
    public void A_percentage_and_its_direction_are_correct() => Gen.Select(Gen.Long[0, 1_000_000_000_000], Gen.Long[0, 1_000_000_000_000]).Sample((now, before) =>
    {
        var said = UsageComparison.Count(now, before, When);
        Assert.EndsWith(When, said, StringComparison.Ordinal);
        if (said.IndexOf(" % ", StringComparison.Ordinal) is > 0 and var at)
        {
            var percent = decimal.Parse(said[..at], NumberStyles.Number, CultureInfo.InvariantCulture);
            Assert.Contains(now > before ? " more than " : " fewer than ", said, StringComparison.Ordinal);
            Assert.InRange(percent - Math.Abs(100m * (now - before) / before), -0.51m, 0.51m);
            Assert.True(before >= 10 && now < 10m * before);
        }
    });

    private static LatencyHistogram Histogram(int count, int milliseconds)
    {
        var histogram = new LatencyHistogram();
        for (var i = 0; i < count; i++)
        {
            histogram.Add(milliseconds * 1_000);
        }

        return histogram;
    }
}
