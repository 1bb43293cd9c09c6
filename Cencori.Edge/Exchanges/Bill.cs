using Cencori.Edge.Metering;
using Cencori.Edge.Pricing;
using Cencori.Edge.Providers.Forwarding;

namespace Cencori.Edge.Exchanges;

/// <summary>
/// What attempts come to. Limits, budgets, the record and metrics all go by this: what may have cost counts as what it cost if that is
/// known, as what was set aside if nobody can say, and as nothing only where it is certain that no provider has worked.
/// </summary>
/// <param name="Usage">Default where nothing is metered.</param>
/// <param name="IsMetered">False: nobody knows the usage.</param>
/// <param name="CostUsd">Null: nobody knows.</param>
internal readonly record struct Bill(TokenUsage Usage, bool IsMetered, decimal? CostUsd)
{
    /// <summary>The cost is what a provider has told.</summary>
    public bool IsCostTold { get; private init; }

    /// <param name="attempt">No more bytes come of it. Where its text has to be counted, that takes up to some tens of milliseconds, once.</param>
    public static Bill Of(Attempt attempt)
    {
        if (!attempt.MayHaveCost)
        {
            return new(default, IsMetered: true, 0);
        }

        if (attempt.Meter is not { } meter)
        {
            return default;
        }

        var usage = attempt.Status is null ? meter.SetAside : meter.Finish();

        // In the unit of budgets, so that each of those who add it up comes to the same sum.
        var cost = meter.Cost(usage) ?? meter.Cost(meter.SetAside);
        return new(usage, IsMetered: true, cost is { } usd ? Nanodollars.ToUsd(Nanodollars.From(usd)) : null) { IsCostTold = meter.IsToldCost(usage) };
    }

    /// <summary>Of all of them together; nothing where there is none.</summary>
    public static Bill Of(IReadOnlyList<Attempt> attempts)
    {
        var sum = new Bill(default, IsMetered: true, 0);
        foreach (var attempt in attempts)
        {
            var its = Of(attempt);
            sum = new(sum.Usage + its.Usage, sum.IsMetered && its.IsMetered, sum.CostUsd + its.CostUsd) { IsCostTold = sum.IsCostTold || its.IsCostTold };
        }

        return sum;
    }
}
