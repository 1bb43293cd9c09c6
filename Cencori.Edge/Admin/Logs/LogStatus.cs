using System.Globalization;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Records.Rollups;
using Cencori.Edge.Storage.Requests;

namespace Cencori.Edge.Admin.Logs;

/// <summary>A status condition of a filter: an outcome, or a range of HTTP statuses. A range matches no shadow (copy of a request to another model).</summary>
public sealed record LogStatus(int First, int Last, RequestOutcome? Outcome)
{
    private static readonly Dictionary<string, RequestOutcome> Outcomes = Enum.GetValues<RequestOutcome>().ToDictionary(GenAi.Outcome, StringComparer.Ordinal);

    /// <param name="text">A status, a class or an outcome, such as <c>429</c>, <c>4xx</c> or <c>rate_limited</c>.</param>
    /// <returns>Null: the text is none of these.</returns>
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

    /// <summary>Formats the condition as a text that <see cref="Parse"/> reads.</summary>
    public override string ToString() => Outcome is { } outcome ? GenAi.Outcome(outcome) : First == Last ? First.ToString(CultureInfo.InvariantCulture) : $"{First / 100}xx";

    /// <summary>SQL condition for a request record with the alias <c>r</c>.</summary>
    internal string Condition => Outcome is { } outcome ? $"r.\"Outcome\" = {(int)outcome}" : $"r.\"Status\" BETWEEN {First} AND {Last} AND r.\"Outcome\" <> {(int)RequestOutcome.Shadow}";

    /// <summary>SQL condition for a row of the roll-up tables whose counts may include matching requests. Null: every row may include some.</summary>
    internal string? MayBeCounted => Outcome switch
    {
        RequestOutcome.Success or RequestOutcome.SuccessFallback => "\"Success\" > 0",
        RequestOutcome.Error => "\"Errors\" > 0",
        RequestOutcome.RateLimited => "\"RateLimited\" > 0",
        RequestOutcome.Filtered => "\"Filtered\" > 0",
        RequestOutcome.Cancelled => "\"Cancelled\" > 0",

        RequestOutcome.Shadow => null,

        // A status from 400 on is never counted as a success.
        _ => First >= 400 ? "\"Requests\" > \"Success\"" : null,
    };

    /// <summary>True if the roll-ups have an exact count for these conditions. The roll-ups count outcomes, but do not separate successes after a fallback from others.</summary>
    internal static bool CanBeCounted(IReadOnlyList<LogStatus> statuses) =>
        statuses.All(status => status.Outcome is not (null or RequestOutcome.Shadow))
        && statuses.Any(status => status.Outcome == RequestOutcome.Success) == statuses.Any(status => status.Outcome == RequestOutcome.SuccessFallback);

    /// <summary>Returns the number of matching requests in a row of the roll-ups.</summary>
    internal long CountOf(UsageSums sums) => Outcome switch
    {
        RequestOutcome.Success => sums.Success,
        RequestOutcome.Error => sums.Errors,
        RequestOutcome.RateLimited => sums.RateLimited,
        RequestOutcome.Filtered => sums.Filtered,
        RequestOutcome.Cancelled => sums.Cancelled,

        // 0, because the roll-ups count successes after a fallback among the successes.
        _ => 0,
    };
}
