using System.Globalization;

namespace Cencori.Edge.Dashboard.Parts;

/// <summary>The period that a page shows, from its URL: <c>range=24h</c>, or <c>from</c> and <c>to</c> in UTC.</summary>
/// <param name="Word">The word in the URL for a period that ends now; null: start and end are fixed times.</param>
/// <param name="From">Inclusive start.</param>
/// <param name="To">Exclusive end.</param>
public sealed record Period(string? Word, DateTimeOffset From, DateTimeOffset To)
{
    public const string Default = "24h";

    // Format of times in URLs. Milliseconds are the precision of stored times.
    private const string Format = "yyyy-MM-dd'T'HH:mm:ss.FFF'Z'";

    private static readonly TimeSpan Longest = TimeSpan.FromDays(400);

    private static readonly string[] Written =
    [
        "yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss.FFF", "yyyy-MM-dd'T'HH:mm'Z'", "yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm:ss.FFF'Z'",
    ];

    /// <summary>The words for periods that end now, with their labels.</summary>
    public static IReadOnlyList<(string Word, string Label)> Words { get; } = [("1h", "1 hour"), ("24h", "24 hours"), ("7d", "7 days"), ("30d", "30 days"), ("month", "This month")];

    public TimeSpan Length => To - From;

    /// <summary>True: the period ends now.</summary>
    public bool EndsNow => Word is not null;

    /// <summary>The period's name on the page.</summary>
    public string Label => Word is null ? "the chosen time" : Word == "month" ? "this month (UTC)" : "the last " + Words.First(word => word.Word == Word).Label;

    /// <summary>Formats a time for a URL.</summary>
    public static string Text(DateTimeOffset time) => time.UtcDateTime.ToString(Format, CultureInfo.InvariantCulture);

    /// <param name="query">The query of the page's URL.</param>
    /// <param name="now">The time of the request.</param>
    /// <param name="ignored">Receives one sentence per invalid value.</param>
    public static Period Read(IQueryCollection query, DateTimeOffset now, ICollection<string> ignored)
    {
        var (from, to) = (Moment(query, "from", ignored), Moment(query, "to", ignored));
        if (from is not null || to is not null)
        {
            var until = to ?? now;
            var since = from ?? until.AddDays(-1);
            if (since < until && until - since <= Longest)
            {
                return new(null, since, until);
            }

            ignored.Add(since < until ? "The time between 'from' and 'to' must be at most 400 days." : "The time 'to' must be after the time 'from'.");
        }

        var word = query["range"].ToString();
        if (word.Length > 0 && Words.All(known => known.Word != word))
        {
            ignored.Add($"'range' must be one of {string.Join(", ", Words.Select(known => known.Word))}.");
            word = "";
        }

        return Of(word.Length == 0 ? Default : word, now);
    }

    /// <summary>A period that ends now. The words mean the same as in <c>/v1/metrics</c>.</summary>
    public static Period Of(string word, DateTimeOffset now) => new(
        word,
        word switch
        {
            "1h" => now.AddHours(-1),
            "7d" => now.AddDays(-7),
            "30d" => now.AddDays(-30),
            "month" => new DateTimeOffset(now.UtcDateTime.Year, now.UtcDateTime.Month, 1, 0, 0, 0, TimeSpan.Zero),
            _ => now.AddHours(-24),
        },
        now);

    /// <summary>
    /// The period to compare this one with: the equally long period just before or, for the current month, the same part of the last month. Null: this period
    /// ends in the future, or this month has already lasted longer than the whole last month.
    /// </summary>
    public (DateTimeOffset From, DateTimeOffset To, string When)? Before(DateTimeOffset now)
    {
        if (To > now)
        {
            return null;
        }

        if (Word == "month")
        {
            var last = From.AddMonths(-1);
            return last + Length <= From ? (last, last + Length, "last month by this time") : null;
        }

        return (From - Length, From, Word is null ? "in the equally long period before" : $"in the {(Word == "1h" ? "hour" : Words.First(word => word.Word == Word).Label)} before");
    }

    /// <summary>The URL parameters of this period; empty for the default period.</summary>
    public IEnumerable<KeyValuePair<string, string>> Query => Word switch
    {
        null => [new("from", Text(From)), new("to", Text(To))],
        Default => [],
        _ => [new("range", Word)],
    };

    private static DateTimeOffset? Moment(IQueryCollection query, string name, ICollection<string> ignored)
    {
        var text = query[name].ToString();
        if (text.Length == 0)
        {
            return null;
        }

        if (DateTime.TryParseExact(text, Written, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) && time.Year is > 1999 and < 2200)
        {
            return time;
        }

        ignored.Add($"{name} must be a UTC time, such as 2026-11-28T14:00:00Z.");
        return null;
    }
}
