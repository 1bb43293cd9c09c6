using Cencori.Edge.Budgets;
using Cencori.Edge.Metrics;
using Cencori.Edge.Owners;
using Cencori.Edge.Pricing;
using Cencori.Edge.Projects;
using Cencori.Edge.Records;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Cencori.Edge.Verification;

/// <summary>
/// Compares a project's spend of a month in every place that counts spend. A budget's counter must equal the records plus the reservations of
/// running work, and the roll-ups must equal the records.
/// </summary>
public sealed class LedgerCheck(
    IDbContextFactory<EdgeDbContext> contexts, RecordWriter writer, MetricsQuery metrics, OwnedObjects objects, BudgetLedger budgets, IOptions<UsageOptions> options, TimeProvider time)
{
    private const int Tries = 6;

    // The largest sum that the database can store.
    private static readonly decimal MaxUsd = Picodollars.ToUsd(long.MaxValue);

    /// <summary>Checks one month, which must have begun. Retries when numbers differ: requests may end during the check, and other edges write records a moment later.</summary>
    internal async Task<LedgerSheet> RunAsync(string projectId, BillingMonth month, CancellationToken cancellation)
    {
        for (var tries = 1; ; tries++)
        {
            var sheet = await CheckAsync(projectId, month, cancellation);
            if (sheet.IsClosed || tries == Tries)
            {
                return sheet;
            }

            await Task.Delay(RecordWriter.BatchInterval, TimeProvider.System, cancellation);
        }
    }

    private async Task<LedgerSheet> CheckAsync(string projectId, BillingMonth month, CancellationToken cancellation)
    {
        await budgets.RefreshAsync(projectId, month);
        await writer.FlushAsync().WaitAsync(cancellation);
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        var stored = new StoredMonth(database, projectId, month);
        var keptSince = time.GetUtcNow().AddDays(-options.Value.RecordRetentionDays);
        var hasAllRecords = keptSince <= month.Start || !await stored.HasUseBeforeAsync(keptSince, cancellation);
        var (ofKeys, areTokensKnown) = await stored.SumRecordsAsync(cancellation);
        var records = ofKeys.Values.Aggregate(default(MonthSums), static (sum, its) => sum + its);
        var rollups = await stored.SumHoursAsync(cancellation);
        var open = await objects.OpenSpendAsync(projectId, month.Start, month.End, cancellation);
        var reported = await SumReportedAsync(projectId, month, cancellation);
        var set = await database.Budgets.AsNoTracking().Where(row => row.ProjectId == projectId && row.MonthlyUsd != null).ToDictionaryAsync(row => row.KeyId, row => row.SetAt, cancellation);

        var lines = new List<LedgerLine>();
        foreach (var ((unit, recorded), (_, summed), (_, shown)) in records.Values.Zip(rollups.Values, reported.Values))
        {
            var isCompared = hasAllRecords && (areTokensKnown || !unit.EndsWith("tokens", StringComparison.Ordinal));
            lines.Add(new(LedgerLine.Project, LedgerSource.Records, unit, isCompared ? recorded : null));
            lines.Add(new(LedgerLine.Project, LedgerSource.Rollups, unit, summed, isCompared ? Max(unit, recorded) : null));
            lines.Add(new(LedgerLine.Project, LedgerSource.Metrics, unit, shown, Max(unit, isCompared ? recorded : summed)));
            if (unit == LedgerLine.Usd)
            {
                lines.AddRange(await CountersAsync(Budget.OfProject, LedgerLine.Project, isCompared ? recorded : summed, open.Values.Sum()));
            }
        }

        var spentByKeys = ofKeys.Select(key => KeyValuePair.Create(key.Key, key.Value.Usd)).Concat(await stored.SumAgentsAsync(cancellation)).ToDictionary();
        var keySpend = await stored.SumKeysAsync(cancellation);
        var hasKeySpend = month.Number >= BillingMonth.Of(time.GetUtcNow()).Number - Retention.MonthsOfKeys;
        foreach (var keyId in set.Keys.Concat(spentByKeys.Keys).Concat(keySpend.Keys).Where(id => id != Budget.OfProject).Distinct().Order(StringComparer.Ordinal))
        {
            var (recorded, summed) = (spentByKeys.GetValueOrDefault(keyId), keySpend.GetValueOrDefault(keyId));
            var sum = new LedgerLine(keyId, LedgerSource.KeySpend, LedgerLine.Usd, hasKeySpend ? summed : null, hasAllRecords ? Max(LedgerLine.Usd, recorded) : null);
            if (set.ContainsKey(keyId) || sum.Difference is not (null or 0))
            {
                lines.Add(new(keyId, LedgerSource.Records, LedgerLine.Usd, hasAllRecords ? recorded : null));
                lines.Add(sum);
                lines.AddRange(await CountersAsync(keyId, keyId, hasAllRecords ? recorded : hasKeySpend ? summed : null, open.GetValueOrDefault(keyId)));
            }
        }

        return new LedgerSheet(projectId, $"{month}", hasAllRecords, [.. Notes(hasAllRecords)], lines);

        async Task<List<LedgerLine>> CountersAsync(string keyId, string of, decimal? spent, decimal reserved)
        {
            var (edge, redis) = set.TryGetValue(keyId, out var setAt) ? await budgets.ReadCountersAsync(projectId, month, keyId, setAt) : default;
            decimal? expected = options.Value.Metering && spent is { } usd ? Math.Min(usd + reserved, Nanodollars.ToUsd(Nanodollars.Max)) : null;
            List<LedgerLine> counters =
            [
                new(of, LedgerSource.PendingWork, LedgerLine.Usd, reserved),
                new(of, LedgerSource.Counter, LedgerLine.Usd, Usd(edge?.Spent), expected),
            ];
            if (budgets.IsRedisAvailable is not null)
            {
                counters.Add(new(of, LedgerSource.Redis, LedgerLine.Usd, Usd(redis?.Spent), expected));
            }

            counters.Add(new(of, LedgerSource.InFlight, LedgerLine.Usd, Usd(redis?.InFlight ?? edge?.InFlight)));
            return counters;
        }
    }

    private IEnumerable<string> Notes(bool hasAllRecords)
    {
        if (!hasAllRecords)
        {
            yield return $"Records of this month are no longer kept ({UsageOptions.Section}:{nameof(UsageOptions.RecordRetentionDays)}); only sums are compared.";
        }

        if (!options.Value.Metering)
        {
            yield return $"Recording of requests is off ({UsageOptions.Section}:{nameof(UsageOptions.Metering)}); counters are not compared.";
        }

        if (budgets.IsRedisAvailable == false)
        {
            yield return "Redis is unavailable; this edge uses the last balance that it saw, without what other edges have spent since then.";
        }
    }

    private async Task<MonthSums> SumReportedAsync(string projectId, BillingMonth month, CancellationToken cancellation)
    {
        var reported = default(MonthSums);
        foreach (var environment in Enum.GetValues<KeyEnvironment>())
        {
            foreach (var sums in (await metrics.RunAsync(projectId, environment, month.Start, month.End.AddTicks(-1), cancellation)).Values)
            {
                reported += new MonthSums(Picodollars.ToUsd(sums.Picodollars), sums.Success, sums.PromptTokens, sums.CompletionTokens);
            }
        }

        return reported;
    }

    private static decimal Max(string unit, decimal value) => unit == LedgerLine.Usd ? Math.Min(value, MaxUsd) : value;

    private static decimal? Usd(long? nanodollars) => nanodollars is { } amount ? Nanodollars.ToUsd(amount) : null;
}
