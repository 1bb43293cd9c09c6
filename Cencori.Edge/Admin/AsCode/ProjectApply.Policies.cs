using System.Text.Json.Nodes;
using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Admin.Policies;
using Cencori.Edge.Policies;

namespace Cencori.Edge.Admin.AsCode;

/// <summary>
/// Plans the policies. If the document has policies, its rules replace all stored rules. The stored webhook stays if the document omits the member
/// <c>webhook</c>, and is removed if this member is null.
/// </summary>
internal sealed partial class ProjectApply
{
    private const string Policies = "policies";
    private const string Webhook = "webhook";

    private async Task PlanPoliciesAsync()
    {
        if (requested.Object(Policies) is not { } part)
        {
            return;
        }

        var stored = current.Id.Length == 0 ? PolicyDocument.None : await editors.Policies.StoredAsync(current.Id);
        var isNamed = part.Members.ContainsKey(Webhook);
        var document = Check(part, rule => Kept(part, rule, stored), webhook => Kept(part, webhook, stored.Webhook)).Complete();
        document = isNamed ? document : document with { Webhook = PolicySecrets.Hide(stored).Webhook };
        var reported = PoliciesAsCode.Of(
            document.WithGuardrails(static (_, guardrail) => guardrail.Secret is null ? guardrail : guardrail with { Secret = PlannedChange.Secret })
                .WithWebhook(static webhook => webhook.Secret is null ? webhook : webhook with { Secret = PlannedChange.Secret }),
            Slug);
        if (isNamed && document.Webhook is null)
        {
            reported[Webhook] = null;
        }
        else if (document.Webhook is { } webhook && webhook.Url != stored.Webhook?.Url)
        {
            // The plan shows a changed URL in full, and an unchanged URL only by its origin.
            reported[Webhook]!["url"] = webhook.Url;
        }

        if (Difference.Of(reported, (JsonObject)Current[Policies]!, ChangeReporter("project", Policies)).Count > 0)
        {
            Do(part, async () => _warnings.AddRange((await editors.Policies.ReplaceAsync(actor, _id, document, Expect(Policies))).Value.Warnings?.Select(warning => $"{part.Path}: {warning}") ?? []));
        }
    }

    private GuardrailSettings Kept(Part part, PolicyDocument.Rule rule, PolicyDocument stored)
    {
        var guardrail = rule.Guardrail!;
        var identified = rule with { Id = rule.Id ?? PolicyIds.Of(rule.Name) };
        var existing = stored.Rules.Find(one => one.Id == identified.Id)?.Guardrail;
        var (secret, hasSecret) = Kept(
            part, $"rule {identified.Id}", "rules", guardrail.Secret, guardrail.HasSecret, existing?.Secret is not null, said => editors.Policies.SecretsOf(current.Id).Is(stored, identified, said));
        return guardrail with { Secret = secret, HasSecret = hasSecret };
    }

    private WebhookSettings Kept(Part part, WebhookSettings webhook, WebhookSettings? existing)
    {
        if (existing is not null && webhook.Url == TrackedChanges.OriginOf(existing.Url))
        {
            webhook = webhook with { Url = existing.Url };
        }
        else if (webhook.Url.EndsWith("/…", StringComparison.Ordinal))
        {
            throw part.Refuse("webhook.url", "This is only the beginning of a URL, and no stored URL begins like this. Write the whole URL.");
        }

        var (secret, hasSecret) = Kept(part, Webhook, Webhook, webhook.Secret, webhook.HasSecret, existing?.Secret is not null, said => editors.Policies.SecretsOf(current.Id).Is(existing!, said));
        return webhook with { Secret = secret, HasSecret = hasSecret };
    }

    // The stored secret stays if the document omits the secret, contains the same secret, or refers to an environment variable that is not set.
    private (string? Secret, bool? HasSecret) Kept(Part part, string owner, string field, string? secret, bool? hasSecret, bool hasStored, Func<string, bool> isStored)
    {
        if (secret is null)
        {
            return (null, hasSecret ?? (hasStored ? true : null));
        }

        if (SecretReference.NameIn(secret) is { } variable)
        {
            if (!hasStored)
            {
                throw part.Refuse(field, $"{secret} has no value, and no secret of the {owner} is stored. Set {variable} in the environment of the apply command.");
            }

            _notes.Add($"{part.Path}: the secret of the {owner} is not changed: {variable} is not set in the environment of the apply command.");
            return (null, true);
        }

        return hasStored && isStored(secret) ? (null, true) : (secret, hasSecret);
    }

    private static PolicyDocument Check(Part part, Func<PolicyDocument.Rule, GuardrailSettings> keptOfRule, Func<WebhookSettings, WebhookSettings> kept)
    {
        var document = part.As<PolicyDocument>();
        try
        {
            PolicyEditor.Check(document.WithGuardrails(static (_, guardrail) => IsReference(guardrail.Secret) ? guardrail with { Secret = null } : guardrail)
                .WithWebhook(static webhook => IsReference(webhook.Secret) ? webhook with { Secret = null } : webhook));
            return document.WithGuardrails((rule, _) => keptOfRule(rule)).WithWebhook(kept);
        }
        catch (RefusedException refused)
        {
            throw part.At(refused);
        }
    }

    private static bool IsReference(string? secret) => secret is not null && SecretReference.NameIn(secret) is not null;
}
