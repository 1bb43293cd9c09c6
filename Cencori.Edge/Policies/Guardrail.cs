namespace Cencori.Edge.Policies;

/// <summary>A service that a rule asks, as requests meet it.</summary>
public sealed record Guardrail
{
    /// <summary>Of one project at most. They are all asked at the same time.</summary>
    public const int MaxOfProject = 10;

    private static readonly TimeSpan UsualTimeout = TimeSpan.FromSeconds(1);

    public required GuardrailType Type { get; init; }

    /// <summary>Null: at the provider <c>openai</c>.</summary>
    public required Uri? Url { get; init; }

    /// <summary>Null: there is none, or <see cref="IsSecretLost"/>.</summary>
    public string? Secret { get; init; }

    /// <summary>There is a secret, and no master key opens it.</summary>
    public bool IsSecretLost { get; init; }

    public required TimeSpan Timeout { get; init; }

    /// <summary>Else what it could not be asked about passes.</summary>
    public required bool BlocksOnFailure { get; init; }

    /// <summary>Empty: all.</summary>
    public required string[] Categories { get; init; }

    public required double? ScoreThreshold { get; init; }

    public required string Language { get; init; }

    /// <summary>By which its state is known: a project's own, whoever else has the same address.</summary>
    public required string Key { get; init; }

    /// <param name="rule">Of the kind.</param>
    /// <param name="action">The rule's.</param>
    /// <param name="secrets">Opens its secret.</param>
    internal static Guardrail Of(PolicyDocument.Rule rule, PolicyAction action, PolicySecrets? secrets)
    {
        var settings = rule.Guardrail ?? throw new ArgumentException("A guardrail says nothing of itself.", nameof(rule));
        var secret = secrets?.Open(rule);
        return new()
        {
            Type = settings.Type,
            Url = settings.Url is { } url ? new Uri(url) : null,
            Secret = secret,
            IsSecretLost = settings.Secret is not null && secret is null,
            Timeout = settings.TimeoutMs is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : UsualTimeout,
            BlocksOnFailure = (settings.OnFailure ?? (action > PolicyAction.Monitor ? GuardrailFailure.Block : GuardrailFailure.Allow)) == GuardrailFailure.Block,
            Categories = [.. settings.Categories ?? []],
            ScoreThreshold = settings.ScoreThreshold,
            Language = settings.Language ?? "en",
            Key = $"{secrets?.ProjectId} {settings.Type} {settings.Url}",
        };
    }
}
