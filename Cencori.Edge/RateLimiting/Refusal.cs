namespace Cencori.Edge.RateLimiting;

/// <summary>The limit that refuses, and for how long.</summary>
/// <param name="By">A <see cref="LimitName"/>; null if nothing refuses.</param>
/// <param name="RetryAfter">Time until this cost can pass; null: never.</param>
public readonly record struct Refusal(string? By, TimeSpan? RetryAfter)
{
    public static Refusal None { get; }

    /// <summary>
    /// Returns this refusal or the one by <paramref name="limit"/>, whichever lasts longer. A <paramref name="wait"/> of zero
    /// is no refusal, null is for ever. If both are equal, this one stays.
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
