using Cencori.Edge.Errors;
using Cencori.Edge.Records.Sql;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Admin.Policies;

/// <summary>What a project's rules have found: what counting is for, before a rule does more.</summary>
/// <param name="From">Where it begins.</param>
/// <param name="To">Where it ends, exclusively.</param>
/// <param name="IsWhole">False: there were more requests with hits, and only the newest are counted.</param>
/// <param name="Requests">With a hit.</param>
/// <param name="Blocked">Of them, those that were refused, or whose response was ended.</param>
/// <param name="Rules">By rule, stage and action, those with most hits first.</param>
public sealed record PolicyReport(DateTimeOffset From, DateTimeOffset To, bool IsWhole, int Requests, int Blocked, List<ReportedRule> Rules);

/// <param name="Rule">Its id.</param>
/// <param name="Kind">What it looks for.</param>
/// <param name="Stage"><c>input</c> or <c>output</c>.</param>
/// <param name="Action">What became of it.</param>
/// <param name="Hits">In all.</param>
/// <param name="Requests">In which there were some.</param>
/// <param name="LastAt">When it last had one.</param>
public sealed record ReportedRule(string Rule, string Kind, string Stage, string Action, long Hits, int Requests, DateTimeOffset LastAt);

/// <summary>Adds up what the records tell of policies.</summary>
internal sealed class PolicyReports(ReadDatabase database, TimeProvider time)
{
    /// <summary>Of more requests only the newest are looked at.</summary>
    public const int MaxRequests = 20_000;

    private static readonly TimeSpan Usual = TimeSpan.FromDays(7);

    /// <exception cref="RefusedException">The time ends before it begins.</exception>
    public async Task<PolicyReport> ReadAsync(string projectId, DateTimeOffset? from, DateTimeOffset? to, CancellationToken cancellation)
    {
        var end = to ?? time.GetUtcNow().AddMilliseconds(1);
        var start = from ?? (end - DateTimeOffset.MinValue > Usual ? end - Usual : DateTimeOffset.MinValue);
        if (start >= end)
        {
            throw new RefusedException(EdgeError.Invalid("'from' is before 'to'.", "from"));
        }

        var query = new RecordQuery(projectId);
        query.From(start);
        query.Before(end);
        query.WhereWithin(nameof(RequestRecord.Policy), [RequestPolicy.NamingAny]);
        var records = (await database.ReadAsync(connection => query.ReadAsync(connection, MaxRequests, cancellation), cancellation)).ConvertAll(row => row.Record);
        var hits = records.SelectMany(record => record.Policy!.Hits.Select(hit => (record, hit)));
        return new(start, end, records.Count < MaxRequests, records.Count, records.Count(record => record.Outcome == RequestOutcome.Filtered),
            [.. hits.GroupBy(pair => (pair.hit.Rule, pair.hit.Kind, pair.hit.Stage, pair.hit.Action))
                .Select(group => new ReportedRule(group.Key.Rule, group.Key.Kind, group.Key.Stage, group.Key.Action, group.Sum(pair => pair.hit.Count), group.Count(), group.Max(pair => pair.record.StartedAt)))
                .OrderByDescending(rule => rule.Hits).ThenBy(rule => rule.Rule, StringComparer.Ordinal)]);
    }
}
