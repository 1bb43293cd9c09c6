using Cencori.Edge.Metering;
using Cencori.Edge.Pricing;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage.Requests;

namespace Cencori.Edge.Admin.Routes;

/// <summary>Creates an <see cref="AffinityReport"/>: compares pinned requests with the control group.</summary>
internal static class AffinitySums
{
    /// <param name="records">Request records of a route.</param>
    /// <param name="savingOf">Returns how much cheaper a request would be if its whole input were cached, in US dollars. Null: unknown.</param>
    /// <returns>Null: no record has affinity.</returns>
    public static AffinityReport? Of(List<RequestRecord> records, Func<RequestRecord, decimal?> savingOf)
    {
        var comparable = records.FindAll(static record => record is { Affinity: not null, IsEstimated: false, PromptTokens: > 0, Outcome: RequestOutcome.Success or RequestOutcome.SuccessFallback });
        if (!records.Exists(static record => record.Affinity is not null))
        {
            return null;
        }

        var pinned = comparable.FindAll(static record => record.Affinity == RequestRecord.Pinned);
        var (ofPinned, ofControl) = (Group(pinned), Group(comparable.FindAll(static record => record.Affinity == RequestRecord.Control)));
        var isEnough = Math.Min(ofPinned.Requests, ofControl.Requests) >= AffinityReport.Min;
        return new(ofPinned, ofControl, isEnough, isEnough ? SumSavings(pinned, ofControl.CachedShare!.Value, savingOf) : null);
    }

    /// <summary>Computes how much cheaper a request would be if its whole input were cached, in US dollars. Null: unknown.</summary>
    public static decimal? Saving(Prices prices, ProjectSnapshot project, RequestRecord record)
    {
        decimal? Cost(long cached) => record.Provider is { } provider
            ? prices.Cost(project, provider, record.ModelServed, new TokenUsage(record.PromptTokens, cached, 0, IsEstimated: false), record.StartedAt)
            : null;
        return Cost(0) - Cost(record.PromptTokens);
    }

    private static AffinityGroup Group(List<RequestRecord> records)
    {
        var (input, cached) = (records.Sum(static record => record.PromptTokens), records.Sum(static record => record.CachedTokens));
        return new(records.Count, input, cached, input == 0 ? null : Math.Round((double)cached / input, 4));
    }

    private static decimal? SumSavings(List<RequestRecord> pinned, double controlShare, Func<RequestRecord, decimal?> savingOf)
    {
        var saved = 0m;
        foreach (var record in pinned)
        {
            if (savingOf(record) is not { } whole)
            {
                return null;
            }

            saved += whole * (((decimal)record.CachedTokens / record.PromptTokens) - (decimal)controlShare);
        }

        return saved;
    }
}
