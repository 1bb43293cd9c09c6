using Cencori.Edge.Projects;
using Cencori.Edge.RateLimiting;
using Microsoft.Extensions.Time.Testing;

namespace Cencori.Edge.Tests.RateLimiting;

/// <summary>One request that holds a reservation in the limits of its project, and one in those of its agent.</summary>
public sealed class PairedReservationTests : IDisposable
{
    private static readonly RateLimits OfProject = new(60, 10, 1_000, 5);
    private static readonly RateLimits OfAgent = new(60, 8, 2_000, 5);

    private readonly MemoryRateLimiter _limiter = new(new FakeTimeProvider());

    public void Dispose() => _limiter.Dispose();

    [Fact]
    public async Task The_end_settles_both_with_the_tokens_really_used()
    {
        var both = Acquire();
        both.Settle(40);
        both.Dispose();
        Assert.Equal((9, 960, 0), await LeftAsync("p", OfProject));
        Assert.Equal((7, 1_960, 0), await LeftAsync("a", OfAgent));
    }

    [Fact]
    public async Task Without_a_settlement_both_keep_what_they_reserved()
    {
        var both = Acquire();
        Assert.Equal((9, 900, 1), await LeftAsync("p", OfProject));
        Assert.Equal((7, 1_900, 1), await LeftAsync("a", OfAgent));
        both.Dispose();
        Assert.Equal((9, 900, 0), await LeftAsync("p", OfProject));
        Assert.Equal((7, 1_900, 0), await LeftAsync("a", OfAgent));
    }

    [Fact]
    public async Task A_cancelled_pair_takes_nothing_from_either()
    {
        Acquire().Cancel();
        Assert.Equal((10, 1_000, 0), await LeftAsync("p", OfProject));
        Assert.Equal((8, 2_000, 0), await LeftAsync("a", OfAgent));
    }

    [Fact]
    public void Of_each_kind_of_bucket_the_one_with_less_left_is_shown()
    {
        using var both = Acquire();
        Assert.Equal((8, 7), (both.Requests!.Value.Limit, both.Requests.Value.Remaining));
        Assert.Equal((1_000, 900), (both.Tokens!.Value.Limit, both.Tokens.Value.Remaining));
    }

    [Theory]
    [InlineData(null, null, null)]
    [InlineData(3, null, 1)]
    [InlineData(null, 3, 2)]
    [InlineData(3, 4, 1)]
    [InlineData(4, 3, 2)]
    [InlineData(3, 3, 1)]
    public void A_bucket_without_a_limit_is_never_the_tighter_one(int? one, int? other, int? shown)
    {
        // The capacity only tells the two apart.
        RateLimitStatus? Status(int? remaining, int capacity) => remaining is { } left ? new(capacity, left, TimeSpan.Zero) : null;
        Assert.Equal(shown, PairedReservation.Tighter(Status(one, 1), Status(other, 2))?.Limit);
    }

    private PairedReservation Acquire() => new(Acquire("p", OfProject), Acquire("a", OfAgent));

    private RateLimitReservation Acquire(string id, RateLimits limits) => (RateLimitReservation)_limiter.AttemptAcquire(new(id, limits, 100));

    private async Task<(long Requests, long Tokens, long Slots)> LeftAsync(string id, RateLimits limits)
    {
        var levels = await _limiter.ReadAsync(id, limits, CancellationToken.None);
        return (levels.Requests!.Value.Level, levels.Tokens!.Value.Level, levels.Slots);
    }
}
