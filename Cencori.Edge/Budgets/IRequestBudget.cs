using Cencori.Edge.Keys;
using Cencori.Edge.Metering;
using Cencori.Edge.Projects;

namespace Cencori.Edge.Budgets;

/// <summary>Enforces the budgets of projects, keys and agents.</summary>
public interface IRequestBudget
{
    /// <summary>Whether an enforced budget applies to this caller.</summary>
    bool AppliesTo(Caller caller);

    /// <summary>Reserves the highest possible cost of the request: its input and its longest possible output, at the model's prices.</summary>
    /// <param name="context">The request. It is refused if a budget has no room.</param>
    /// <param name="caller">The caller whose budgets apply.</param>
    /// <param name="provider">Id of the provider that gets the request.</param>
    /// <param name="model">The model as sent to the provider; null if the request names none.</param>
    /// <param name="usage">Estimated input and longest possible output. Null: the request costs nothing.</param>
    /// <param name="agent">The agent that the request runs as; null: none.</param>
    /// <param name="held">The amount that is reserved for the request already, in US dollars: only the difference is reserved. Default 0.</param>
    /// <returns>The reservation, to dispose when the response has ended. Null: the request was refused.</returns>
    ValueTask<BudgetReservation?> TryReserveAsync(HttpContext context, Caller caller, string provider, string? model, TokenUsage? usage, Agent? agent = null, decimal held = 0);
}

/// <summary>The amount reserved in the budgets for one request.</summary>
/// <remarks>Safe for use from several threads. Disposal takes effect once, however often it is called.</remarks>
public abstract class BudgetReservation : IDisposable
{
    /// <summary>The reservation of a request without budgets.</summary>
    public static BudgetReservation None { get; } = new Nothing();

    /// <summary>The reserved amount in US dollars.</summary>
    public abstract decimal Usd { get; }

    /// <summary>Combines two reservations of the same request. They are settled as one.</summary>
    public BudgetReservation And(BudgetReservation more) => more == None ? this : this == None ? more : new Pair(this, more);

    /// <summary>
    /// Sets the cost of the request in US dollars. On disposal it replaces the reserved amount. Null: the cost is unknown,
    /// and the reserved amount becomes the cost. Only the last call before disposal has an effect.
    /// </summary>
    /// <param name="cost">The cost in US dollars.</param>
    /// <param name="released">
    /// The amount that the stored records contain as reserved for background work, if the work ended with this request, in US dollars. The edge adds the amount
    /// to both sums of <see cref="SpendSums"/>, so that they match the stored records. The spend does not change. Default 0.
    /// </param>
    public abstract void Settle(decimal? cost, decimal released = 0);

    public abstract void Dispose();

    private sealed class Pair(BudgetReservation first, BudgetReservation more) : BudgetReservation
    {
        public override decimal Usd => first.Usd + more.Usd;

        public override void Settle(decimal? cost, decimal released)
        {
            first.Settle(cost, released);
            more.Settle(cost is null ? null : 0);
        }

        public override void Dispose()
        {
            first.Dispose();
            more.Dispose();
        }
    }

    private sealed class Nothing : BudgetReservation
    {
        public override decimal Usd => 0;

        public override void Settle(decimal? cost, decimal released)
        {
        }

        public override void Dispose()
        {
        }
    }
}
