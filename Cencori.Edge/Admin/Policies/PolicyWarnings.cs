using Cencori.Edge.Policies;

namespace Cencori.Edge.Admin.Policies;

/// <summary>What somebody should know who has set policies.</summary>
internal static class PolicyWarnings
{
    /// <returns>Null: there is nothing.</returns>
    public static List<string>? Of(PolicyDocument document)
    {
        var active = document.Rules.FindAll(static rule => rule.Action != PolicyAction.Off);
        var warnings = new List<string>();
        if (active.Exists(static rule => rule.Action > PolicyAction.Monitor) && document.UnscannedEndpoints == UnscannedRule.Block)
        {
            warnings.Add("A rule does more than count, so requests that no rule can look into are refused: files, batches, fine-tuning, WebSockets. unscanned_endpoints: allow lets them pass.");
        }

        if (active.Exists(static rule => rule is { Kind: PolicyKind.Pattern, Action: > PolicyAction.Monitor, Stage: not PolicyStage.Input }))
        {
            warnings.Add("A pattern holds back max_match characters of every stream, as nobody can say what it could still find.");
        }

        if (active.Exists(static rule => rule is { Kind: PolicyKind.Guardrail, Action: > PolicyAction.Monitor, Stage: PolicyStage.Output or PolicyStage.Both }))
        {
            warnings.Add("A guardrail of answers holds back streams: it is asked about some 400 characters at a time, and nobody reads them before it has answered.");
        }

        if (active.Exists(static rule => rule is { Action: > PolicyAction.Monitor, Guardrail.OnFailure: GuardrailFailure.Allow }))
        {
            warnings.Add("A guardrail lets pass what it could not be asked about: on_failure is allow.");
        }

        if (document.Webhook is { HasSecret: not true })
        {
            warnings.Add("The webhook has no secret, so that its receiver cannot tell who sends.");
        }

        return warnings.Count == 0 ? null : warnings;
    }
}
