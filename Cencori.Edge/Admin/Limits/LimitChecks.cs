using Cencori.Edge.Errors;
using Cencori.Edge.Projects;

namespace Cencori.Edge.Admin.Limits;

/// <summary>Checks rate limits in request bodies.</summary>
internal static class LimitChecks
{
    // Maximum value of a limit. The rate limiter counts a permit as 600 million units in a 64-bit number, so larger limits could overflow.
    private const long Max = 1_000_000_000;

    /// <param name="limits">The limits to check.</param>
    /// <param name="below">Path of the limits in the body, as a prefix for the error. Empty: the limits are the body itself.</param>
    /// <returns>The error. Null: the limits are valid.</returns>
    public static EdgeError? Of(RateLimits limits, string below = "")
    {
        var fields = new (string Name, long? Value)[]
        {
            ("requests_per_minute", limits.RequestsPerMinute),
            ("burst", limits.Burst),
            ("tokens_per_minute", limits.TokensPerMinute),
            ("concurrent_requests", limits.ConcurrentRequests),
        };
        foreach (var (name, value) in fields)
        {
            if (value is < 1 or > Max)
            {
                return EdgeError.Invalid($"{name} must be 1 to {Max}, or null for unlimited.", below + name);
            }
        }

        return limits is { Burst: not null, RequestsPerMinute: null }
            ? EdgeError.Invalid("burst must not be set without requests_per_minute, which refills the bucket.", below + "burst")
            : null;
    }
}
