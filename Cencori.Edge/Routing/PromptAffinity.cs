namespace Cencori.Edge.Routing;

/// <summary>
/// Which conversations of a route that keeps prompts are asked as if it did not, so that it can be told what keeping them is worth: one of twenty. A conversation is
/// in the same group all day, at all edges; on another day it may be in the other, so that no prompt that everybody sends is left without a cache for ever.
/// </summary>
internal static class PromptAffinity
{
    private const ulong One = 20;

    /// <param name="prompt">The same for requests that begin alike.</param>
    /// <param name="now">Of which day.</param>
    public static bool IsControl(ulong prompt, DateTimeOffset now) =>
        TargetPicker.Mix(prompt ^ TargetPicker.Mix((ulong)(now.UtcTicks / TimeSpan.TicksPerDay))) % One == 0;
}
