using Cencori.Edge.Policies;

namespace Cencori.Edge.Admin.Policies;

/// <summary>Warnings about side effects of policies.</summary>
internal static class PolicyWarnings
{
    /// <returns>Null: no warnings.</returns>
    public static List<string>? Of(PolicyDocument document)
    {
        var active = document.Rules.FindAll(static rule => rule.Action != PolicyAction.Off);
        var warnings = new List<string>();
        if (active.Exists(static rule => rule.Action > PolicyAction.Monitor) && document.UnscannedEndpoints == UnscannedRule.Block)
        {
            warnings.Add("The action of a rule is mask, tokenize or block. So requests whose content no rule can scan are refused: files, batches, fine-tuning, WebSockets. To let them pass, set unscanned_endpoints to allow.");
        }

        if (active.Exists(static rule => rule is { Kind: PolicyKind.Pattern, Action: > PolicyAction.Monitor, Stage: not PolicyStage.Input }))
        {
            warnings.Add("A pattern delays every stream by max_match characters, because a match at the end of the received text may still be incomplete.");
        }

        if (active.Exists(static rule => rule is { Kind: PolicyKind.Guardrail, Action: > PolicyAction.Monitor, Stage: PolicyStage.Output or PolicyStage.Both }))
        {
            warnings.Add("A guardrail of responses holds back streams: the guardrail checks about 400 characters at a time, and the caller gets them only after the guardrail's verdict.");
        }

        if (active.Exists(static rule => rule is { Action: > PolicyAction.Monitor, Guardrail.OnFailure: GuardrailFailure.Allow }))
        {
            warnings.Add("The on_failure of a guardrail is allow. If the guardrail fails, it lets requests pass unchecked.");
        }

        if (document.Webhook is { HasSecret: not true })
        {
            warnings.Add("The webhook has no secret, so its receiver cannot verify the sender.");
        }

        return warnings.Count == 0 ? null : warnings;
    }
}
