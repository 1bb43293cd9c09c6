using Cencori.Edge.Egress;

namespace Cencori.Edge.Policies;

/// <summary>Validates a guardrail rule.</summary>
internal static class GuardrailChecks
{
    private const int MaxUrl = 2_048;
    private const int MaxCategories = 50;
    private const int MaxCategory = 100;
    private const int MinTimeout = 50;
    private const int MaxTimeout = 10_000;
    private const int MaxLanguage = 10;

    /// <summary>Returns the problem and its field. Null: the rule is valid.</summary>
    public static (string Message, string Field)? Check(PolicyDocument.Rule rule) =>
        rule.Guardrail is not { } guardrail ? ("guardrail is missing.", "guardrail")
        : rule.Allow is not null ? ("allow must be omitted for this kind: the service decides what a hit is.", "allow")
        : guardrail.Type == GuardrailType.OpenaiModeration && rule.Action == PolicyAction.Mask ? ("action must be 'off', 'monitor' or 'block' for the type 'openai_moderation': this service does not report which part of the text to mask.", "action")
        : Check(guardrail) is var (message, field) ? (message, $"guardrail.{field}")
        : null;

    private static (string Message, string Field)? Check(GuardrailSettings guardrail) =>
        guardrail.Url is null && guardrail.Type != GuardrailType.OpenaiModeration ? ("url is missing.", "url")
        : guardrail.Url is { } url && !IsUrl(url) ? ($"url must be an absolute http or https URL of at most {MaxUrl} characters, without user, query, fragment or control characters. Many people can read the url, so it must not contain a secret.", "url")
        : guardrail.Secret is not null && guardrail.Type == GuardrailType.Presidio ? ("secret must be omitted for the type 'presidio'.", "secret")
        : guardrail.Secret is not null && guardrail.Url is null ? ("secret must be omitted if url is omitted: the edge then uses the project's credential for the provider 'openai'.", "secret")
        : guardrail.Secret is { } secret && (!SignedWebhook.IsSecret(secret) || PolicySecrets.IsSealed(secret)) ? ($"secret must have {SignedWebhook.ShortestSecret} to {SignedWebhook.LongestSecret} visible ASCII characters and no spaces.", "secret")
        : guardrail.TimeoutMs is < MinTimeout or > MaxTimeout ? ($"timeout_ms must be from {MinTimeout} to {MaxTimeout}.", "timeout_ms")
        : guardrail.Categories is { } categories && (guardrail.Type == GuardrailType.Http || categories.Count is 0 or > MaxCategories || categories.Exists(static name => name is not { Length: > 0 and <= MaxCategory } || name.Any(char.IsControl)))
            ? ($"categories must have 1 to {MaxCategories} names of 1 to {MaxCategory} characters. It must be omitted for the type 'http'.", "categories")
        : guardrail.ScoreThreshold is { } score && (guardrail.Type == GuardrailType.Http || score is not (>= 0 and <= 1)) ? ("score_threshold must be from 0 to 1. It must be omitted for the type 'http'.", "score_threshold")
        : guardrail.Language is { } language && (guardrail.Type != GuardrailType.Presidio || language.Length is 0 or > MaxLanguage || !language.All(static c => char.IsAsciiLetter(c) || c == '-')) ? ("language must be a language code such as 'en'. It must be omitted for all types other than 'presidio'.", "language")
        : null;

    private static bool IsUrl(string text) =>
        text.Length <= MaxUrl && !text.Any(char.IsControl) && Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is ("http" or "https")
        && url.UserInfo.Length == 0 && url.Query.Length == 0 && url.Fragment.Length == 0 && url.Host.Length > 0;
}
