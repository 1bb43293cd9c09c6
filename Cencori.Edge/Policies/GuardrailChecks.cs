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
        : rule.Allow is not null ? ("allow does not apply to this kind: the service decides what a hit is.", "allow")
        : guardrail.Type == GuardrailType.OpenaiModeration && rule.Action == PolicyAction.Mask ? ("action can be 'off', 'monitor' or 'block': moderation does not report which part of the text to mask.", "action")
        : Check(guardrail) is var (message, field) ? (message, $"guardrail.{field}")
        : null;

    private static (string Message, string Field)? Check(GuardrailSettings guardrail) =>
        guardrail.Url is null && guardrail.Type != GuardrailType.OpenaiModeration ? ("url is missing.", "url")
        : guardrail.Url is { } url && !IsUrl(url) ? ($"url is absolute, http or https, of at most {MaxUrl} characters, without user, query, fragment or control characters, because many people can read it.", "url")
        : guardrail.Secret is not null && guardrail.Type == GuardrailType.Presidio ? ("secret does not apply to this type.", "secret")
        : guardrail.Secret is not null && guardrail.Url is null ? ("secret needs a url: without one, the project's credential for the provider 'openai' is used.", "secret")
        : guardrail.Secret is { } secret && (!SignedWebhook.IsSecret(secret) || PolicySecrets.IsSealed(secret)) ? ($"secret has {SignedWebhook.ShortestSecret} to {SignedWebhook.LongestSecret} visible ASCII characters and no spaces.", "secret")
        : guardrail.TimeoutMs is < MinTimeout or > MaxTimeout ? ($"timeout_ms is {MinTimeout} to {MaxTimeout}.", "timeout_ms")
        : guardrail.Categories is { } categories && (guardrail.Type == GuardrailType.Http || categories.Count is 0 or > MaxCategories || categories.Exists(static name => name is not { Length: > 0 and <= MaxCategory } || name.Any(char.IsControl)))
            ? ($"categories has 1 to {MaxCategories} names of 1 to {MaxCategory} characters, and does not apply to 'http'.", "categories")
        : guardrail.ScoreThreshold is { } score && (guardrail.Type == GuardrailType.Http || score is not (>= 0 and <= 1)) ? ("score_threshold is 0 to 1, and does not apply to 'http'.", "score_threshold")
        : guardrail.Language is { } language && (guardrail.Type != GuardrailType.Presidio || language.Length is 0 or > MaxLanguage || !language.All(static c => char.IsAsciiLetter(c) || c == '-')) ? ("language is a language code such as 'en', and applies only to 'presidio'.", "language")
        : null;

    private static bool IsUrl(string text) =>
        text.Length <= MaxUrl && !text.Any(char.IsControl) && Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is ("http" or "https")
        && url.UserInfo.Length == 0 && url.Query.Length == 0 && url.Fragment.Length == 0 && url.Host.Length > 0;
}
