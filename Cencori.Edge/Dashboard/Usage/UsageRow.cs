using Cencori.Edge.Records.Rollups;

namespace Cencori.Edge.Dashboard.Usage;

/// <summary>One line of the breakdown.</summary>
/// <param name="Name">Safe to be shown.</param>
/// <param name="Sums">What its requests add up to.</param>
/// <param name="LogsPath">Where its requests are; null: the log has no such filter.</param>
/// <param name="ErrorsPath">Those of them that failed or were refused by limits; null likewise.</param>
/// <param name="OnlyThis">The page narrowed to it; null: it cannot be.</param>
public sealed record UsageRow(string Name, UsageSums Sums, string? LogsPath, string? ErrorsPath, string? OnlyThis);
