namespace Cencori.Edge.RateLimiting;

/// <summary>Which limit stands in the way, and for how long.</summary>
/// <param name="By">A <see cref="LimitName"/>; null when nothing refuses.</param>
/// <param name="RetryAfter">Time until this cost could be paid; null when it never can.</param>
public readonly record struct Refusal(string? By, TimeSpan? RetryAfter)
{
    public static Refusal None { get; }

    /// <summary>
    /// This refusal or the one by <paramref name="limit"/>, whichever holds longer. A <paramref name="wait"/> of zero
    /// is no refusal, null is for ever; of equals, this one stays.
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
