using System.Numerics;
using Cencori.Edge.Projects;
using Cencori.Edge.Routing.Selection;
using CsCheck;
using Microsoft.Extensions.Time.Testing;

namespace Cencori.Edge.Tests.Routing.Selection;

/// <summary>Which target of a group is asked, for each kind of balance.</summary>
public sealed class TargetBalanceTests
{
    private const int Times = 10_000;

    private static readonly Gen<(int Weight, int Credentials)[]> Targets = Gen.Select(Gen.Int[0, 5], Gen.Int[1, 3]).Array[1, 4];

    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void A_target_has_the_share_of_its_weight_with_any_number_of_credentials()
    {
        var counts = Count(PlanOf.Route(RouteBalance.Weighted, _clock, (80, 1), (20, 4), (0, 1)), place => new((place + 0.5) / Times, 0));
        Assert.Equal([8_000, 500, 500, 500, 500, 0], counts);
    }

    [Fact]
    public void The_share_of_a_credential_in_cool_down_stays_with_its_target()
    {
        var counts = Count(PlanOf.Route(RouteBalance.Weighted, _clock, (1, 1), (1, 2)), place => new((place + 0.5) / Times, 0), open: 0b101);
        Assert.Equal([5_000, 0, 5_000], counts);
    }

    [Fact]
    public void A_target_with_weight_zero_is_asked_only_if_no_other_of_its_group_can_be()
    {
        var plan = PlanOf.Route(RouteBalance.Weighted, _clock, [[(1, 1), (0, 1)], [(1, 1)]]);
        Assert.Equal([0, 1, 2], [Pick(plan, 0b111), Pick(plan, 0b110), Pick(plan, 0b100)]);
    }

    [Fact]
    public void A_user_stays_with_a_target_and_only_users_of_an_unavailable_target_move()
    {
        var plan = PlanOf.Route(RouteBalance.Split, _clock, (90, 1), (8, 1), (2, 1));
        var random = new Random(17);
        var users = Enumerable.Range(0, 40_000).Select(_ => (ulong)random.NextInt64()).ToList();
        var first = users.ConvertAll(user => Pick(plan, 0b111, new(random.NextDouble(), 0) { Spread = user }));
        var again = users.ConvertAll(user => Pick(plan, 0b111, new(random.NextDouble(), 0) { Spread = user }));
        var away = users.ConvertAll(user => Pick(plan, 0b101, new(random.NextDouble(), 0) { Spread = user }));

        Assert.Equal(first, again);
        Assert.All(first.Zip(away), pair => Assert.True(pair.First == 1 ? pair.Second != 1 : pair.First == pair.Second));
        Assert.InRange(first.Count(place => place == 0) / 40_000d, 0.89, 0.91);
        Assert.InRange(first.Count(place => place == 2) / 40_000d, 0.016, 0.024);
    }

    [Fact]
    public void The_target_with_the_least_load_for_its_weight_is_next()
    {
        var plan = PlanOf.Route(RouteBalance.Least, _clock, (3, 1), (1, 1));
        var counts = Count(plan, place => new(0.5, 0), after: place => plan.Candidates[place].Load!.Begin(), times: 400);
        Assert.Equal([300, 100], counts);
    }

    [Fact]
    public void A_slow_target_is_noticed_at_once_and_tried_again_later()
    {
        var plan = PlanOf.Route(RouteBalance.Fast, _clock, (1, 1), (1, 1));
        RespondOk(plan, 0, seconds: 0.2);
        RespondOk(plan, 1, seconds: 0.3);
        var random = new Random(17);
        Assert.InRange(Count(plan, _ => new(random.NextDouble(), random.NextDouble()))[0], 7_000, 8_000);
        RespondOk(plan, 0, seconds: 8);
        Assert.InRange(Count(plan, _ => new(random.NextDouble(), random.NextDouble()))[0], 2_000, 3_000);

        // A failure after a millisecond must not look fast.
        RespondOk(plan, 1, seconds: 0.001, hasFailed: true);
        _clock.Advance(TimeSpan.FromSeconds(30));
        RespondOk(plan, 0, seconds: 0.2);
        Assert.InRange(plan.Candidates[0].Load!.Seconds!.Value, 0.2, 0.7);
        Assert.Equal(5, plan.Candidates[1].Load!.Seconds);
        Assert.InRange(Count(plan, _ => new(random.NextDouble(), random.NextDouble()))[0], 7_000, 8_000);
    }

    [Fact]
    public void The_cheapest_target_is_asked_and_one_without_a_price_only_if_there_is_no_other()
    {
        var plan = PlanOf.Route(RouteBalance.Cheap, _clock, (1, 1), (1, 1), (1, 1));
        var prices = new Dictionary<string, decimal?> { ["provider-0-0"] = 2, ["provider-0-1"] = 1, ["provider-0-2"] = null };
        PickBasis Basis(double dice) => new(dice, dice) { PriceOf = target => prices[target.Provider.Id] };
        Assert.All(Enumerable.Range(0, 10), dice => Assert.Equal(1, Pick(plan, 0b111, Basis(dice / 10d))));
        Assert.Equal([0, 2], [Pick(plan, 0b101, Basis(0.9)), Pick(plan, 0b100, Basis(0.1))]);
        prices["provider-0-0"] = 1.05m;
        Assert.Equal([0, 1], Enumerable.Range(0, 10).Select(dice => Pick(plan, 0b111, Basis(dice / 10d))).Distinct().Order());
    }

    [Fact]
    public void Requests_with_equal_prefixes_go_to_the_same_target_unless_it_is_busy_or_away()
    {
        var plan = PlanOf.Route(RouteBalance.Weighted, _clock, (1, 4));
        PickBasis Basis() => new(Random.Shared.NextDouble(), 0) { Prompt = 42 };
        var first = Pick(plan, 0b1111, Basis());
        Assert.All(Enumerable.Range(0, 100), _ => Assert.Equal(first, Pick(plan, 0b1111, Basis())));
        Assert.NotEqual(first, Pick(plan, 0b1111 & ~(1UL << first), Basis()));
        for (var busy = 0; busy < 12; busy++)
        {
            plan.Candidates[first].Load!.Begin();
        }

        Assert.NotEqual(first, Pick(plan, 0b1111, Basis()));
    }

    [Fact]
    public void The_picked_target_is_open_and_of_the_first_usable_group_for_every_balance() =>
        Gen.Select(Gen.Enum<RouteBalance>(), Targets.Array[1, 4], Gen.ULong, Gen.Double[0, 0.999999], Gen.ULong, Gen.Bool).Sample((balance, groups, set, dice, key, isAffine) =>
        {
            var plan = PlanOf.Route(balance, _clock, groups);
            var open = set & ((1UL << plan.Candidates.Length) - 1);
            var picked = Pick(plan, open, new(dice, 1 - dice) { Spread = key, Prompt = isAffine ? key : null, PriceOf = target => target.Weight });
            if (open == 0)
            {
                Assert.Equal(-1, picked);
                return;
            }

            Assert.NotEqual(0UL, open >> picked & 1);
            Assert.NotEqual(0UL, plan.Groups.First(group => (group.Bits & open) != 0).Bits >> picked & 1);
        });

    [Fact]
    public void A_plan_has_at_most_as_many_candidates_as_bits_and_leaves_out_the_last()
    {
        var plan = PlanOf.Route(RouteBalance.Weighted, _clock, (1, 40), (1, 40));
        Assert.Equal(TargetPlan.Max, plan.Candidates.Length);
        Assert.Equal((40, 24), (BitOperations.PopCount(plan.Groups[0].Targets[0].Bits), BitOperations.PopCount(plan.Groups[0].Targets[1].Bits)));
        Assert.Equal(63, Pick(plan, 1UL << 63));
        var full = PlanOf.Route(RouteBalance.Weighted, _clock, (1, 32), (1, 32), (1, 32));
        Assert.Equal((0UL, ulong.MaxValue), (full.Groups[0].Targets[2].Bits, full.Groups[0].Bits));
    }

    private static int Pick(TargetPlan plan, ulong open) => Pick(plan, open, new(0.5, 0.5));

    private static int Pick(TargetPlan plan, ulong open, in PickBasis basis) => TargetPicker.Pick(plan, open, basis);

    private static int[] Count(TargetPlan plan, Func<int, PickBasis> basis, ulong open = ulong.MaxValue, Action<int>? after = null, int times = Times)
    {
        var counts = new int[plan.Candidates.Length];
        var all = open & ((1UL << plan.Candidates.Length) - 1);
        for (var place = 0; place < times; place++)
        {
            var picked = Pick(plan, all, basis(place));
            counts[picked]++;
            after?.Invoke(picked);
        }

        return counts;
    }

    private static void RespondOk(TargetPlan plan, int place, double seconds, bool hasFailed = false)
    {
        plan.Candidates[place].Load!.Begin();
        plan.Candidates[place].Load!.End(TimeSpan.FromSeconds(seconds), hasFailed);
    }
}
