using System.Security.Cryptography;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Policies;

/// <summary>The secrets of a project's guardrails: sealed where they are stored, and told to nobody.</summary>
public sealed class GuardrailSecrets(SecretSealer sealer, string projectId)
{
    private const string Prefix = "sealed:";

    internal string ProjectId => projectId;

    /// <summary>A document as it is stored: new secrets are sealed, and where none is given the stored one stays.</summary>
    /// <param name="document">Complete, and checked.</param>
    /// <param name="stored">What it takes the place of.</param>
    public PolicyDocument Seal(PolicyDocument document, PolicyDocument stored) =>
        document.WithGuardrails((rule, guardrail) => guardrail with { Secret = SealedOf(rule, guardrail, Find(stored, rule)), HasSecret = null });

    /// <summary>A document as it is told.</summary>
    public static PolicyDocument Hide(PolicyDocument stored) =>
        stored.WithGuardrails(static (_, guardrail) => guardrail with { Secret = null, HasSecret = guardrail.Secret is null ? null : true });

    /// <summary>Why a document cannot take the place of another one, and the field. Null: it can.</summary>
    public static (string Message, string Field)? Check(PolicyDocument document, PolicyDocument stored)
    {
        for (var i = 0; i < document.Rules.Count; i++)
        {
            if (document.Rules[i].Guardrail is { Secret: null, HasSecret: not false } guardrail)
            {
                var there = Find(stored, document.Rules[i]);
                if (there?.Secret is null && guardrail.HasSecret == true)
                {
                    return ($"rules[{i}] ({document.Rules[i].Name}): there is no stored secret.", $"rules[{i}].guardrail.secret");
                }

                // What was stored for one service would else be sent to whichever is named.
                if (there?.Secret is not null && !IsSameService(guardrail, there))
                {
                    return ($"rules[{i}] ({document.Rules[i].Name}): another server needs the secret again, or has_secret: false.", $"rules[{i}].guardrail.secret");
                }
            }
        }

        return null;
    }

    /// <summary>True where this is the secret that the stored document has for the rule.</summary>
    public bool Is(PolicyDocument stored, PolicyDocument.Rule rule, string secret) => stored.Rules.Find(one => one.Id == rule.Id) is { Guardrail: not null } there && Open(there) == secret;

    internal static bool IsSealed(string secret) => secret.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>Null: there is none, or no master key opens it.</summary>
    internal string? Open(PolicyDocument.Rule rule)
    {
        if (rule.Guardrail?.Secret is not { } secret || !IsSealed(secret))
        {
            return rule.Guardrail?.Secret;
        }

        try
        {
            return secret.Split(':') is [_, var key, var text] ? sealer.Open(Convert.FromBase64String(text), key, OwnerOf(rule)) : null;
        }
        catch (Exception exception) when (exception is CryptographicException or FormatException)
        {
            return null;
        }
    }

    private string? SealedOf(PolicyDocument.Rule rule, GuardrailSettings guardrail, GuardrailSettings? there)
    {
        if (guardrail.Secret is not { } secret)
        {
            return guardrail.HasSecret == false ? null : there?.Secret;
        }

        // The same would be sealed to another text, as if something had changed.
        return there?.Secret is { } stored && Open(rule with { Guardrail = there }) == secret ? stored : $"{Prefix}{sealer.SealKeyId}:{Convert.ToBase64String(sealer.Seal(secret, OwnerOf(rule)))}";
    }

    private static GuardrailSettings? Find(PolicyDocument stored, PolicyDocument.Rule rule) => stored.Rules.Find(one => one.Id == (rule.Id ?? PolicyIds.Of(rule.Name)))?.Guardrail;

    private static bool IsSameService(GuardrailSettings one, GuardrailSettings other) =>
        one.Type == other.Type && one.Url is not null && other.Url is not null && new Uri(one.Url).GetLeftPart(UriPartial.Authority) == new Uri(other.Url).GetLeftPart(UriPartial.Authority);

    private string OwnerOf(PolicyDocument.Rule rule) => $"{projectId}/guardrail/{rule.Id ?? PolicyIds.Of(rule.Name)}";
}
