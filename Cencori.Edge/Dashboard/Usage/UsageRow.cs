using Cencori.Edge.Records.Rollups;

namespace Cencori.Edge.Dashboard.Usage;

/// <summary>One row of the usage page's breakdown: the sums of one group.</summary>
/// <param name="Name">The group's name. Untrusted parts went through <c>SafeText</c>.</param>
/// <param name="Sums">The sums of the group's requests.</param>
/// <param name="LogsPath">The URL of the list of the group's requests; null: the log has no filter for this group.</param>
/// <param name="ErrorsPath">The URL of the list of the group's failed or rate-limited requests; null: the log has no filter for this group.</param>
/// <param name="FilterUrl">The URL of the usage page with a filter on this group; null: there is no filter for this group.</param>
public sealed record UsageRow(string Name, UsageSums Sums, string? LogsPath, string? ErrorsPath, string? FilterUrl);
