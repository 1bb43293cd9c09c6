using Cencori.Edge.Budgets;
using Cencori.Edge.Pricing;
using CsCheck;

namespace Cencori.Edge.Tests.Budgets;

public sealed class GrowOnlyCounterTests
{
    [Fact]
    public void A_sum_read_from_the_records_during_a_Redis_call_stays()
    {
        var sum = new GrowOnlyCounter();
        sum.Add(10);
        sum.Learn(100);
        sum.Merge(50, own: 0);
        Assert.Equal(100, sum.Now);
        sum.Merge(200, own: 10);
        Assert.Equal((200, true), (sum.Now, sum.IsReported));
        sum.Merge(150, own: 10);
        Assert.Equal(200, sum.Now);
    }

    [Fact]
    public void The_sum_never_falls_whatever_is_reported() => Gen.Select(Gen.Int[0, 2], Gen.Long[0, 1_000], Gen.Int[0, 3]).Array[1, 30].Sample(steps =>
    {
        var sum = new GrowOnlyCounter();
        foreach (var (what, amount, share) in steps)
        {
            var before = sum.Now;
            switch (what)
            {
                case 0:
                    sum.Add(amount);
                    break;
                case 1:
                    sum.Learn(amount);
                    break;
                default:
                    // The total in Redis contains a part of what this edge has added. This part never shrinks.
                    sum.Merge(amount, sum.OwnInTotal + ((sum.Own - sum.OwnInTotal) * share / 3));
                    break;
            }

            Assert.True(sum.Now >= before);
        }
    });

    [Fact]
    public void The_sum_does_not_exceed_what_scripts_can_count()
    {
        var sum = new GrowOnlyCounter();
        sum.Add(Nanodollars.Max);
        sum.Add(Nanodollars.Max);
        Assert.Equal(Nanodollars.Max, sum.Now);
    }
}
