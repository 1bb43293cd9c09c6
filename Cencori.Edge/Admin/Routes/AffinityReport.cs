namespace Cencori.Edge.Admin.Routes;

/// <summary>Benefit of prompt affinity: requests of a conversation go to the credential whose provider has cached the beginning of the prompt.</summary>
/// <param name="Pinned">Conversations that always use the same credential.</param>
/// <param name="Control">The control group: every twentieth conversation, which is routed without affinity.</param>
/// <param name="IsEnough">True: both groups have at least <see cref="Min"/> requests.</param>
/// <param name="SavedUsd">
/// Saving of the pinned requests in US dollars, compared with the control group's share of cached tokens. Negative: extra cost. Null: too few requests, or an unknown price.
/// </param>
public sealed record AffinityReport(AffinityGroup Pinned, AffinityGroup Control, bool IsEnough, decimal? SavedUsd)
{
    /// <summary>Minimum number of requests that each group needs for a comparison.</summary>
    public const int Min = 100;
}

/// <summary>Totals of a group of conversations. Counts only successful requests for which the provider reported the number of cached tokens.</summary>
/// <param name="Requests">Number of requests.</param>
/// <param name="InputTokens">Input tokens of these requests, including cached ones.</param>
/// <param name="CachedTokens">Input tokens that the provider read from its cache.</param>
/// <param name="CachedShare">Cached tokens as a share of the input tokens, 0 to 1. Null: there are no input tokens.</param>
public sealed record AffinityGroup(int Requests, long InputTokens, long CachedTokens, double? CachedShare);
