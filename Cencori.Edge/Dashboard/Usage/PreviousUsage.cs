using Cencori.Edge.Dashboard.Parts;
using Cencori.Edge.Metrics;
using Cencori.Edge.Records.Rollups;
using Cencori.Edge.Storage.Systems;

namespace Cencori.Edge.Dashboard.Usage;

/// <summary>The sums of the equally long period before the one that the page shows.</summary>
/// <param name="Sums">The sums.</param>
/// <param name="When">The name of the earlier period, as the end of a sentence: <c>yesterday by this time</c>.</param>
public sealed record PreviousUsage(UsageSums Sums, string When)
{
    /// <returns>Null: some sums of the earlier period were deleted, or the database is busy. The page is then shown without a comparison.</returns>
    internal static async Task<PreviousUsage?> ReadAsync(UsageReader usage, UsageResult shown, Period period, DateTimeOffset now, CancellationToken cancellation)
    {
        if (shown.IsFromRecords || shown.Begins is not null || period.Before(now) is not { } before)
        {
            return null;
        }

        try
        {
            var result = await usage.ReadAsync(shown.Query with { Group = UsageGroup.None, From = before.From, To = before.To }, cancellation);
            return result.Begins is null && !result.IsFromRecords ? new(result.Total.Sums, before.When) : null;
        }
        catch (DatabaseBusyException)
        {
            return null;
        }
    }
}
