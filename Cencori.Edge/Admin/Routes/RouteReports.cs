using Cencori.Edge.Errors;
using Cencori.Edge.Pricing;
using Cencori.Edge.Projects;
using Cencori.Edge.Records.Sql;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Storage.Systems;

namespace Cencori.Edge.Admin.Routes;

/// <summary>Creates a <see cref="RouteReport"/> from the request records of a route.</summary>
internal sealed class RouteReports(ReadDatabase database, ProjectCache projects, Prices prices, TimeProvider time)
{
    /// <summary>Maximum number of requests that are examined. If there are more, the newest are examined.</summary>
    public const int MaxRequests = 20_000;

    /// <summary>Default length of the period.</summary>
    public static readonly TimeSpan DefaultPeriod = TimeSpan.FromDays(1);

    /// <exception cref="RefusedException"><c>from</c> is not before <c>to</c>.</exception>
    public async Task<RouteReport> ReadAsync(string projectId, string route, DateTimeOffset? from, DateTimeOffset? to, CancellationToken cancellation)
    {
        var end = to ?? time.GetUtcNow();
        var start = from ?? (end - DateTimeOffset.MinValue > DefaultPeriod ? end - DefaultPeriod : DateTimeOffset.MinValue);
        if (start >= end)
        {
            throw new RefusedException(EdgeError.Invalid("'from' must be before 'to'.", "from"));
        }

        var query = new RecordQuery(projectId);
        query.WhereName(nameof(RequestRecord.Route), [route]);
        query.From(start);
        query.Before(end);
        var rows = await database.ReadAsync(connection => query.ReadAsync(connection, MaxRequests, cancellation), cancellation);
        var project = await projects.GetAsync(projectId);
        return Sum(route, start, end, rows.Count < MaxRequests, rows.ConvertAll(row => row.Record).FindAll(record => record.Outcome != RequestOutcome.Shadow), record => project is null ? null : AffinitySums.Saving(prices, project, record));
    }

    internal static RouteReport Sum(string route, DateTimeOffset from, DateTimeOffset to, bool isComplete, List<RequestRecord> records, Func<RequestRecord, decimal?> savingOf)
    {
        var good = records.FindAll(IsGood);
        var saved = good.FindAll(record => record.Fallback is not null);
        var attempts = records.SelectMany(AttemptsOf).ToList();
        return new(
            route,
            from,
            to,
            isComplete,
            records.Count,
            good.Count - saved.Count,
            saved.Count,
            records.Count(record => !IsGood(record) && record.Outcome != RequestOutcome.Cancelled),
            records.Where(record => record.Fallback is not null).CountBy(record => record.Fallback!).OrderByDescending(pair => pair.Value).ToDictionary(),
            records.Sum(record => record.CostUsd ?? 0),
            attempts.Where(attempt => !attempt.IsLast).Sum(attempt => attempt.CostUsd ?? 0),
            records.Exists(record => record.CostUsd is null || record.IsEstimated),
            Percentile99(good),
            Percentile99(saved),
            AffinitySums.Of(records, savingOf),
            [.. attempts.GroupBy(attempt => attempt.Target, StringComparer.Ordinal)
                .Select(group => new ReportedTarget(group.Key, group.Count(), group.Count(attempt => attempt.IsGood), group.Sum(attempt => attempt.CostUsd ?? 0)))
                .OrderByDescending(target => target.Attempts).ThenBy(target => target.Model, StringComparer.Ordinal)]);
    }

    private static bool IsGood(RequestRecord record) => record.Outcome is RequestOutcome.Success or RequestOutcome.SuccessFallback;

    // Lists the attempts of a request. A single attempt is stored in columns of the record, and not in the list of attempts.
    // A request that was sent to no provider has no attempt.
    private static IEnumerable<(string Target, bool IsLast, bool IsGood, decimal? CostUsd)> AttemptsOf(RequestRecord record) => record switch
    {
        { Attempts: { Count: > 0 } attempts } => attempts.Select((attempt, place) => (attempt.Target, place == attempts.Count - 1, place == attempts.Count - 1 && IsGood(record), attempt.CostUsd)),
        { Provider: { } provider } => [(record.ModelServed is null ? provider : $"{provider}/{record.ModelServed}", true, IsGood(record), record.CostUsd)],
        _ => [],
    };

    private static long? Percentile99(List<RequestRecord> records) => records.Count == 0 ? null
        : records.Select(record => record.DurationMicroseconds).Order().ElementAt((records.Count - 1) * 99 / 100) / 1_000;
}
