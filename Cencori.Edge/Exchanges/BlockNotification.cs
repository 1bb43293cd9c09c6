using Cencori.Edge.Errors;
using Cencori.Edge.Policies;
using Cencori.Edge.Storage.Requests;

namespace Cencori.Edge.Exchanges;

/// <summary>Notifies a project's webhook of a request or a response that the project's policies blocked.</summary>
internal static class BlockNotification
{
    /// <param name="exchange">Must have ended.</param>
    /// <param name="outcome">The outcome of the exchange.</param>
    /// <param name="events">Sends the notifications.</param>
    public static void Send(Exchange exchange, RequestOutcome outcome, BlockEvents events)
    {
        // A shadow request has no caller who was refused, so it sends nothing.
        if (outcome == RequestOutcome.Filtered && exchange is { Caller: { ShadowOf: null, Project.Policies: { Webhook: { } webhook } set } caller, Policy: { } findings })
        {
            // Without an attempt, the block came from the screening of the input.
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
