using Cencori.Edge.Records.Rollups;

namespace Cencori.Edge.Dashboard.Usage;

/// <summary>One row of the breakdown.</summary>
/// <param name="Name">Safe to show.</param>
/// <param name="Sums">The sums of its requests.</param>
/// <param name="LogsPath">The URL of its requests; null: the log has no such filter.</param>
/// <param name="ErrorsPath">The URL of its failed or rate-limited requests; null: as above.</param>
/// <param name="OnlyThis">The URL of the page filtered to it; null: not possible.</param>
public sealed record UsageRow(string Name, UsageSums Sums, string? LogsPath, string? ErrorsPath, string? OnlyThis);
