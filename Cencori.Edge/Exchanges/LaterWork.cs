using Cencori.Edge.Budgets;
using Cencori.Edge.Metering;
using Cencori.Edge.Owners;
using Cencori.Edge.Pricing;
using Cencori.Edge.Providers.Forwarding;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Exchanges;

/// <summary>
/// Work that a provider goes on with when its answer is there. What was set aside for it stays, and is written down under the id that the
/// answer tells; the first answer that shows its end has the cost, whichever edge that passes.
/// </summary>
public sealed class LaterWork(OwnedObjects objects, BudgetLedger budgets, Prices prices)
{
    /// <summary>To be called when the response is read, and once more when the exchange ends; once more does nothing.</summary>
    public async Task EndAsync(Exchange exchange)
    {
        exchange.End();
        if (exchange.HasSeenLaterWork || exchange.Last is not { Meter: { WorkId: { } id } meter } attempt)
        {
            return;
        }

        exchange.HasSeenLaterWork = true;
        if (exchange.Bill.IsOpen)
        {
            await objects.AddAsync(RecordOf(exchange, attempt, id));
        }
        else if (attempt.IsLook && meter.IsWorkOver
            && await objects.FindOpenAsync(exchange.Caller!.Project.Id, exchange.Caller.Key.Environment, attempt.Provider.Id, id) is { } owned)
        {
            // What is spent so far has to be known before it changes.
            var spend = await budgets.BeginExchangeAsync(exchange.Caller.Project, owned.KeyId, owned.CreatedAt);
            if (await objects.TryCloseAsync(owned))
            {
                var setAside = owned.Picodollars is { } picodollars ? Picodollars.ToUsd(picodollars) : (decimal?)null;
                var bill = BillOf(exchange, owned, meter, setAside);
                exchange.Pay(bill, owned.KeyId);
                spend(setAside ?? 0, bill.CostUsd ?? 0);
            }
        }
    }

    private static OwnedObjectRecord RecordOf(Exchange exchange, Attempt attempt, string id)
    {
        var (caller, content, setAside) = (exchange.Caller!, exchange.Content!, attempt.Meter!.SetAside);
        return new()
        {
            ProjectId = caller.Project.Id,
            Provider = attempt.Provider.Id,
            ObjectId = id,
            KeyId = caller.Key.Id,
            Environment = caller.Key.Environment,
            RequestId = exchange.Context.TraceIdentifier,

            // A batch brings its own in what it reads, and training one has another price than using it.
            Model = exchange.Endpoint.BeginsLaterWork ? null : attempt.Model,
            CreatedAt = exchange.Clock.Time.GetUtcNow(),
            InputTokens = setAside.PromptTokens,
            OutputTokens = setAside.CompletionTokens,
            Picodollars = exchange.Bill.CostUsd is { } usd ? Picodollars.FromUsd(usd) : null,
            MostInputTokens = exchange.Endpoint.BeginsLaterWork ? long.MaxValue : content.MostInputTokens,
            MostOutputTokens = exchange.Endpoint.BeginsLaterWork ? long.MaxValue : content.MostOutputTokens,
        };
    }

    private Bill BillOf(Exchange exchange, OwnedObjectRecord owned, AnswerMeter meter, decimal? setAside)
    {
        var usage = meter.Finish();
        if (!meter.TellsUsage || !new UsageBounds(owned.MostInputTokens, owned.MostOutputTokens).Allow(usage))
        {
            usage = new TokenUsage(owned.InputTokens, 0, owned.OutputTokens, IsEstimated: true);
        }

        var isTold = meter.IsToldCost(usage);
        var usd = isTold ? usage.ToldUsd : prices.Cost(exchange.Caller!.Project, owned.Provider, owned.Model ?? meter.WorkModel, usage, owned.CreatedAt) ?? setAside;
        return Bill.Of(usage, usd, isTold);
    }
}
