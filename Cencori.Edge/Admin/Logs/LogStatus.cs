using System.Globalization;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Records.Sql;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Admin.Logs;

/// <summary>How requests ended that are asked for: by a range of HTTP statuses, or by outcome.</summary>
public sealed record LogStatus(int First, int Last, RequestOutcome? Outcome)
{
    private static readonly Dictionary<string, RequestOutcome> Outcomes = Enum.GetValues<RequestOutcome>().ToDictionary(GenAi.Outcome, StringComparer.Ordinal);

    /// <param name="text"><c>429</c>, <c>4xx</c> or <c>rate_limited</c>.</param>
    /// <returns>Null: it is none of these.</returns>
    public static LogStatus? Parse(string text)
    {
        if (Outcomes.TryGetValue(text, out var outcome))
        {
            return new(0, 0, outcome);
        }

        if (text is [>= '1' and <= '5' and var digit, 'x', 'x'])
        {
            var first = (digit - '0') * 100;
            return new(first, first + 99, Outcome: null);
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var status) && status is >= 100 and < 600
            ? new(status, status, Outcome: null)
            : null;
    }

    internal void Narrow(RecordQuery records)
    {
        if (Outcome is { } outcome)
        {
            records.Where("r.\"Outcome\" = @outcome", ("outcome", (int)outcome));
        }
        else
        {
            records.Where("r.\"Status\" BETWEEN @first AND @last", ("first", First), ("last", Last));
        }
    }
}
