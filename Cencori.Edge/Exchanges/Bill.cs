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

    /// <summary>It is what was set aside for work that goes on, and another request will have the cost.</summary>
    public bool IsOpen { get; init; }

    /// <param name="attempt">No more bytes come of it. Where its text has to be counted, that takes up to some tens of milliseconds, once.</param>
    public static Bill Of(Attempt attempt) => Of(attempt, attempt.IsRepeated);

    /// <inheritdoc cref="Of(Attempt)"/>
    /// <param name="attempt">No more bytes come of it.</param>
    /// <param name="isRepeated">Somebody else was asked after it, or is about to be.</param>
    public static Bill Of(Attempt attempt, bool isRepeated)
    {
        if (!attempt.MayHaveCost)
        {
            return new(default, IsMetered: true, 0);
        }

        if (attempt.Meter is not { } meter || attempt.IsLook)
        {
            return default;
        }

        if ((isRepeated && attempt.Status is null) || attempt is { End: AttemptEnd.PassedOver })
        {
            // It was given up before there was anything of a response: what it has worked at for certain is the request.
            var input = meter.SetAside with { CompletionTokens = 0 };
            return Of(input, meter.Cost(input), isTold: false);
        }

        if (attempt.Status is null || meter.IsWorkOpen(attempt.BeginsBackgroundWork))
        {
            return OfSetAside(attempt);
        }

        // What was used may be something that has no price here: then nobody can say.
        var usage = meter.Finish();
        var usd = meter.Cost(usage);
        return usd is null && OfSetAside(attempt) is { CostUsd: not null } setAside ? setAside : Of(usage, usd, meter.IsToldCost(usage));
    }

    /// <summary>What counts where nobody can say more.</summary>
    public static Bill OfSetAside(Attempt attempt)
    {
        var usage = attempt.Meter!.SetAside;
        return Of(usage, attempt.Meter.Cost(usage), isTold: false);
    }

    /// <param name="usage">What was used.</param>
    /// <param name="usd">What it cost; null: nobody knows.</param>
    /// <param name="isTold">The provider has told that.</param>
    public static Bill Of(in TokenUsage usage, decimal? usd, bool isTold) =>

        // In the unit of budgets, so that each of those who add it up comes to the same sum.
        new(usage, IsMetered: true, usd is { } cost ? Nanodollars.ToUsd(Nanodollars.From(cost)) : null) { IsCostTold = isTold };

    /// <summary>Of all of them together; nothing where there is none.</summary>
    public static Bill Of(IReadOnlyList<Attempt> attempts)
    {
        var sum = new Bill(default, IsMetered: true, 0);
        foreach (var attempt in attempts)
        {
            var its = Of(attempt);
            sum = new(sum.Usage + its.Usage, sum.IsMetered && its.IsMetered, sum.CostUsd + its.CostUsd) { IsCostTold = sum.IsCostTold || its.IsCostTold, IsOpen = sum.IsOpen || its.IsOpen };
        }

        return sum;
    }
}
