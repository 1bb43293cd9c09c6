using Cencori.Edge.Errors;
using Cencori.Edge.Records.Sql;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Storage.Systems;

namespace Cencori.Edge.Admin.Policies;

/// <summary>
/// Findings of a project's policy rules in a period. For a rule that only counts its findings, the report shows what a stricter action would affect.
/// </summary>
/// <param name="From">Start of the period, inclusive.</param>
/// <param name="To">End of the period, exclusive.</param>
/// <param name="IsWhole">False: there were more requests with findings; only the newest are counted.</param>
/// <param name="Requests">Number of requests with a finding.</param>
/// <param name="Blocked">Number of these requests that were refused, or whose response was cut off.</param>
/// <param name="Rules">Findings per rule, stage and action; the most frequent first.</param>
public sealed record PolicyReport(DateTimeOffset From, DateTimeOffset To, bool IsWhole, int Requests, int Blocked, List<ReportedRule> Rules);

/// <param name="Rule">Id of the rule.</param>
/// <param name="Kind">Kind of the rule.</param>
/// <param name="Stage"><c>input</c> or <c>output</c>.</param>
/// <param name="Action">Action that was taken.</param>
/// <param name="Hits">Number of findings.</param>
/// <param name="Requests">Number of requests with findings of the rule.</param>
/// <param name="LastAt">Time of the last finding.</param>
public sealed record ReportedRule(string Rule, string Kind, string Stage, string Action, long Hits, int Requests, DateTimeOffset LastAt);

/// <summary>Creates a <see cref="PolicyReport"/> from request records.</summary>
internal sealed class PolicyReports(ReadDatabase database, TimeProvider time)
{
    /// <summary>Maximum number of requests that are examined. If there are more, the newest are examined.</summary>
    public const int MaxRequests = 20_000;

    private static readonly TimeSpan DefaultPeriod = TimeSpan.FromDays(7);

    /// <exception cref="RefusedException"><c>from</c> is not before <c>to</c>.</exception>
    public async Task<PolicyReport> ReadAsync(string projectId, DateTimeOffset? from, DateTimeOffset? to, CancellationToken cancellation)
    {
        var end = to ?? time.GetUtcNow().AddMilliseconds(1);
        var start = from ?? (end - DateTimeOffset.MinValue > DefaultPeriod ? end - DefaultPeriod : DateTimeOffset.MinValue);
        if (start >= end)
        {
            throw new RefusedException(EdgeError.Invalid("'from' must be before 'to'.", "from"));
        }

        var query = new RecordQuery(projectId);
        query.From(start);
        query.Before(end);
        query.WhereWithin(nameof(RequestRecord.Policy), [RequestPolicy.AnyRuleSearchText]);
        var records = (await database.ReadAsync(connection => query.ReadAsync(connection, MaxRequests, cancellation), cancellation)).ConvertAll(row => row.Record);
        var hits = records.SelectMany(record => record.Policy!.Hits.Select(hit => (record, hit)));
        return new(start, end, records.Count < MaxRequests, records.Count, records.Count(record => record.Outcome == RequestOutcome.Filtered),
            [.. hits.GroupBy(pair => (pair.hit.Rule, pair.hit.Kind, pair.hit.Stage, pair.hit.Action))
                .Select(group => new ReportedRule(group.Key.Rule, group.Key.Kind, group.Key.Stage, group.Key.Action, group.Sum(pair => pair.hit.Count), group.Count(), group.Max(pair => pair.record.StartedAt)))
                .OrderByDescending(rule => rule.Hits).ThenBy(rule => rule.Rule, StringComparer.Ordinal)]);
    }
}
