using Cencori.Edge.Records.Rollups;
using CsCheck;

namespace Cencori.Edge.Tests.Records.Rollups;

public sealed class LatencyHistogramTests
{
    // From one microsecond to almost three hours, evenly distributed by magnitude.
    private static readonly Gen<long> Latency = Gen.Double[0, 23].Select(exponent => (long)Math.Exp(exponent));

    private static readonly Gen<long[]> Latencies = Latency.Array[1, 300];

    [Fact]
    public void Every_percentile_is_within_two_percent_of_the_latency_of_that_rank() => Gen.Select(Latencies, Gen.Double[0.001, 1]).Sample((latencies, percentile) =>
    {
        var exact = latencies.Order().ElementAt(Math.Max(0, (int)Math.Ceiling(percentile * latencies.Length) - 1));

        // Rounding to integers costs up to half a microsecond.
        Assert.InRange(Of(latencies).Percentile(percentile), (exact * 0.98) - 0.5, (exact * 1.02) + 0.5);
    });

    [Fact]
    public void Added_histograms_equal_the_whole_also_after_storage() => Gen.Select(Latencies, Latencies).Sample((left, right) =>
    {
        var whole = Of([.. left, .. right]).ToArray();
        var merged = Of(left);
        merged.Add(Of(right));
        var stored = new LatencyHistogram();
        stored.Add(Of(right).ToArray());
        stored.Add(Of(left).ToArray());

        Assert.Equal(whole, merged.ToArray());
        Assert.Equal(whole, stored.ToArray());
        Assert.Equal(left.Length + right.Length, stored.Count);
    });

    [Fact]
    public void A_share_has_the_expected_count() => Gen.Select(Latencies, Gen.Double[0, 1]).Sample((latencies, share) =>
    {
        var part = new LatencyHistogram();
        part.Add(Of(latencies), share);

        Assert.Equal((long)Math.Round(latencies.Length * share), part.Count);
    });

    [Fact]
    public void An_empty_histogram_has_no_percentile_and_no_bytes()
    {
        var nothing = new LatencyHistogram();

        Assert.Equal((0, 0), (nothing.Count, nothing.Percentile(0.5)));
        Assert.Empty(nothing.ToArray());
    }

    [Fact]
    public void Values_out_of_range_go_into_the_nearest_bucket()
    {
        var odd = Of([-5, 0, long.MaxValue]);

        Assert.Equal(3, odd.Count);
        Assert.Equal(1, odd.Percentile(0.5));
    }

    [Fact]
    public void Similar_latencies_take_few_bytes()
    {
        var random = new Random(1);
        var histogram = Of([.. Enumerable.Range(0, 10_000).Select(_ => (long)(800_000 * Math.Exp(random.NextDouble() - 0.5)))]);

        Assert.InRange(histogram.ToArray().Length, 1, 120);
    }

    [Theory]
    [InlineData(new byte[] { 0x80 })]
    [InlineData(new byte[] { 1 })]
    [InlineData(new byte[] { 0xFF, 0x7F, 1 })]
    public void Invalid_bytes_are_refused(byte[] stored) => Assert.Throws<InvalidDataException>(() => new LatencyHistogram().Add(stored));

    private static LatencyHistogram Of(long[] latencies)
    {
        var histogram = new LatencyHistogram();
        foreach (var latency in latencies)
        {
            histogram.Add(latency);
        }

        return histogram;
    }
}
