namespace Cencori.Edge.Routing.Selection;

/// <summary>
/// Chooses the control group of a route with prompt affinity: 1 of 20 conversations is routed without affinity, to measure the benefit. A conversation stays
/// in its group all day, on all edges. The groups change daily, so that a prompt that many callers share is not without affinity for ever.
/// </summary>
internal static class PromptAffinity
{
    private const ulong One = 20;

    /// <param name="prompt">A hash that is equal for requests with the same prompt prefix.</param>
    /// <param name="now">The time; the day decides the group.</param>
    public static bool IsControl(ulong prompt, DateTimeOffset now) =>
        TargetPicker.Mix(prompt ^ TargetPicker.Mix((ulong)(now.UtcTicks / TimeSpan.TicksPerDay))) % One == 0;
}
