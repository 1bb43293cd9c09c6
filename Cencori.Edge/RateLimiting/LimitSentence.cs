using Cencori.Edge.Errors;
using Cencori.Edge.Projects;

namespace Cencori.Edge.RateLimiting;

/// <summary>Says which limit refuses a request, in the units in which the administrator wrote it.</summary>
internal static class LimitSentence
{
    /// <param name="refused">The refused reservation.</param>
    /// <param name="limits">The limits that refuse the request.</param>
    /// <param name="tokens">Tokens that the request needs; 0: none, or unknown.</param>
    /// <param name="owner">The owner of the limits.</param>
    public static EdgeError Of(RateLimitReservation refused, RateLimits limits, long tokens, string owner = "project") => refused.RefusedBy == LimitName.Unavailable
        ? new(ErrorKind.RateLimitUnavailable, $"The edge cannot check the {owner}'s limits at the moment.") { RetryAfter = refused.RetryAfter }
        : new(ErrorKind.RateLimitExceeded, refused.RetryAfter is null ? TooLarge(refused, limits, tokens, owner) : Reached(refused, limits, tokens, owner))
        {
            Param = refused.RefusedBy,
            RetryAfter = refused.RetryAfter,
            IsFinal = refused.RetryAfter is null,
        };

    private static string Reached(RateLimitReservation refused, RateLimits limits, long tokens, string owner)
    {
        var needed = refused.RefusedBy == LimitName.Tokens && tokens > 0 ? $" This request needs {tokens} tokens, and {refused.Tokens?.Remaining ?? 0} are left." : "";
        return $"The {owner}'s limit of {Limit(refused, limits)} is reached.{needed}";
    }

    private static string TooLarge(RateLimitReservation refused, RateLimits limits, long tokens, string owner) => refused.RefusedBy == LimitName.Tokens && tokens > 0
        ? $"This request needs {tokens} tokens, more than the {owner}'s limit of {Limit(refused, limits)} ever allows, so it can never pass."
        : $"The {owner}'s limit of {Limit(refused, limits)} lets no request pass.";

    private static string Limit(RateLimitReservation refused, RateLimits limits) => refused.RefusedBy switch
    {
        LimitName.Requests => Counted(limits.RequestsPerMinute, "request") + " a minute" + (limits.Burst is { } burst && burst != limits.RequestsPerMinute ? $" (burst {burst})" : ""),
        LimitName.Tokens => Counted(limits.TokensPerMinute, "token") + " a minute",
        _ => Counted(limits.ConcurrentRequests, "request") + " at one time",
    };

    private static string Counted(long? count, string what) => $"{count} {what}{(count == 1 ? "" : "s")}";
}
