using Cencori.Edge.Budgets;
using Cencori.Edge.Metering;
using Cencori.Edge.Owners;
using Cencori.Edge.Pricing;
using Cencori.Edge.Providers.Forwarding;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Exchanges;

/// <summary>
/// Handles work that a provider continues in the background after its response. The budget reservation of the work stays, and is stored under
/// the id that the response reports. The first response that shows the end of the work, on any edge, is billed with the cost.
/// </summary>
public sealed class BackgroundWork(OwnedObjects objects, StoredObjects stored, BudgetLedger budgets, Prices prices)
{
    /// <summary>Records what the response has reported so far about background work and stored objects.</summary>
    public async Task NoteAsync(Exchange exchange)
    {
        var attempt = exchange.Last!;
        if (attempt.Meter is { WorkId: { } id } meter)
        {
            if (attempt.IsStatusRead)
            {
                await NoteStatusAsync(exchange, attempt, meter, id);
            }
            else if (exchange.Work is WorkState.None && attempt.ReportsWork)
            {
                exchange.Owned = RecordOf(exchange, attempt, id);
                exchange.Work = await objects.AddAsync(exchange.Owned) ? WorkState.Open : WorkState.OfAnother;
            }
            else if (exchange.Work is WorkState.Open && meter.IsWorkOver && (meter.ReportsUsage || attempt.HasEnded))
            {
                // If another response showed the end of the work earlier, that response is billed.
                exchange.Work = await objects.TryCloseAsync(exchange.Owned!) ? WorkState.Over : WorkState.Seen;
            }

            await NoteStoredAsync(exchange, attempt, id);
        }

        if (attempt.End != AttemptEnd.None)
        {
            exchange.End();
        }
    }

    /// <summary>Records and settles an exchange that is over, even if its response is incomplete. Does nothing if the exchange is settled.</summary>
    public async Task EndAsync(Exchange exchange)
    {
        if (!exchange.IsSettled)
        {
            exchange.CloseMeters();
            await NoteAsync(exchange);
            exchange.End();
        }
    }

    /// <summary>True: the request's path asks for the object with this id. False: the response only mentions the object.</summary>
    internal static bool IsAskedFor(string id, string? path)
    {
        if (path is null || path.Contains('%', StringComparison.Ordinal))
        {
            return false;
        }

        var requested = path.AsSpan().TrimEnd('/');
        requested = requested.EndsWith("/cancel", StringComparison.OrdinalIgnoreCase) ? requested[..^"/cancel".Length] : requested;
        return requested[(requested.LastIndexOf('/') + 1)..].SequenceEqual(id);
    }

    // Records which credential stored an object that is not background work. NoteAsync records background work.
    private Task NoteStoredAsync(Exchange exchange, Attempt attempt, string id)
    {
        if (exchange.IsStoredElsewhere is not { } isNotDefaultTarget || (attempt is { BeginsBackgroundWork: true, End: AttemptEnd.None } && exchange.Work is WorkState.None))
        {
            return Task.CompletedTask;
        }

        exchange.IsStoredElsewhere = null;
        if (exchange.Owned is { } owned)
        {
            stored.Remember(owned);
            return Task.CompletedTask;
        }

        var caller = exchange.Caller!;
        return stored.AddAsync(
            new()
            {
                ProjectId = caller.Project.Id,
                Provider = attempt.Provider.Id,
                CredentialId = attempt.Credential?.Id,
                ObjectId = id,
                KeyId = caller.Key.Id,
                Environment = caller.Key.Environment,
                RequestId = exchange.Context.TraceIdentifier,
                Model = attempt.Model,
                CreatedAt = exchange.ArrivedAt,
                ClosedAt = exchange.ArrivedAt,
            },
            isNotDefaultTarget);
    }

    private async Task NoteStatusAsync(Exchange exchange, Attempt attempt, ResponseMeter meter, string id)
    {
        var caller = exchange.Caller!;
        if (exchange.Work is not WorkState.None || !attempt.ReportsWork)
        {
            return;
        }

        exchange.Work = WorkState.Seen;
        if (!IsAskedFor(id, exchange.Rest.Value)
            || await objects.FindOpenAsync(caller.Project.Id, caller.Key.Environment, attempt.Provider.Id, id) is not { } owned)
        {
            return;
        }

        // Reads the spend so far first, because TryCloseAsync changes the stored spend.
        var exchangeSpend = await budgets.BeginExchangeAsync(caller.Project, owned.KeyId, owned.CreatedAt);
        if (await objects.TryCloseAsync(owned))
        {
            var reserved = owned.Picodollars is { } picodollars ? Picodollars.ToUsd(picodollars) : (decimal?)null;
            var bill = BillOf(exchange, owned, meter, reserved);
            exchange.Pay(bill, owned.KeyId, owned.Model ?? meter.WorkModel);
            exchangeSpend(reserved ?? 0, bill.CostUsd ?? 0);
        }
    }

    private static OwnedObjectRecord RecordOf(Exchange exchange, Attempt attempt, string id)
    {
        var (caller, content, reserved) = (exchange.Caller!, exchange.Content!, attempt.Meter!.ReservedUsage);
        var isUnknown = exchange.Endpoint.BeginsBackgroundWork;
        return new()
        {
            ProjectId = caller.Project.Id,
            Provider = attempt.Provider.Id,
            CredentialId = attempt.Credential?.Id,
            ObjectId = id,
            KeyId = caller.Key.Id,
            Environment = caller.Key.Environment,
            RequestId = exchange.Context.TraceIdentifier,
            ServiceTier = reserved.ServiceTier,

            // Null where the request's model does not set the price: the input file of a batch names the model, and training has another price than use.
            Model = isUnknown ? null : attempt.Model,
            CreatedAt = exchange.ArrivedAt,
            InputTokens = reserved.PromptTokens,
            OutputTokens = reserved.CompletionTokens,
            Picodollars = Bill.OfReserved(attempt).CostUsd is { } usd ? Picodollars.FromUsd(usd) : null,
            MostInputTokens = isUnknown ? long.MaxValue : content.MostInputTokens,
            MostOutputTokens = isUnknown ? long.MaxValue : content.MostOutputTokens,
        };
    }

    private Bill BillOf(Exchange exchange, OwnedObjectRecord owned, ResponseMeter meter, decimal? reserved)
    {
        var usage = meter.Finish();
        if (!meter.ReportsUsage || !new UsageBounds(owned.MostInputTokens, owned.MostOutputTokens).Allow(usage))
        {
            return Bill.Of(new TokenUsage(owned.InputTokens, 0, owned.OutputTokens, IsEstimated: true), reserved, isReported: false);
        }

        usage = meter.ReportsTier ? usage : usage with { ServiceTier = owned.ServiceTier };
        var isReported = meter.IsCostReported(usage);
        return Bill.Of(usage, isReported ? usage.ReportedUsd : prices.Cost(exchange.Caller!.Project, owned.Provider, owned.Model ?? meter.WorkModel, usage, owned.CreatedAt) ?? reserved, isReported);
    }
}

/// <summary>The state of background work, as the response of an exchange shows it.</summary>
internal enum WorkState
{
    /// <summary>There is no background work, or nothing is known about it yet.</summary>
    None,

    /// <summary>The work continues, and this exchange has recorded it.</summary>
    Open,

    /// <summary>The work continues, and an earlier request pays for it.</summary>
    OfAnother,

    /// <summary>The response showed the end of the work that its own request began, and is billed.</summary>
    Over,

    /// <summary>The response showed the end of the work. Another response is billed for it, or <see cref="Exchange.Pay"/> sets the bill of this one.</summary>
    Seen,
}
