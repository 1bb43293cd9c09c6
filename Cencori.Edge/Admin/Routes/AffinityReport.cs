namespace Cencori.Edge.Admin.Routes;

/// <summary>What it is worth that conversations stay where their beginning is cached.</summary>
/// <param name="Pinned">Those that stay.</param>
/// <param name="Control">The twentieth part that goes to whoever is chosen.</param>
/// <param name="IsEnough">There are enough of both to compare them: <see cref="Least"/> requests of each.</param>
/// <param name="SavedUsd">
/// What the pinned ones cost less than they would have with the control's share of cached tokens, in US dollars; below 0 where it costs more. Null: there are not enough, or a price is not known.
/// </param>
public sealed record AffinityReport(AffinityGroup Pinned, AffinityGroup Control, bool IsEnough, decimal? SavedUsd)
{
    /// <summary>Requests of each group, below which nothing is said.</summary>
    public const int Least = 100;
}

/// <summary>Some conversations. Only requests are counted whose provider has told what it had cached, and that were answered well.</summary>
/// <param name="Requests">How many.</param>
/// <param name="InputTokens">Of them, cached ones included.</param>
/// <param name="CachedTokens">Those that the provider had cached.</param>
/// <param name="CachedShare">Of the input tokens, 0 to 1. Null: there were none.</param>
public sealed record AffinityGroup(int Requests, long InputTokens, long CachedTokens, double? CachedShare);
