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
        using var queued = new QueuedRequest(exchange) { WaitsFor = [credential.Id] };

        // Whoever would have to wait behind others for too long tries at once.
        var roomIn = waiting.RoomIn(queued.ProjectId, credential.Id, queued.Priority) is { } behind && behind <= CredentialQuota.ShortestWait ? behind : (TimeSpan?)null;
        while (true)
        {
            if (roomIn is { } wait && !await waiting.TryWaitAsync(queued, wait, CredentialQuota.ShortestWait))
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

            roomIn = CredentialQuota.RoomIn(taken);
        }
    }

    /// <summary>Why there is no room in the limits of a credential soon enough, as far as that is known without taking anything. Null: there may be.</summary>
    internal EdgeError? NoRoomFor(ProviderCredential credential, RequestContent content) =>
        quota.FullFor(credential, content.ReservedTokens) is var wait && wait > CredentialQuota.ShortestWait ? CredentialQuota.Refusal(NameOf(credential), wait) : null;

    private static string NameOf(ProviderCredential credential) => $"its credential with '{credential.Provider}'";

    // Chooses whom to ask, and takes what that needs.
    private async ValueTask<bool> TryChooseAsync(Exchange exchange, RequestContent content, Targets targets, bool isFirst)
    {
        EdgeError? nobody = null;
        var isAlone = !isFirst || waiting.Count == 0 || targets.Plan.Limited == 0;
        return (isAlone && (nobody = (isFirst ? targets.Begin() : null) ?? await TakeQuotaAsync(exchange, content, targets)) is null)
            || await TryWaitAsync(exchange, content, targets, nobody);
    }

    // Null: others may wait for room, and go before it.
    private async ValueTask<bool> TryWaitAsync(Exchange exchange, RequestContent content, Targets targets, EdgeError? nobody)
    {
        using var queued = new QueuedRequest(exchange);
        if (nobody is null)
        {
            targets.LetPass(id => waiting.RoomIn(queued.ProjectId, id, queued.Priority));
            nobody = targets.Begin() ?? await TakeQuotaAsync(exchange, content, targets);
            if (nobody is not null && !(nobody.RetryAfter <= targets.MaxWait(nobody)))
            {
                // It would have to wait behind others for too long, and tries at once.
                targets.Again();
                nobody = targets.Choose() ?? await TakeQuotaAsync(exchange, content, targets);
            }
        }

        while (nobody is not null)
        {
            queued.WaitsFor = targets.WaitsFor;
            if (!await waiting.TryWaitAsync(queued, nobody.RetryAfter, targets.MaxWait(nobody)))
            {
                await exchange.Context.Refuse(nobody);
                return false;
            }

            targets.Again();
            nobody = targets.Choose() ?? await TakeQuotaAsync(exchange, content, targets);
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
                break;
            }

            if (targets.PassBy(CredentialQuota.RoomIn(taken)) is { } nobody)
            {
                return nobody;
            }
        }

        targets.Again();
        return null;
    }
}
