namespace Cencori.Edge.Routing;

/// <summary>What a provider's status says of a target, and how callers are told of it.</summary>
internal static class TargetWords
{
    /// <param name="status">Of the provider's response.</param>
    /// <param name="hint">When it wants to be asked again; null: it did not say.</param>
    public static TargetOutcome OutcomeOf(int status, TimeSpan? hint) => status switch
    {
        < 400 => TargetOutcome.Begun,
        StatusCodes.Status429TooManyRequests => TargetOutcome.RateLimited,
        StatusCodes.Status503ServiceUnavailable or 529 when hint is not null => TargetOutcome.RateLimited,
        StatusCodes.Status401Unauthorized => TargetOutcome.CredentialRefused,
        StatusCodes.Status403Forbidden => TargetOutcome.Forbidden,
        StatusCodes.Status404NotFound => TargetOutcome.NotThere,
        >= 500 and not StatusCodes.Status508LoopDetected => TargetOutcome.Failed,
        _ => TargetOutcome.None,
    };

    /// <summary>From a closed list.</summary>
    public static string NameOf(TargetOutcome outcome) => outcome switch
    {
        TargetOutcome.RateLimited => "rate_limited",
        TargetOutcome.CredentialRefused or TargetOutcome.Forbidden => "auth",
        TargetOutcome.NotThere => "not_found",
        _ => "server_error",
    };
}
