using Cencori.Edge.Bodies;
using Cencori.Edge.Errors;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Projects;
using Cencori.Edge.Routing.Selection;

namespace Cencori.Edge.Routing.Attempts;

public sealed partial class AttemptRunner
{
    /// <summary>Reserves room for one attempt in the limits of the credential. Waits if the limits will have room soon.</summary>
    /// <returns>False: the request was refused.</returns>
    internal async ValueTask<bool> TryTakeQuotaAsync(Exchange exchange, RequestContent content, ProviderCredential credential)
    {
        using var queued = new QueuedRequest(exchange) { WaitsFor = [credential.Id] };

        // Joins the queue only if the expected wait behind other requests is short enough. Otherwise the request tries at once to reserve.
        var timeUntilRoom = waiting.TimeUntilRoom(queued.ProjectId, credential.Id, queued.Priority) is { } behind && behind <= CredentialQuota.ShortestWait ? behind : (TimeSpan?)null;
        while (true)
        {
            if (timeUntilRoom is { } wait && !await waiting.TryWaitAsync(queued, wait, CredentialQuota.ShortestWait))
            {
                await exchange.Context.Refuse(CredentialQuota.Refusal(NameOf(credential), wait));
                return false;
            }

            var taken = await quota.TakeAsync(credential, content.ReservedTokens, exchange.Context.RequestAborted);
            if (taken.IsAcquired)
            {
                exchange.NextQuota = taken;
                return true;
            }

            timeUntilRoom = CredentialQuota.TimeUntilRoom(taken);
        }
    }

    /// <summary>Returns the refusal if the credential's limits will have no room soon. Reserves nothing. Null: there may be room.</summary>
    internal EdgeError? QuotaRefusal(ProviderCredential credential, RequestContent content) =>
        quota.MinTimeUntilRoom(credential, content.ReservedTokens) is var wait && wait > CredentialQuota.ShortestWait ? CredentialQuota.Refusal(NameOf(credential), wait) : null;

    private static string NameOf(ProviderCredential credential) => $"its credential for the provider '{credential.Provider}'";

    // Chooses the next target and reserves room in the limits of its credential.
    private async ValueTask<bool> TryChooseAsync(Exchange exchange, RequestContent content, Targets targets, bool isFirst)
    {
        EdgeError? refusal = null;
        var mayTryNow = !isFirst || waiting.Count == 0 || targets.Plan.Limited == 0;
        return (mayTryNow && (refusal = (isFirst ? targets.Begin() : null) ?? await TakeQuotaAsync(exchange, content, targets)) is null)
            || await TryWaitAsync(exchange, content, targets, refusal);
    }

    // Waits until a target has room. "refusal" says why no target can be asked now. Null: no target was tried yet, because other requests wait
    // for room and go first.
    private async ValueTask<bool> TryWaitAsync(Exchange exchange, RequestContent content, Targets targets, EdgeError? refusal)
    {
        using var queued = new QueuedRequest(exchange);
        if (refusal is null)
        {
            targets.MarkFullForQueued(id => waiting.TimeUntilRoom(queued.ProjectId, id, queued.Priority));
            refusal = targets.Begin() ?? await TakeQuotaAsync(exchange, content, targets);
            if (refusal is not null && !(refusal.RetryAfter <= targets.MaxWait(refusal)))
            {
                // The wait behind the requests in the queue would be too long. So this request does not let them go first: it tries at once to reserve room.
                targets.ClearFull();
                refusal = targets.Choose() ?? await TakeQuotaAsync(exchange, content, targets);
            }
        }

        while (refusal is not null)
        {
            queued.WaitsFor = targets.WaitsFor;
            if (!await waiting.TryWaitAsync(queued, refusal.RetryAfter, targets.MaxWait(refusal)))
            {
                await exchange.Context.Refuse(refusal);
                return false;
            }

            targets.ClearFull();
            refusal = targets.Choose() ?? await TakeQuotaAsync(exchange, content, targets);
        }

        return true;
    }

    // Reserves room in the limits of the chosen target's credential. If the limits have no room, chooses the next target.
    private async ValueTask<EdgeError?> TakeQuotaAsync(Exchange exchange, RequestContent content, Targets targets)
    {
        while (targets.Current.Credential is { Limits: not null } credential)
        {
            var taken = await quota.TakeAsync(credential, content.ReservedTokens, exchange.Context.RequestAborted);
            if (taken.IsAcquired)
            {
                exchange.NextQuota = taken;
                break;
            }

            if (targets.SkipCurrent(CredentialQuota.TimeUntilRoom(taken)) is { } refusal)
            {
                return refusal;
            }
        }

        targets.ClearFull();
        return null;
    }
}
