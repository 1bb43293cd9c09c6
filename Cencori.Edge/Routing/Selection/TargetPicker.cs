using System.Numerics;
using Cencori.Edge.Projects;
using Cencori.Edge.Routing.Health;

namespace Cencori.Edge.Routing.Selection;

/// <summary>The inputs of a pick.</summary>
/// <param name="Random">A random number from 0 to below 1.</param>
/// <param name="SecondRandom">A second, independent random number.</param>
internal readonly record struct PickBasis(double Random, double SecondRandom)
{
    /// <summary>A hash that is equal for requests that must go to the same side of a split.</summary>
    public ulong Spread { get; init; }

    /// <summary>A hash that is equal for requests with the same prompt prefix. Null: no prompt affinity.</summary>
    public ulong? Prompt { get; init; }

    /// <summary>
    /// Returns the highest cost of the request at a target, in US dollars; null: unknown. The function itself is null if neither a budget nor
    /// <see cref="RouteBalance.Cheap"/> needs prices.
    /// </summary>
    public Func<PlanTarget, decimal?>? PriceOf { get; init; }
}

/// <summary>
/// Picks the candidate that is asked, from the first group with an open candidate, by the group's balance. The result depends only on the arguments
/// and on the current loads.
/// </summary>
internal static partial class TargetPicker
{
    // Targets within 10 % of the lowest price count as equally cheap.
    private const decimal AboutAsCheap = 1.1m;

    /// <param name="plan">The plan with the candidates.</param>
    /// <param name="open">One bit per candidate, set if the candidate can be asked.</param>
    /// <param name="basis">The inputs.</param>
    /// <returns>The candidate's index; -1: there is none.</returns>
    public static int Pick(TargetPlan plan, ulong open, in PickBasis basis)
    {
        // Drained candidates are used only if no group has another one.
        var notDrained = open & ~plan.Drained;
        var all = notDrained == 0 ? open : notDrained;
        foreach (var group in plan.Groups)
        {
            if ((group.Bits & all) != 0)
            {
                Span<double> shares = stackalloc double[plan.Candidates.Length];
                var among = Share(plan, group, all & group.Bits, isDrained: notDrained == 0, shares);
                return Choose(plan, group, among, shares, basis);
            }
        }

        return -1;
    }

    /// <summary>Whether prompt affinity applies. False: the balance decides by users or prices instead.</summary>
    public static bool KeepsPrompts(RouteBalance balance) => balance is not (RouteBalance.Split or RouteBalance.Cheap);

    // Divides the share of each target among its candidates. Only the candidates of the lowest rank take part.
    private static ulong Share(TargetPlan plan, PlanGroup group, ulong open, bool isDrained, Span<double> shares)
    {
        var hasWeight = false;
        foreach (var target in group.Targets)
        {
            hasWeight |= target.Weight > 0 && (target.Bits & open) != 0;
        }

        ulong among = 0;
        foreach (var target in group.Targets)
        {
            var its = target.Bits & open;
            if (its == 0 || (hasWeight && target.Weight == 0))
            {
                continue;
            }

            var (rank, weights) = (int.MaxValue, 0L);
            for (var rest = its; rest != 0; rest &= rest - 1)
            {
                var candidate = plan.Candidates[BitOperations.TrailingZeroCount(rest)];
                (rank, weights) = candidate.Rank < rank ? (candidate.Rank, WeightOf(candidate, isDrained)) : (rank, candidate.Rank == rank ? weights + WeightOf(candidate, isDrained) : weights);
            }

            for (var rest = its; rest != 0; rest &= rest - 1)
            {
                var place = BitOperations.TrailingZeroCount(rest);
                if (plan.Candidates[place] is var candidate && candidate.Rank == rank)
                {
                    shares[place] = (hasWeight ? target.Weight : 1) * (double)WeightOf(candidate, isDrained) / weights;
                    among |= 1UL << place;
                }
            }
        }

        return among;
    }

    // If all candidates are drained, they have equal weights.
    private static long WeightOf(in Candidate candidate, bool isDrained) => isDrained ? 1 : candidate.Weight;

    private static int Choose(TargetPlan plan, PlanGroup group, ulong among, ReadOnlySpan<double> shares, in PickBasis basis)
    {
        if (BitOperations.IsPow2(among))
        {
            return BitOperations.TrailingZeroCount(among);
        }

        // A split by users and a choice by price outrank prompt affinity.
        if (basis.Prompt is { } prompt && KeepsPrompts(group.Balance))
        {
            return PickByRendezvousHash(plan, FindNotOverloaded(plan, among), shares, prompt);
        }

        return group.Balance switch
        {
            RouteBalance.Split => Divide(plan, group, among, shares, basis.Spread),
            RouteBalance.Least => LeastLoaded(plan, among, shares, basis.Random),
            RouteBalance.Fast => PickFaster(plan, PickByWeight(among, shares, basis.Random), PickByWeight(among, shares, basis.SecondRandom), among),
            RouteBalance.Cheap when basis.PriceOf is { } priceOf && Cheapest(plan, group, among, priceOf) is var cheap => PickFaster(plan, PickByWeight(cheap, shares, basis.Random), PickByWeight(cheap, shares, basis.SecondRandom), cheap),
            _ => PickByWeight(among, shares, basis.Random),
        };
    }

    private static int PickByWeight(ulong among, ReadOnlySpan<double> shares, double random)
    {
        var sum = 0d;
        for (var rest = among; rest != 0; rest &= rest - 1)
        {
            sum += shares[BitOperations.TrailingZeroCount(rest)];
        }

        var (left, last) = (random * sum, -1);
        for (var rest = among; rest != 0; rest &= rest - 1)
        {
            last = BitOperations.TrailingZeroCount(rest);
            if ((left -= shares[last]) < 0)
            {
                break;
            }
        }

        return last;
    }

    // Rendezvous hashing: if a candidate is unavailable, only its own requests move; all others stay at their candidates.
    private static int PickByRendezvousHash(TargetPlan plan, ulong among, ReadOnlySpan<double> shares, ulong key)
    {
        var (best, place) = (double.PositiveInfinity, -1);
        for (var rest = among; rest != 0; rest &= rest - 1)
        {
            var one = BitOperations.TrailingZeroCount(rest);
            var score = -Math.Log(((Mix(key ^ plan.Candidates[one].Hash) >> 11) + 1) / (double)((1UL << 53) + 1)) / shares[one];
            if (score < best)
            {
                (best, place) = (score, one);
            }
        }

        return place;
    }

    // Mixes the bits of a hash with the last steps of SplitMix64.
    internal static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
        value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
        return value ^ (value >> 31);
    }

    // The candidates that are not overloaded. Waiting for an overloaded one would cost more than its prompt cache saves.
    private static ulong FindNotOverloaded(TargetPlan plan, ulong among)
    {
        var max = (1.5 * Mean(plan, among, static load => load.Outstanding)) + 4;
        ulong free = 0;
        for (var rest = among; rest != 0; rest &= rest - 1)
        {
            var place = BitOperations.TrailingZeroCount(rest);
            free |= (plan.Candidates[place].Load?.Outstanding ?? 0) <= max ? 1UL << place : 0;
        }

        return free == 0 ? among : free;
    }

    private static int LeastLoaded(TargetPlan plan, ulong among, ReadOnlySpan<double> shares, double random)
    {
        Span<double> alike = stackalloc double[shares.Length];
        var (min, set) = (double.PositiveInfinity, 0UL);
        for (var rest = among; rest != 0; rest &= rest - 1)
        {
            var place = BitOperations.TrailingZeroCount(rest);
            var load = ((plan.Candidates[place].Load?.Outstanding ?? 0) + 1) / shares[place];
            alike[place] = 1;
            (min, set) = load < min ? (load, 1UL << place) : (min, load == min ? set | (1UL << place) : set);
        }

        return PickByWeight(set, alike, random);
    }

    private static int PickFaster(TargetPlan plan, int first, int second, ulong among)
    {
        var meanSeconds = Mean(plan, among, static load => load.Seconds);
        return WaitAt(plan.Candidates[second], meanSeconds) < WaitAt(plan.Candidates[first], meanSeconds) ? second : first;
    }

    // Estimated wait at a candidate. For a candidate without measurements, the average duration is used.
    private static double WaitAt(in Candidate candidate, double meanSeconds) => (candidate.Load?.Seconds ?? meanSeconds) * ((candidate.Load?.Outstanding ?? 0) + 1);

    private static double Mean(TargetPlan plan, ulong among, Func<TargetLoad, double?> of)
    {
        var (sum, count) = (0d, 0);
        for (var rest = among; rest != 0; rest &= rest - 1)
        {
            if (plan.Candidates[BitOperations.TrailingZeroCount(rest)].Load is { } load && of(load) is { } value)
            {
                (sum, count) = (sum + value, count + 1);
            }
        }

        return count == 0 ? 1 : sum / count;
    }

    // The candidates of the cheapest targets. Those without a known price take part only if no price is known.
    private static ulong Cheapest(TargetPlan plan, PlanGroup group, ulong among, Func<PlanTarget, decimal?> priceOf)
    {
        Span<decimal> prices = stackalloc decimal[group.Targets.Length];
        var min = decimal.MaxValue;
        for (var place = 0; place < prices.Length; place++)
        {
            prices[place] = (group.Targets[place].Bits & among) != 0 && priceOf(group.Targets[place]) is { } price ? price : decimal.MaxValue;
            min = Math.Min(min, prices[place]);
        }

        ulong cheap = 0;
        for (var place = 0; place < prices.Length && min < decimal.MaxValue; place++)
        {
            cheap |= prices[place] <= min * AboutAsCheap ? group.Targets[place].Bits & among : 0;
        }

        return cheap == 0 ? among : cheap;
    }
}
