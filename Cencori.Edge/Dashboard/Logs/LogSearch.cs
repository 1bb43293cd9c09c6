using Cencori.Edge.Admin.Logs;
using Cencori.Edge.Dashboard.Parts;
using Cencori.Edge.Metrics;
using Microsoft.Extensions.Primitives;

namespace Cencori.Edge.Dashboard.Logs;

/// <summary>The search that a URL of the logs describes. Invalid parts are ignored and listed on the page.</summary>
public sealed class LogSearch
{
    // Parameters of the page that are no filters. Period reads "range", "from" and "to".
    private static readonly string[] Own = ["range", "from", "to", "q", "at", "older", "follow", "format", "after", "done"];

    private LogSearch(LogFilter filter, LogPosition place, Period period, LogAddress address, IReadOnlyList<string> ignored) =>
        (Filter, Place, Period, Address, Ignored) = (filter, place, period, address, ignored);

    /// <summary>The filter, including the times of <see cref="Period"/>. It has no end time when the period ends now.</summary>
    public LogFilter Filter { get; }

    public LogPosition Place { get; }

    public Period Period { get; }

    /// <summary>The URL of the list with these filters, beginning at its newest row.</summary>
    public LogAddress Address { get; }

    /// <summary>Sentences about the invalid parts of the URL, which were ignored.</summary>
    public IReadOnlyList<string> Ignored { get; }

    /// <summary>The filters that the user can remove one by one.</summary>
    public IEnumerable<KeyValuePair<string, string>> Chips => Address.Query.Values.Where(pair => pair.Key is not ("range" or "from" or "to"));

    /// <summary>The time that one bar covers. Minutes only for recent periods, because roll-ups by minute are kept for two days.</summary>
    public UsageStep Step(DateTimeOffset now) => Period.Length.TotalHours switch
    {
        <= 3 when now - Period.From < TimeSpan.FromHours(47) => UsageStep.Minute,
        <= (7 * 24) + 1 => UsageStep.Hour,
        _ => UsageStep.Day,
    };

    public static LogSearch Read(PageRequest page, DateTimeOffset now) => Read(page.Context.Request.Query, page.Project.Path + "/logs", now);

    /// <summary>The same search without one filter.</summary>
    public LogSearch Without(KeyValuePair<string, string> chip, DateTimeOffset now)
    {
        var address = Address.Without(chip);
        return Read(new QueryCollection(address.Query.Values.GroupBy(pair => pair.Key).ToDictionary(group => group.Key, group => new StringValues([.. group.Select(pair => pair.Value)]))), address.Path, now);
    }

    private static LogSearch Read(IQueryCollection values, string path, DateTimeOffset now)
    {
        List<string> ignored = [];
        var query = LogQuery.Read(NormalizeQuery(values), Own);
        ignored.AddRange(query.Problems.Select(problem => $"{problem.Name} {problem.Rule}."));
        var period = Period.Read(values, now, ignored);
        var filter = query.Filter with { From = null, To = null };
        var address = new LogAddress(path, new([.. period.Query, .. LogQuery.Write(filter)]));
        return new(filter with { From = period.From, To = period.EndsNow ? null : period.To }, query.Place, period, address, ignored);
    }

    // Renames the parameter "outcome" to "status": both mean the same filter.
    private static QueryCollection NormalizeQuery(IQueryCollection query)
    {
        Dictionary<string, StringValues> values = new(StringComparer.Ordinal);
        foreach (var (name, value) in query.Where(pair => pair.Key is not ("from" or "to")))
        {
            var usual = name == "outcome" ? "status" : name;
            values[usual] = StringValues.Concat(values.GetValueOrDefault(usual), value);
        }

        return new(values);
    }
}
