using System.Security.Cryptography;
using Cencori.Edge.Egress;
using Cencori.Edge.Storage.Secrets;

namespace Cencori.Edge.Policies;

/// <summary>Encrypts and decrypts the secrets of a project's policies: those of guardrails and of the webhook. They are encrypted in storage and never returned.</summary>
public sealed class PolicySecrets(SecretSealer sealer, string projectId)
{
    private const string Prefix = MasterKeyCheck.PrefixInDocuments;

    internal string ProjectId => projectId;

    private string WebhookOwner => $"{projectId}/policies/webhook";

    /// <summary>Prepares a document for storage. Encrypts the secrets in the document. Keeps a stored secret that the document omits, unless
    /// <c>has_secret</c> is false.</summary>
    /// <param name="document">The new document, complete and validated.</param>
    /// <param name="stored">The document that it replaces.</param>
    public PolicyDocument Seal(PolicyDocument document, PolicyDocument stored) => document
        .WithGuardrails((rule, guardrail) => guardrail with { Secret = SealedOf(guardrail.Secret, guardrail.HasSecret, Find(stored, rule)?.Secret, OwnerOf(rule)), HasSecret = null })
        .WithWebhook(webhook => webhook with { Secret = SealedOf(webhook.Secret, webhook.HasSecret, stored.Webhook?.Secret, WebhookOwner), HasSecret = null });

    /// <summary>Returns a copy for API responses, without secrets.</summary>
    public static PolicyDocument Hide(PolicyDocument stored) => stored
        .WithGuardrails(static (_, guardrail) => guardrail with { Secret = null, HasSecret = guardrail.Secret is null ? null : true })
        .WithWebhook(static webhook => webhook with { Secret = null, HasSecret = webhook.Secret is null ? null : true });

    /// <summary>Returns why a document cannot replace the stored one, and the field. Null: it can.</summary>
    public static (string Message, string Field)? Check(PolicyDocument document, PolicyDocument stored)
    {
        for (var i = 0; i < document.Rules.Count; i++)
        {
            if (document.Rules[i].Guardrail is { } guardrail)
            {
                var existing = Find(stored, document.Rules[i]);
                if (Check(guardrail.Secret, guardrail.HasSecret, existing?.Secret, existing is not null && existing.Type == guardrail.Type && ServerAddress.IsSame(guardrail.Url, existing.Url)) is { } problem)
                {
                    return ($"rules[{i}] ({document.Rules[i].Name}): {problem}", $"rules[{i}].guardrail.secret");
                }
            }
        }

        return document.Webhook is { } webhook && Check(webhook.Secret, webhook.HasSecret, stored.Webhook?.Secret, ServerAddress.IsSame(webhook.Url, stored.Webhook?.Url)) is { } wrong ? ($"webhook: {wrong}", "webhook.secret") : null;
    }

    /// <summary>True when <paramref name="secret"/> equals the stored secret of the rule.</summary>
    public bool Is(PolicyDocument stored, PolicyDocument.Rule rule, string secret) => stored.Rules.Find(one => one.Id == rule.Id) is { Guardrail: not null } existing && Open(existing) == secret;

    /// <summary>True when <paramref name="secret"/> equals the stored secret of the webhook.</summary>
    public bool Is(WebhookSettings stored, string secret) => Open(stored) == secret;

    internal static bool IsSealed(string secret) => secret.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>Decrypts a secret. Null: there is none, or no master key can decrypt it.</summary>
    internal string? Open(PolicyDocument.Rule rule) => Open(rule.Guardrail?.Secret, OwnerOf(rule));

    /// <inheritdoc cref="Open(PolicyDocument.Rule)"/>
    internal string? Open(WebhookSettings webhook) => Open(webhook.Secret, WebhookOwner);

    private string? Open(string? secret, string owner)
    {
        if (secret is null || !IsSealed(secret))
        {
            return secret;
        }

        try
        {
            return secret.Split(':') is [_, var key, var text] ? sealer.Open(Convert.FromBase64String(text), key, owner) : null;
        }
        catch (Exception exception) when (exception is CryptographicException or FormatException)
        {
            return null;
        }
    }

    private static string? Check(string? secret, bool? hasSecret, string? stored, bool isSameServer) =>
        secret is not null || hasSecret == false ? null
        : stored is null ? hasSecret == true ? "no secret is stored: send the secret, or omit has_secret." : null

        // If a user could change the server without sending the secret again, the edge would send the stored secret to any server.
        : isSameServer ? null : "for another server, send the secret again, or send has_secret: false.";

    private string? SealedOf(string? secret, bool? hasSecret, string? stored, string owner) =>
        secret is null ? hasSecret == false ? null : stored

        // Keeps the stored text if the secret is the same. Encrypting it again would give another text, and would look like a change.
        : stored is not null && Open(stored, owner) == secret ? stored
        : $"{Prefix}{sealer.SealKeyId}:{Convert.ToBase64String(sealer.Seal(secret, owner))}";

    private static GuardrailSettings? Find(PolicyDocument stored, PolicyDocument.Rule rule) => stored.Rules.Find(one => one.Id == (rule.Id ?? PolicyIds.Of(rule.Name)))?.Guardrail;

    private string OwnerOf(PolicyDocument.Rule rule) => $"{projectId}/guardrail/{rule.Id ?? PolicyIds.Of(rule.Name)}";
}
