namespace Cencori.Edge.Policies;

/// <summary>A guardrail: an external service that checks texts for a rule. Has the values of <see cref="GuardrailSettings"/>, or else the defaults.</summary>
public sealed record Guardrail
{
    /// <summary>Maximum number of guardrails of one project. A request calls all of them at the same time.</summary>
    public const int MaxOfProject = 10;

    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(1);

    public required GuardrailType Type { get; init; }

    /// <summary>URL of the service. Null: the project's provider <c>openai</c> is called.</summary>
    public required Uri? Url { get; init; }

    /// <summary>The secret for the service, decrypted. Null: no secret is stored, or <see cref="IsSecretLost"/> is true.</summary>
    public string? Secret { get; init; }

    /// <summary>True when there is a secret that no master key can decrypt.</summary>
    public bool IsSecretLost { get; init; }

    public required TimeSpan Timeout { get; init; }

    /// <summary>
    /// What happens if the service gives no verdict, for example because of a timeout. True: the request or response is blocked. False: it is allowed.
    /// </summary>
    public required bool BlocksOnFailure { get; init; }

    /// <summary>Categories of findings that count as hits. Empty: all categories.</summary>
    public required string[] Categories { get; init; }

    public required double? ScoreThreshold { get; init; }

    public required string Language { get; init; }

    /// <summary>Identifies the circuit breaker of the guardrail. Includes the project, so that each project has its own breaker for a URL.</summary>
    public required string Key { get; init; }

    /// <param name="rule">A rule with guardrail settings.</param>
    /// <param name="action">The action of the rule.</param>
    /// <param name="secrets">Decrypts the secret of the rule.</param>
    internal static Guardrail Of(PolicyDocument.Rule rule, PolicyAction action, PolicySecrets? secrets)
    {
        var settings = rule.Guardrail ?? throw new ArgumentException("A guardrail rule must have guardrail settings.", nameof(rule));
        var secret = secrets?.Open(rule);
        return new()
        {
            Type = settings.Type,
            Url = settings.Url is { } url ? new Uri(url) : null,
            Secret = secret,
            IsSecretLost = settings.Secret is not null && secret is null,
            Timeout = settings.TimeoutMs is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : DefaultTimeout,
            BlocksOnFailure = (settings.OnFailure ?? (action > PolicyAction.Monitor ? GuardrailFailure.Block : GuardrailFailure.Allow)) == GuardrailFailure.Block,
            Categories = [.. settings.Categories ?? []],
            ScoreThreshold = settings.ScoreThreshold,
            Language = settings.Language ?? "en",
            Key = $"{secrets?.ProjectId} {settings.Type} {settings.Url}",
        };
    }
}
