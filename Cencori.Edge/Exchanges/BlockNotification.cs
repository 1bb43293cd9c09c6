using Cencori.Edge.Errors;
using Cencori.Edge.Policies;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Exchanges;

/// <summary>Has a project's webhook told of a request or a response that its policies did not let pass.</summary>
internal static class BlockNotification
{
    /// <param name="exchange">When everything about it is over.</param>
    /// <param name="outcome">Of it.</param>
    /// <param name="events">Where it goes.</param>
    public static void Tell(Exchange exchange, RequestOutcome outcome, BlockEvents events)
    {
        // Of a shadow nobody has asked for, and nobody has been refused.
        if (outcome == RequestOutcome.Filtered && exchange is { Caller: { ShadowOf: null, Project.Policies: { Webhook: { } webhook } set } caller, Policy: { } findings })
        {
            // What comes in is looked at before anybody is asked.
            var stage = exchange.Attempts.Count == 0 ? "input" : "output";
            events.Write(webhook, new()
            {
                At = exchange.Clock.Time.GetUtcNow(),
                ProjectId = caller.Project.Id,
                RequestId = exchange.Context.TraceIdentifier,
                KeyId = caller.Key.Id,
                AgentId = exchange.Agent?.Id,
                Environment = caller.Key.Environment.ToString().ToLowerInvariant(),
                Endpoint = exchange.Caller?.RecordedAs ?? exchange.Endpoint.Name,
                Model = RefusalText.Model(exchange) is { } model && !set.Finds(model) ? model : null,
                Stage = stage,
                Reasons = ReasonsOf(exchange, findings),
                Rules = [.. findings.ToRecord().Hits.Where(hit => hit.Stage == stage).Select(BlockEvent.RuleHit.Of)],
            });
        }
    }

    private static IReadOnlyList<string> ReasonsOf(Exchange exchange, PolicyFindings findings) =>
        (exchange.Refusal is { Kind: var kind } refusal && kind == ErrorKind.PolicyViolation ? refusal : exchange.Last?.Fault)?.Reasons ?? findings.Reasons();
}
