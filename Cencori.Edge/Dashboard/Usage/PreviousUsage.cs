using Cencori.Edge.Dashboard.Parts;
using Cencori.Edge.Metrics;
using Cencori.Edge.Records.Rollups;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Dashboard.Usage;

/// <summary>What as long a time before the one that is shown added up to.</summary>
/// <param name="Sums">Of it.</param>
/// <param name="When">It, as the end of a sentence.</param>
public sealed record PreviousUsage(UsageSums Sums, string When)
{
    /// <returns>Null: no sums are kept of all of it, or the database is busy. What the page is for is known without it.</returns>
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
