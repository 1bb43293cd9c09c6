using Cencori.Edge.Bodies;
using Cencori.Edge.Bodies.Splicing;
using Cencori.Edge.Errors;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Policies;
using Cencori.Edge.Screening.Documents;
using Cencori.Edge.Screening.Guardrails;

namespace Cencori.Edge.Screening;

/// <summary>Asks guardrails, after all other checks and before any provider is called.</summary>
public sealed partial class InputScreen
{
    internal GuardrailClient Guardrails => _guardrails;

    private async Task<EdgeError?> AskAsync(Exchange exchange, Pending pending, PolicyFindings findings)
    {
        var from = _time.GetTimestamp();
        try
        {
            var caller = exchange.Caller!;
            var verdicts = await exchange.Clock.WaitForGuardrailsAsync(_guardrails.CheckAsync(pending.Request.GuardrailRequests, isResponse: false, caller.Project, caller.Key.Environment, isTrial: false, exchange.Context.RequestAborted));
            var splices = pending.Request.Settle(verdicts, findings);
            if (findings.Blocks)
            {
                return Violation(exchange, findings, isOutput: false);
            }

            if (findings.HasGuardrailFailure)
            {
                return GuardrailFailure();
            }

            foreach (var splice in splices)
            {
                pending.Replace(splice);
            }

            return null;
        }
        finally
        {
            findings.GuardrailMicroseconds += (long)_time.GetElapsedTime(from).TotalMicroseconds;
            _meters.Record(findings, isOutput: false);
        }
    }

    /// <summary>The error of a request or response whose guardrail check failed.</summary>
    internal static EdgeError GuardrailFailure() => new(ErrorKind.PolicyUnavailable, "A guardrail check of this project failed. Without the check, the edge lets no content pass.") { RetryAfter = TimeSpan.FromSeconds(1) };

    // Prepares the requests to guardrails. If no guardrail has to be asked, changes the body at once and returns null.
    private static Pending? Prepare(Exchange exchange, PolicySet set, BodyScreen screen, ReadOnlySpan<byte> body, Func<ByteRange, bool> isModel, List<Splice>? splices, Action<Splice> replace)
    {
        if (set.Guardrails.Length > 0)
        {
            screen.Texts.RemoveAll(text => isModel(text.Range));

            // Text of a stored prompt counts as user text, because it contains values that callers send.
            Func<PolicyRoles, PolicyRoles> roleOf = exchange.Prompt is null ? static role => role : static role => role == PolicyRoles.System ? PolicyRoles.User : role;
            if (GuardedBody.OfRequest(set, screen, body, splices ?? [], exchange.Endpoint.Operation == Endpoints.Operation.Embeddings, roleOf) is { } request)
            {
                return new(request, replace);
            }
        }

        foreach (var splice in splices ?? [])
        {
            replace(splice);
        }

        return null;
    }

    /// <param name="Request">The requests to guardrails.</param>
    /// <param name="Replace">Applies a change to the body.</param>
    private sealed record Pending(GuardedBody Request, Action<Splice> Replace);
}
