namespace Cencori.Edge.Routing.Health;

/// <summary>Computes the length of a cool-down.</summary>
internal static class CoolingLength
{
    /// <summary>The shortest cool-down.</summary>
    public static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan FirstWithoutHint = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FirstOpen = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestWithoutHint = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan OfRefusedCredential = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan OfMissingModel = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan FirstOfSpentQuota = TimeSpan.FromMinutes(5);

    /// <summary>The longest cool-down of all. Only a spent quota can cause it.</summary>
    public static readonly TimeSpan OfSpentQuota = TimeSpan.FromHours(1);

    /// <param name="outcome">The reason of the cool-down.</param>
    /// <param name="hint">How long the provider asks to wait before a retry. Null: it did not say.</param>
    /// <param name="times">Number of consecutive cool-downs before this one.</param>
    public static TimeSpan Of(TargetOutcome outcome, TimeSpan? hint, int times) => (outcome, hint) switch
    {
        (TargetOutcome.CredentialRefused, _) => OfRefusedCredential,
        (TargetOutcome.NotFound or TargetOutcome.NoSuchModel, _) => OfMissingModel,

        // The hint is the time until the provider's rate limit resets. The account may still be unpaid after that time, so the hint is only a lower bound.
        (TargetOutcome.QuotaSpent, null) => Doubled(FirstOfSpentQuota, times, OfSpentQuota),
        (TargetOutcome.QuotaSpent, { } reported) => TimeSpan.FromTicks(Math.Clamp(reported.Ticks, Doubled(FirstOfSpentQuota, times, OfSpentQuota).Ticks, OfSpentQuota.Ticks)),

        // A hint above five minutes counts as five minutes. The jitter only adds time, and keeps the edges from retrying all at once.
        (_, { } reported) => TimeSpan.FromTicks(Math.Clamp(reported.Ticks, Shortest.Ticks, Longest.Ticks)) * (1 + (Random.Shared.NextDouble() * 0.1)),
        (TargetOutcome.RateLimited, _) => Doubled(FirstWithoutHint, times, LongestWithoutHint),
        _ => Doubled(FirstOpen, times, LongestWithoutHint) * (0.8 + (Random.Shared.NextDouble() * 0.4)),
    };

    private static TimeSpan Doubled(TimeSpan first, int times, TimeSpan longest) => TimeSpan.FromTicks(Math.Min(first.Ticks << Math.Min(times, 10), longest.Ticks));
}
