using Cencori.Edge.Providers.Forwarding.Refusals;

namespace Cencori.Edge.Routing.Health;

/// <summary>Maps responses of providers to outcomes, and outcomes to the names that callers and other edges get.</summary>
internal static class TargetOutcomes
{
    /// <param name="status">The status of the provider's response.</param>
    /// <param name="hint">How long the provider asks to wait before a retry. Null: it did not say.</param>
    /// <param name="cause">The cause found in the response body.</param>
    public static TargetOutcome OutcomeOf(int status, TimeSpan? hint, RefusalCause cause = RefusalCause.Unknown) => cause switch
    {
        RefusalCause.QuotaSpent => TargetOutcome.QuotaSpent,
        RefusalCause.Credential => TargetOutcome.CredentialRefused,
        RefusalCause.Model => TargetOutcome.NoSuchModel,
        RefusalCause.ExceedsQuota => TargetOutcome.ExceedsQuota,
        RefusalCause.Unsupported => TargetOutcome.Unsupported,
        RefusalCause.Request or RefusalCause.TooLong => TargetOutcome.None,
        _ => OutcomeOf(status, hint is not null),
    };

    /// <summary>The reason for failover when the request exceeds the model's context. It is no outcome, because the target is not at fault.</summary>
    public const string TooLong = "too_long";

    /// <summary>The name of an outcome, from a closed list.</summary>
    public static string NameOf(TargetOutcome outcome) => outcome switch
    {
        TargetOutcome.RateLimited or TargetOutcome.ExceedsQuota or TargetOutcome.Full => "rate_limited",
        TargetOutcome.CredentialRefused or TargetOutcome.Forbidden => "auth",
        TargetOutcome.QuotaSpent => "quota",
        TargetOutcome.Silent => "timeout",
        TargetOutcome.NotFound or TargetOutcome.NoSuchModel or TargetOutcome.Unsupported => "not_found",
        _ => "server_error",
    };

    /// <summary>Whether to publish the outcome to other edges: outcomes about the account, which each edge would otherwise learn by a failure of its own.</summary>
    public static bool IsWorthReporting(TargetOutcome outcome) => outcome is TargetOutcome.RateLimited or TargetOutcome.CredentialRefused or TargetOutcome.QuotaSpent;

    /// <summary>The outcome for a published name. Null: the name is unknown.</summary>
    public static TargetOutcome? OutcomeFrom(string name) => name switch
    {
        "rate_limited" => TargetOutcome.RateLimited,
        "auth" => TargetOutcome.CredentialRefused,
        "quota" => TargetOutcome.QuotaSpent,
        _ => null,
    };

    private static TargetOutcome OutcomeOf(int status, bool isHinted) => status switch
    {
        < 300 => TargetOutcome.Started,

        // A redirect counts as a failure, because the edge follows none.
        < 400 => TargetOutcome.Failed,
        StatusCodes.Status429TooManyRequests => TargetOutcome.RateLimited,
        StatusCodes.Status503ServiceUnavailable or 529 when isHinted => TargetOutcome.RateLimited,
        StatusCodes.Status401Unauthorized => TargetOutcome.CredentialRefused,
        StatusCodes.Status403Forbidden => TargetOutcome.Forbidden,
        StatusCodes.Status404NotFound or StatusCodes.Status405MethodNotAllowed => TargetOutcome.NotFound,
        >= 500 and not StatusCodes.Status508LoopDetected => TargetOutcome.Failed,
        _ => TargetOutcome.None,
    };
}
