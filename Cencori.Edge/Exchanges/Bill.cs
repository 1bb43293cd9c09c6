using Cencori.Edge.Metering;
using Cencori.Edge.Pricing;
using Cencori.Edge.Providers.Forwarding;

namespace Cencori.Edge.Exchanges;

/// <summary>
/// The usage and cost of attempts, for limits, budgets, the record and metrics. An attempt that a provider may bill counts with its known cost. If the
/// cost is unknown, the attempt counts with its reserved cost. The cost is zero only if it is certain that no provider did any work.
/// </summary>
/// <param name="Usage">The tokens and other units used. Default if nothing is metered.</param>
/// <param name="IsMetered">False: the usage is unknown.</param>
/// <param name="CostUsd">The cost in US dollars. Null: unknown.</param>
internal readonly record struct Bill(TokenUsage Usage, bool IsMetered, decimal? CostUsd)
{
    /// <summary>The provider itself reported the cost.</summary>
    public bool IsCostReported { get; private init; }

    /// <summary>The bill holds only the reservation for background work. A later request gets the final cost.</summary>
    public bool IsOpen { get; init; }

    /// <param name="attempt">Must have ended. If its text must be tokenized, the first call takes up to some tens of milliseconds.</param>
    public static Bill Of(Attempt attempt) => Of(attempt, attempt.IsRepeated);

    /// <inheritdoc cref="Of(Attempt)"/>
    /// <param name="attempt">Must have ended.</param>
    /// <param name="isRepeated">True: another attempt follows, or is about to follow.</param>
    public static Bill Of(Attempt attempt, bool isRepeated)
    {
        if (!attempt.MayHaveCost)
        {
            return new(default, IsMetered: true, 0);
        }

        if (attempt.Meter is not { } meter || attempt.IsStatusRead)
        {
            return default;
        }

        if ((isRepeated && attempt.Status is null) || attempt is { End: AttemptEnd.PassedOver })
        {
            // The attempt was given up before any output. Only its input was certainly processed.
            var input = meter.ReservedUsage with { CompletionTokens = 0 };
            return Of(input, meter.Cost(input), isReported: false);
        }

        if (attempt.Status is null || meter.IsWorkOpen(attempt.BeginsBackgroundWork))
        {
            return OfReserved(attempt);
        }

        // The cost is null if a part of the usage has no price. A reservation of nothing, such as that of a form, would make it 0.
        var usage = meter.Finish();
        var usd = meter.Cost(usage);
        return usd is null && OfReserved(attempt) is { CostUsd: not null, Usage.IsPaid: true } reserved ? reserved : Of(usage, usd, meter.IsCostReported(usage));
    }

    /// <summary>The bill of an attempt of which only the reservation is known.</summary>
    public static Bill OfReserved(Attempt attempt)
    {
        var usage = attempt.Meter!.ReservedUsage;
        return Of(usage, attempt.Meter.Cost(usage), isReported: false);
    }

    /// <param name="usage">The usage.</param>
    /// <param name="usd">The cost; null: unknown.</param>
    /// <param name="isReported">True: the provider reported the cost.</param>
    public static Bill Of(in TokenUsage usage, decimal? usd, bool isReported) =>

        // Rounded to the unit of budgets, so that budgets and records add the same amounts.
        new(usage, IsMetered: true, usd is { } cost ? Nanodollars.ToUsd(Nanodollars.From(cost)) : null) { IsCostReported = isReported };

    /// <summary>The sum of all attempts; zero if there are none.</summary>
    public static Bill Of(IReadOnlyList<Attempt> attempts)
    {
        var sum = new Bill(default, IsMetered: true, 0);
        foreach (var attempt in attempts)
        {
            var its = Of(attempt);
            sum = new(sum.Usage + its.Usage, sum.IsMetered && its.IsMetered, sum.CostUsd + its.CostUsd) { IsCostReported = sum.IsCostReported || its.IsCostReported, IsOpen = sum.IsOpen || its.IsOpen };
        }

        return sum;
    }
}
