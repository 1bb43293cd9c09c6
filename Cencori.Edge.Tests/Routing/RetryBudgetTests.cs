using Cencori.Edge.Routing.Health;
using Microsoft.Extensions.Time.Testing;

namespace Cencori.Edge.Tests.Routing;

public sealed class RetryBudgetTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void A_fifth_of_the_requests_may_be_retried_plus_one_per_second()
    {
        var budget = new RetryBudget(_clock);
        var taken = 0;
        for (var request = 0; request < 10_000; request++)
        {
            budget.Deposit("prj_1", "openai");
            taken += budget.TryTake("prj_1", "openai") ? 1 : 0;
            _clock.Advance(TimeSpan.FromMilliseconds(10));
        }

        Assert.InRange(taken, 2_000, 2_000 + 10 + 100);
    }

    [Fact]
    public void Projects_and_providers_have_separate_budgets_and_time_refills_at_most_ten()
    {
        var budget = new RetryBudget(_clock);
        Assert.Equal(10, Enumerable.Range(0, 50).Count(_ => budget.TryTake("prj_1", "openai")));
        Assert.True(budget.TryTake("prj_2", "openai"));
        Assert.True(budget.TryTake("prj_1", "groq"));
        _clock.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(3, Enumerable.Range(0, 50).Count(_ => budget.TryTake("prj_1", "openai")));
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(10, Enumerable.Range(0, 50).Count(_ => budget.TryTake("prj_1", "openai")));
    }
}
