namespace Cencori.Edge.Routing;

/// <summary>For how long a target is left alone.</summary>
internal static class CoolingLength
{
    /// <summary>No wait is shorter.</summary>
    public static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan FirstWithoutHint = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FirstOpen = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestWithoutHint = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan OfRefusedCredential = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan OfMissingModel = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan FirstOfSpentQuota = TimeSpan.FromMinutes(5);

    /// <summary>No wait is longer.</summary>
    public static readonly TimeSpan OfSpentQuota = TimeSpan.FromHours(1);

    /// <param name="outcome">Why.</param>
    /// <param name="hint">When its provider wants to be asked again; null: it did not say.</param>
    /// <param name="times">How often it was left alone before, one time after the other.</param>
    public static TimeSpan Of(TargetOutcome outcome, TimeSpan? hint, int times) => (outcome, hint) switch
    {
        (TargetOutcome.CredentialRefused, _) => OfRefusedCredential,
        (TargetOutcome.NotThere or TargetOutcome.NoSuchModel, _) => OfMissingModel,

        // What the provider says is when it would refuse the next; nobody has paid by then.
        (TargetOutcome.QuotaSpent, null) => Doubled(FirstOfSpentQuota, times, OfSpentQuota),
        (TargetOutcome.QuotaSpent, { } told) => TimeSpan.FromTicks(Math.Clamp(told.Ticks, Doubled(FirstOfSpentQuota, times, OfSpentQuota).Ticks, OfSpentQuota.Ticks)),

        // Never early, and not all edges at once.
        (_, { } told) => TimeSpan.FromTicks(Math.Clamp(told.Ticks, Shortest.Ticks, Longest.Ticks)) * (1 + (Random.Shared.NextDouble() * 0.1)),
        (TargetOutcome.RateLimited, _) => Doubled(FirstWithoutHint, times, LongestWithoutHint),
        _ => Doubled(FirstOpen, times, LongestWithoutHint) * (0.8 + (Random.Shared.NextDouble() * 0.4)),
    };

    private static TimeSpan Doubled(TimeSpan first, int times, TimeSpan longest) => TimeSpan.FromTicks(Math.Min(first.Ticks << Math.Min(times, 10), longest.Ticks));
}
