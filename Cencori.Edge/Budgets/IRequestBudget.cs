using Cencori.Edge.Keys;
using Cencori.Edge.Metering;
using Cencori.Edge.Projects;

namespace Cencori.Edge.Budgets;

/// <summary>Holds projects, keys and agents to what they may spend.</summary>
public interface IRequestBudget
{
    /// <summary>True where a budget can refuse what this caller asks for.</summary>
    bool Holds(Caller caller);

    /// <summary>Sets aside what the request may cost at most: its input, and all the output it may have, at the model's prices.</summary>
    /// <param name="context">The request. It is refused where the money is not there.</param>
    /// <param name="caller">Whose money it is.</param>
    /// <param name="provider">Id of the provider that gets the request.</param>
    /// <param name="model">As it is sent to the provider; null where the request names none.</param>
    /// <param name="usage">Its input, estimated, and the most that its response may have. Null: it is nothing that is paid for.</param>
    /// <param name="agent">As whom it runs; null: as none.</param>
    /// <param name="held">What is set aside for it already, in US dollars: only what it may cost more is added. Default 0.</param>
    /// <returns>To be disposed when the response has ended; null when the request was refused.</returns>
    ValueTask<BudgetReservation?> TryReserveAsync(HttpContext context, Caller caller, string provider, string? model, TokenUsage? usage, Agent? agent = null, decimal held = 0);
}

/// <summary>Money that is set aside for one request.</summary>
/// <remarks>Safe for use from several threads. Disposal takes effect once, however often it is called.</remarks>
public abstract class BudgetReservation : IDisposable
{
    /// <summary>Of a request that no budget holds.</summary>
    public static BudgetReservation None { get; } = new Nothing();

    /// <summary>What is set aside, in US dollars.</summary>
    public abstract decimal Usd { get; }

    /// <summary>What was set aside, and more for the same request: it is settled as one.</summary>
    public BudgetReservation And(BudgetReservation more) => more == None ? this : this == None ? more : new Pair(this, more);

    /// <summary>
    /// Notes what the request has cost, in US dollars; disposal then counts that in place of what was set aside. Null: nobody knows,
    /// and what was set aside is what it has cost. The last call before disposal counts.
    /// </summary>
    /// <param name="cost">In US dollars.</param>
    /// <param name="released">What stands beside it in the stored records as set aside, and is over: it counts on both sides.</param>
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
