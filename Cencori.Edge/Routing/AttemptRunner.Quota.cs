using Cencori.Edge.Bodies;
using Cencori.Edge.Errors;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Projects;

namespace Cencori.Edge.Routing;

public sealed partial class AttemptRunner
{
    /// <summary>Takes what the one attempt of a request needs of its credential's limits, and waits for it where that is not long.</summary>
    /// <returns>False: the request was refused.</returns>
    internal async ValueTask<bool> TryTakeQuotaAsync(Exchange exchange, RequestContent content, ProviderCredential credential)
    {
        using var waiter = new Waiter(exchange, [credential.Id]);
        var roomIn = waiting.WaitOf(waiter);
        while (true)
        {
            if (roomIn is { } wait && !await waiting.TryWaitAsync(waiter, wait, CredentialQuota.ShortestWait))
            {
                await exchange.Context.Refuse(CredentialQuota.Refusal($"its credential with '{credential.Provider}'", wait));
                return false;
            }

            var taken = await quota.TakeAsync(credential, content.ReservedTokens, exchange.Context.RequestAborted);
            if (taken.IsAcquired)
            {
                exchange.NextQuota = taken;
                return true;
            }

            roomIn = CredentialQuota.RoomIn(taken);
        }
    }

    // Chooses whom to ask first.
    private async ValueTask<bool> TryBeginAsync(Exchange exchange, RequestContent content, Targets targets)
    {
        EdgeError? nobody = null;
        return (waiting.Count == 0 && (nobody = targets.Begin() ?? await TakeQuotaAsync(exchange, content, targets)) is null)
            || await TryWaitAsync(exchange, content, targets, nobody);
    }

    // Null: others may wait for the same, and go before it.
    private async ValueTask<bool> TryWaitAsync(Exchange exchange, RequestContent content, Targets targets, EdgeError? nobody)
    {
        using var waiter = new Waiter(exchange, targets.Plan.WaitedFor);
        nobody ??= waiting.WaitOf(waiter) is { } behind ? targets.Behind(behind) : targets.Begin() ?? await TakeQuotaAsync(exchange, content, targets);
        while (nobody is not null)
        {
            if (!await waiting.TryWaitAsync(waiter, nobody.RetryAfter, targets.MaxWait(nobody)))
            {
                await exchange.Context.Refuse(nobody);
                return false;
            }

            targets.Again();
            nobody = targets.Begin() ?? await TakeQuotaAsync(exchange, content, targets);
        }

        return true;
    }

    // Of whoever is chosen; those that have no room are passed by.
    private async ValueTask<EdgeError?> TakeQuotaAsync(Exchange exchange, RequestContent content, Targets targets)
    {
        while (targets.Current.Credential is { Limits: not null } credential)
        {
            var taken = await quota.TakeAsync(credential, content.ReservedTokens, exchange.Context.RequestAborted);
            if (taken.IsAcquired)
            {
                exchange.NextQuota = taken;
                return null;
            }

            if (targets.PassBy(CredentialQuota.RoomIn(taken)) is { } nobody)
            {
                return nobody;
            }
        }

        return null;
    }
}
