using System.Text.Json.Nodes;
using Cencori.Edge.Admin.Policies;
using Cencori.Edge.Policies;

namespace Cencori.Edge.Admin.AsCode;

/// <summary>Its policies: where the document names them, all rules are what it says.</summary>
internal sealed partial class ProjectApply
{
    private const string Policies = "policies";

    private async Task PlanPoliciesAsync()
    {
        if (wanted.Object(Policies) is not { } part)
        {
            return;
        }

        var stored = current.Id.Length == 0 ? PolicyDocument.None : await editors.Policies.StoredAsync(current.Id);
        var document = Check(part, rule => Kept(part, rule, stored)).Complete();
        var told = PoliciesAsCode.Of(document.WithGuardrails((_, guardrail) => guardrail.Secret is null ? guardrail : guardrail with { Secret = PlannedChange.Secret }), Slug);
        if (Difference.Of(told, (JsonObject)Current[Policies]!, Tell("project", Policies)).Count > 0)
        {
            Do(part, async () => _warnings.AddRange((await editors.Policies.ReplaceAsync(actor, _id, document, Expect(Policies))).Value.Warnings?.Select(warning => $"{part.Path}: {warning}") ?? []));
        }
    }

    // A reference, or the very secret that is stored: it stays.
    private GuardrailSettings Kept(Part part, PolicyDocument.Rule rule, PolicyDocument stored)
    {
        var guardrail = rule.Guardrail!;
        var identified = rule with { Id = rule.Id ?? PolicyIds.Of(rule.Name) };
        var there = stored.Rules.Find(one => one.Id == identified.Id)?.Guardrail;
        if (guardrail.Secret is null)
        {
            return guardrail with { HasSecret = guardrail.HasSecret ?? (there?.Secret is null ? null : true) };
        }

        if (Reference.NameIn(guardrail.Secret) is { } variable)
        {
            if (there?.Secret is null)
            {
                throw part.Refuse("rules", $"{guardrail.Secret} is not known here, and the rule {identified.Id} has no stored one. Set {variable} where apply runs.");
            }

            _notes.Add($"{part.Path}: the secret of {identified.Id} stays as it is: {variable} is not set where apply runs.");
            return guardrail with { Secret = null, HasSecret = true };
        }

        return there?.Secret is not null && editors.Policies.SecretsOf(current.Id).Is(stored, identified, guardrail.Secret) ? guardrail with { Secret = null, HasSecret = true } : guardrail;
    }

    private static PolicyDocument Check(Part part, Func<PolicyDocument.Rule, GuardrailSettings> kept)
    {
        var document = part.As<PolicyDocument>();
        try
        {
            PolicyEditor.Check(document.WithGuardrails(static (_, guardrail) => guardrail.Secret is { } secret && Reference.NameIn(secret) is not null ? guardrail with { Secret = null } : guardrail));
            return document.WithGuardrails((rule, _) => kept(rule));
        }
        catch (RefusedException refused)
        {
            throw part.At(refused);
        }
    }
}
