using Cencori.Edge.Routing.Routes;

namespace Cencori.Edge.Tests.Routing.Routes;

/// <summary>When a canary is stopped, over many simulated days of requests: hardly ever by chance, and soon if it is worse.</summary>
public sealed class CanaryTestTests
{
    private const int Days = 200;
    private const int RequestsOfDay = 50_000;

    [Theory]
    [InlineData(0.05, 0.002)]
    [InlineData(0.05, 0.02)]
    [InlineData(0.01, 0.05)]
    [InlineData(0.2, 0.05)]
    [InlineData(0.5, 0.03)]
    [InlineData(0.1, 0.5)]
    public void A_canary_that_fails_as_often_as_the_stable_target_goes_on(double share, double failing) =>
        Assert.InRange(Stops(share, _ => (failing, failing)).Count(at => at is not null), 0, Days / 100);

    [Theory]
    [InlineData(0.05)]
    [InlineData(0.3)]
    public void An_outage_of_both_targets_stops_no_canary(double share) =>
        Assert.InRange(Stops(share, request => request / 2_000 % 5 == 4 ? (0.3, 0.3) : (0.01, 0.01)).Count(at => at is not null), 0, Days / 100);

    [Theory]
    [InlineData(0.002, 0.008)]
    [InlineData(0.05, 0.06)]
    public void A_canary_that_fails_rarely_or_only_a_little_more_often_goes_on(double stable, double canary) =>
        Assert.InRange(Stops(0.1, _ => (stable, canary)).Count(at => at is not null), 0, Days / 100);

    [Theory]
    [InlineData(0.05, 0.01, 0.05, 1_500)]
    [InlineData(0.05, 0.01, 0.2, 400)]
    [InlineData(0.05, 0.0, 1.0, 250)]
    [InlineData(0.5, 0.02, 0.08, 1_500)]
    [InlineData(0.01, 0.01, 0.1, 800)]
    [InlineData(0.05, 0.2, 0.7, 600)]
    public void A_canary_that_fails_much_more_often_is_stopped(double share, double stable, double canary, int max)
    {
        var stops = Stops(share, _ => (stable, canary));
        var late = stops.Count(at => at is null || at > max);
        Assert.True(late <= Days / 20, $"{late} of {Days} were not stopped within {max} of the canary's requests.");
        Assert.All(stops, at => Assert.True(at is null or >= CanaryTest.MinRequests));
    }

    [Fact]
    public void A_good_period_does_not_hide_later_failures()
    {
        var stops = Stops(0.05, request => request < 40_000 ? (0.01, 0.01) : (0.01, 0.5));
        Assert.Equal(Days, stops.Count(at => at is not null));
        Assert.All(stops, at => Assert.InRange(at!.Value, 1_700, 2_500));
    }

    [Fact]
    public void A_user_with_many_requests_does_not_make_a_canary_look_worse()
    {
        // For a while the canary gets nearly all requests.
        var stops = Stops(request => request % 10_000 < 3_000 ? 0.9 : 0.05, 0.05, _ => (0.03, 0.03));
        Assert.InRange(stops.Count(at => at is not null), 0, Days / 100);
    }

    private static List<int?> Stops(double share, Func<int, (double Stable, double Canary)> failing) => Stops(_ => share, share, failing);

    // The number of canary requests before the stop; null: not stopped.
    private static List<int?> Stops(Func<int, double> shareOf, double share, Func<int, (double Stable, double Canary)> failing) => [.. Enumerable.Range(0, Days).Select(seed =>
    {
        var (random, test, requested) = (new Random(seed), new CanaryTest(share), 0);
        for (var request = 0; request < RequestsOfDay; request++)
        {
            var isCanary = random.NextDouble() < shareOf(request);
            requested += isCanary ? 1 : 0;
            var (stable, canary) = failing(request);
            if (test.Add(isCanary, random.NextDouble() < (isCanary ? canary : stable)))
            {
                return (int?)requested;
            }
        }

        return null;
    })];
}
