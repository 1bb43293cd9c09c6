using System.Numerics;
using Cencori.Edge.Projects;

namespace Cencori.Edge.Routing;

/// <summary>By what one of several is picked.</summary>
/// <param name="Dice">From 0 to below 1.</param>
/// <param name="SecondDice">Likewise, of its own.</param>
internal readonly record struct PickBasis(double Dice, double SecondDice)
{
    /// <summary>The same for requests that are to be divided together.</summary>
    public ulong Spread { get; init; }

    /// <summary>The same for requests that begin alike; null: that does not matter.</summary>
    public ulong? Prompt { get; init; }

    /// <summary>What the request costs at a target at most, in US dollars; null: nobody knows. Needed for <see cref="RouteBalance.Cheap"/> alone.</summary>
    public Func<PlanTarget, decimal?>? PriceOf { get; init; }
}

/// <summary>Who of several candidates is asked: one of the first group that has any, by its balance. Pure but for the loads.</summary>
internal static partial class TargetPicker
{
    // As cheap as the cheapest, for whoever looks at prices.
    private const decimal AboutAsCheap = 1.1m;

    /// <param name="plan">Whose candidates they are.</param>
    /// <param name="open">A bit for each that can be asked.</param>
    /// <param name="basis">By what.</param>
    /// <returns>Its place; -1: there is none.</returns>
    public static int Pick(TargetPlan plan, ulong open, in PickBasis basis)
    {
        // Those that are drained only where there is no other of any group.
        var usual = open & ~plan.Drained;
        var all = usual == 0 ? open : usual;
        foreach (var group in plan.Groups)
        {
            if ((group.Bits & all) != 0)
            {
                Span<double> shares = stackalloc double[plan.Candidates.Length];
                var among = Share(plan, group, all & group.Bits, isDrained: usual == 0, shares);
                return Choose(plan, group, among, shares, basis);
            }
        }

        return -1;
    }

    /// <summary>False: it chooses by something else, whatever a request begins with.</summary>
    public static bool KeepsPrompts(RouteBalance balance) => balance is not (RouteBalance.Split or RouteBalance.Cheap);

    // Of each target those of the lowest rank, which have its share between them.
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

    // Where all are drained, each is like the others.
    private static long WeightOf(in Candidate candidate, bool isDrained) => isDrained ? 1 : candidate.Weight;

    private static int Choose(TargetPlan plan, PlanGroup group, ulong among, ReadOnlySpan<double> shares, in PickBasis basis)
    {
        if (BitOperations.IsPow2(among))
        {
            return BitOperations.TrailingZeroCount(among);
        }

        // Whoever wants a fixed part of the users, or the lowest price, wants that more than a cache.
        if (basis.Prompt is { } prompt && KeepsPrompts(group.Balance))
        {
            return Meet(plan, NotBusy(plan, among), shares, prompt);
        }

        return group.Balance switch
        {
            RouteBalance.Split => Divide(plan, group, among, shares, basis.Spread),
            RouteBalance.Least => Least(plan, among, shares, basis.Dice),
            RouteBalance.Fast => Faster(plan, Throw(among, shares, basis.Dice), Throw(among, shares, basis.SecondDice), among),
            RouteBalance.Cheap when basis.PriceOf is { } priceOf && Cheapest(plan, group, among, priceOf) is var cheap => Faster(plan, Throw(cheap, shares, basis.Dice), Throw(cheap, shares, basis.SecondDice), cheap),
            _ => Throw(among, shares, basis.Dice),
        };
    }

    private static int Throw(ulong among, ReadOnlySpan<double> shares, double dice)
    {
        var sum = 0d;
        for (var rest = among; rest != 0; rest &= rest - 1)
        {
            sum += shares[BitOperations.TrailingZeroCount(rest)];
        }

        var (left, last) = (dice * sum, -1);
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

    // Rendezvous: who is away takes nothing from where the others' requests go.
    private static int Meet(TargetPlan plan, ulong among, ReadOnlySpan<double> shares, ulong key)
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

    // SplitMix64's last steps.
    internal static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
        value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
        return value ^ (value >> 31);
    }

    // A cache that everybody waits for is none.
    private static ulong NotBusy(TargetPlan plan, ulong among)
    {
        var most = (1.5 * Mean(plan, among, static load => load.Outstanding)) + 4;
        ulong free = 0;
        for (var rest = among; rest != 0; rest &= rest - 1)
        {
            var place = BitOperations.TrailingZeroCount(rest);
            free |= (plan.Candidates[place].Load?.Outstanding ?? 0) <= most ? 1UL << place : 0;
        }

        return free == 0 ? among : free;
    }

    private static int Least(TargetPlan plan, ulong among, ReadOnlySpan<double> shares, double dice)
    {
        Span<double> alike = stackalloc double[shares.Length];
        var (least, set) = (double.PositiveInfinity, 0UL);
        for (var rest = among; rest != 0; rest &= rest - 1)
        {
            var place = BitOperations.TrailingZeroCount(rest);
            var load = ((plan.Candidates[place].Load?.Outstanding ?? 0) + 1) / shares[place];
            alike[place] = 1;
            (least, set) = load < least ? (load, 1UL << place) : (least, load == least ? set | (1UL << place) : set);
        }

        return Throw(set, alike, dice);
    }

    private static int Faster(TargetPlan plan, int first, int second, ulong among)
    {
        var usual = Mean(plan, among, static load => load.Seconds);
        return WaitAt(plan.Candidates[second], usual) < WaitAt(plan.Candidates[first], usual) ? second : first;
    }

    // Whoever has not been asked yet is as fast as the others.
    private static double WaitAt(in Candidate candidate, double usual) => (candidate.Load?.Seconds ?? usual) * ((candidate.Load?.Outstanding ?? 0) + 1);

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

    // One whose price nobody knows only where nobody knows any.
    private static ulong Cheapest(TargetPlan plan, PlanGroup group, ulong among, Func<PlanTarget, decimal?> priceOf)
    {
        Span<decimal> prices = stackalloc decimal[group.Targets.Length];
        var least = decimal.MaxValue;
        for (var place = 0; place < prices.Length; place++)
        {
            prices[place] = (group.Targets[place].Bits & among) != 0 && priceOf(group.Targets[place]) is { } price ? price : decimal.MaxValue;
            least = Math.Min(least, prices[place]);
        }

        ulong cheap = 0;
        for (var place = 0; place < prices.Length && least < decimal.MaxValue; place++)
        {
            cheap |= prices[place] <= least * AboutAsCheap ? group.Targets[place].Bits & among : 0;
        }

        return cheap == 0 ? among : cheap;
    }
}
