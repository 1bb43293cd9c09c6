namespace Cencori.Edge.Admin.Routes;

/// <summary>Benefit of keeping conversations at the provider that has cached their beginning.</summary>
/// <param name="Pinned">Conversations that stay at their provider.</param>
/// <param name="Control">The control group: every twentieth conversation, which is routed freely.</param>
/// <param name="IsEnough">True: both groups have at least <see cref="Least"/> requests.</param>
/// <param name="SavedUsd">
/// Saving of the pinned requests compared with the control group's cached share, in US dollars; negative: extra cost. Null: too few requests, or an unknown price.
/// </param>
public sealed record AffinityReport(AffinityGroup Pinned, AffinityGroup Control, bool IsEnough, decimal? SavedUsd)
{
    /// <summary>Requests that each group needs for a comparison.</summary>
    public const int Least = 100;
}

/// <summary>A group of conversations. Counts only successful requests whose provider reported its cached tokens.</summary>
/// <param name="Requests">Number of requests.</param>
/// <param name="InputTokens">Their input tokens, including cached ones.</param>
/// <param name="CachedTokens">Tokens that the provider had cached.</param>
/// <param name="CachedShare">Share of cached input tokens, 0 to 1. Null: no input tokens.</param>
public sealed record AffinityGroup(int Requests, long InputTokens, long CachedTokens, double? CachedShare);
