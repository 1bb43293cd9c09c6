using System.Globalization;

namespace Cencori.Edge.Dashboard.Parts;

/// <summary>The stretch of time that a page shows, as its address says it: <c>range=24h</c>, or <c>from</c> and <c>to</c>, which are UTC.</summary>
/// <param name="Word">Of a stretch that ends now; null: both ends stand fast.</param>
/// <param name="From">The first moment that counts.</param>
/// <param name="To">The first that does not.</param>
public sealed record Period(string? Word, DateTimeOffset From, DateTimeOffset To)
{
    public const string Default = "24h";

    // As exact as anything is kept.
    private const string Format = "yyyy-MM-dd'T'HH:mm:ss.FFF'Z'";

    private static readonly TimeSpan Longest = TimeSpan.FromDays(400);

    private static readonly string[] Written =
    [
        "yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss.FFF", "yyyy-MM-dd'T'HH:mm'Z'", "yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm:ss.FFF'Z'",
    ];

    /// <summary>The words, and what they are called.</summary>
    public static IReadOnlyList<(string Word, string Label)> Words { get; } = [("1h", "1 hour"), ("24h", "24 hours"), ("7d", "7 days"), ("30d", "30 days"), ("month", "This month")];

    public TimeSpan Length => To - From;

    /// <summary>Whether it ends now.</summary>
    public bool IsUntilNow => Word is not null;

    /// <summary>What the page says of it.</summary>
    public string Label => Word is null ? "the chosen time" : Word == "month" ? "this month (UTC)" : "the last " + Words.First(word => word.Word == Word).Label;

    /// <summary>How a moment stands in an address.</summary>
    public static string Text(DateTimeOffset time) => time.UtcDateTime.ToString(Format, CultureInfo.InvariantCulture);

    /// <param name="query">Of the page.</param>
    /// <param name="now">When it is asked for.</param>
    /// <param name="ignored">Gets a sentence for each value that says no time.</param>
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

            ignored.Add(since < until ? "The time between from and to is longer than 400 days." : "to is not after from.");
        }

        var word = query["range"].ToString();
        if (word.Length > 0 && Words.All(known => known.Word != word))
        {
            ignored.Add($"range is one of {string.Join(", ", Words.Select(known => known.Word))}.");
            word = "";
        }

        return Of(word.Length == 0 ? Default : word, now);
    }

    /// <summary>A stretch that ends now; of <c>/v1/metrics</c> they mean the same.</summary>
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

    /// <summary>As long a time just before it, or for a month the same part of the last one, and how it is called. Null: it is not over, or the last month was shorter.</summary>
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

        return (From - Length, From, Word is null ? "in as long a time before" : $"in the {(Word == "1h" ? "hour" : Words.First(word => word.Word == Word).Label)} before");
    }

    /// <summary>What stands in an address for it; nothing for what is shown where nothing is said.</summary>
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

        ignored.Add($"{name} is a time of UTC, such as 2026-11-28T14:00:00Z.");
        return null;
    }
}
