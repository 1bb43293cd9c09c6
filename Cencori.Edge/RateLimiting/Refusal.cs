namespace Cencori.Edge.RateLimiting;

/// <summary>The limit that refuses a request, and for how long.</summary>
/// <param name="By">A <see cref="LimitName"/>; null if nothing refuses.</param>
/// <param name="RetryAfter">Time until the same request can pass. Null: never.</param>
public readonly record struct Refusal(string? By, TimeSpan? RetryAfter)
{
    public static Refusal None { get; }

    /// <summary>
    /// Returns the longer of two refusals. The first is this refusal. The second is the refusal by <paramref name="limit"/>, which lasts for
    /// <paramref name="wait"/>: zero if <paramref name="limit"/> does not refuse, null if the refusal never ends. Returns the first if both last equally long.
    /// </summary>
    public Refusal OrLonger(string limit, TimeSpan? wait)
    {
        if (wait == TimeSpan.Zero)
        {
            return this;
        }

        var longer = By is null || (RetryAfter is { } known && (wait is null || wait > known));
        return longer ? new Refusal(limit, wait) : this;
    }
}
