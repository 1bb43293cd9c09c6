using Cencori.Edge.Providers.Forwarding;

namespace Cencori.Edge.Routing;

/// <summary>What a provider's response says of a target, and how callers and other edges are told of it.</summary>
internal static class TargetOutcomes
{
    /// <param name="status">Of the provider's response.</param>
    /// <param name="hint">When it wants to be asked again; null: it did not say.</param>
    /// <param name="cause">What its body says.</param>
    public static TargetOutcome OutcomeOf(int status, TimeSpan? hint, RefusalCause cause = RefusalCause.Unknown) => cause switch
    {
        RefusalCause.QuotaSpent => TargetOutcome.QuotaSpent,
        RefusalCause.Credential => TargetOutcome.CredentialRefused,
        RefusalCause.Model => TargetOutcome.NoSuchModel,
        RefusalCause.TooMuch => TargetOutcome.TooMuch,
        RefusalCause.Request or RefusalCause.TooLong => TargetOutcome.None,
        _ => OutcomeOf(status, hint is not null),
    };

    /// <summary>Of a request, and no fault of its target.</summary>
    public const string TooLong = "too_long";

    /// <summary>From a closed list.</summary>
    public static string NameOf(TargetOutcome outcome) => outcome switch
    {
        TargetOutcome.RateLimited or TargetOutcome.TooMuch or TargetOutcome.Full => "rate_limited",
        TargetOutcome.CredentialRefused or TargetOutcome.Forbidden => "auth",
        TargetOutcome.QuotaSpent => "quota",
        TargetOutcome.Silent => "timeout",
        TargetOutcome.NotThere or TargetOutcome.NoSuchModel => "not_found",
        _ => "server_error",
    };

    /// <summary>What a provider says of an account, which each edge would else have to be told by itself.</summary>
    public static bool IsWorthReporting(TargetOutcome outcome) => outcome is TargetOutcome.RateLimited or TargetOutcome.CredentialRefused or TargetOutcome.QuotaSpent;

    /// <summary>What <see cref="NameOf"/> has said of an outcome that is worth telling. Null: none of them.</summary>
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

        // Nobody follows it.
        < 400 => TargetOutcome.Failed,
        StatusCodes.Status429TooManyRequests => TargetOutcome.RateLimited,
        StatusCodes.Status503ServiceUnavailable or 529 when isHinted => TargetOutcome.RateLimited,
        StatusCodes.Status401Unauthorized => TargetOutcome.CredentialRefused,
        StatusCodes.Status403Forbidden => TargetOutcome.Forbidden,
        StatusCodes.Status404NotFound or StatusCodes.Status405MethodNotAllowed => TargetOutcome.NotThere,
        >= 500 and not StatusCodes.Status508LoopDetected => TargetOutcome.Failed,
        _ => TargetOutcome.None,
    };
}
