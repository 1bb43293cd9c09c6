using System.Threading.RateLimiting;
using Cencori.Edge.Projects;
using Cencori.Edge.RateLimiting;
using Cencori.Edge.Tests.Infrastructure;

namespace Cencori.Edge.Tests.RateLimiting;

public abstract partial class RateLimiterContract
{
    [Fact]
    public async Task Reading_levels_shows_the_balance_and_takes_nothing()
    {
        using var limiter = CreateLimiter();
        var (project, limits) = (NewProject(), new RateLimits(6, 5, 60, 3));
        var before = await ReadStateAsync(limiter, project, limits);
        Assert.Equal((5, 60, 0), (before.Requests!.Value.Level, before.Tokens!.Value.Level, before.Slots));
        Assert.Equal((TimeSpan.Zero, 5, 6), (before.Requests.Value.UntilFull, before.Requests.Value.Capacity, before.Requests.Value.PerMinute));

        using var first = await AcquireAsync(limiter, project, limits, tokens: 40);
        var second = await AcquireAsync(limiter, project, limits, tokens: 10);
        for (var look = 0; look < 20; look++)
        {
            var levels = await ReadStateAsync(limiter, project, limits);
            Assert.Equal((3, 2), (levels.Requests!.Value.Level, levels.Slots));
            Assert.InRange(levels.Tokens!.Value.Level, 10, 15);
            Assert.InRange(levels.Requests.Value.UntilFull, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(20));
        }

        Assert.True((await ProbeAsync(limiter, project, limits)).IsAcquired);
        await SettleAsync(second, actualTokens: 100);
    }

    [Fact]
    public async Task Reading_levels_with_other_limits_shows_them_and_changes_nothing()
    {
        using var limiter = CreateLimiter();
        var project = NewProject();
        using var held = await AcquireAsync(limiter, project, PerMinute(6, burst: 10));

        Assert.Equal(4, (await ReadStateAsync(limiter, project, PerMinute(6, burst: 4))).Requests!.Value.Level);
        Assert.Equal(9, (await ReadStateAsync(limiter, project, PerMinute(6, burst: 10))).Requests!.Value.Level);
        Assert.Null((await ReadStateAsync(limiter, project, Unlimited)).Requests);
    }

    [Fact]
    public async Task A_debt_is_shown_as_a_negative_level()
    {
        using var limiter = CreateLimiter();
        var (project, limits) = (NewProject(), TokensPerMinute(60));
        await SettleAsync(await AcquireAsync(limiter, project, limits, tokens: 10), actualTokens: 200);

        await Eventually.IsTrueAsync(async () => (await ReadStateAsync(limiter, project, limits)).Tokens!.Value.Level is >= -140 and < -120);
    }

    private static async Task<LimitLevels> ReadStateAsync(PartitionedRateLimiter<RateLimitCost> limiter, string project, RateLimits limits) =>
        await ((ILimitLevels)limiter).ReadAsync(project, limits, CancellationToken.None);
}
