using System.Globalization;
using Cencori.Edge.Admin.Audit;

namespace Cencori.Edge.Dashboard.Audit;

/// <summary>The filters in the URL of the audit page.</summary>
/// <param name="Filter">The filter for the audit log.</param>
/// <param name="Ignored">Parameters that could not be parsed; the page lists them.</param>
internal sealed record AuditQuery(AuditFilter Filter, IReadOnlyList<string> Ignored)
{
    public const int PageSize = 50;

    private static readonly string[] Names = ["who", "action", "project", "object", "from", "to"];
    private static readonly string[] Formats = ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm'Z'", "yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'"];

    public static AuditQuery Of(IQueryCollection query, string format = "json")
    {
        var filter = new AuditFilter { Limit = PageSize, Format = format };
        var ignored = new List<string>();
        foreach (var (name, values) in query)
        {
            var value = values.Count == 1 ? values[0]!.Trim() : "\0";
            if (value.Length == 0 || name is "done" or "format")
            {
                continue;
            }

            var read = value.Any(char.IsControl) ? null : name switch
            {
                "who" => filter with { Actor = value },
                "action" => filter with { Action = value },
                "project" => filter with { ProjectId = value },
                "object" => filter with { ObjectId = value },
                "from" => Time(value, isEnd: false) is { } from ? filter with { From = from } : null,
                "to" => Time(value, isEnd: true) is { } to ? filter with { To = to } : null,
                "cursor" => long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var cursor) ? filter with { Cursor = cursor } : null,
                _ => null,
            };
            if (read is null)
            {
                ignored.Add(name);
            }

            filter = read ?? filter;
        }

        return new(filter, ignored);
    }

    /// <summary>The set filters, to append to the query string of a link: each begins with <c>&amp;</c>. Empty: no filter is set.</summary>
    public static string Rest(IQueryCollection query) =>
        string.Concat(Names.Where(name => query[name].ToString().Trim().Length > 0).Select(name => $"&{name}={Uri.EscapeDataString(query[name].ToString().Trim())}"));

    // Parses a time in the URL. For the end of the period, a date without a time includes that whole day.
    private static DateTimeOffset? Time(string text, bool isEnd) =>
        !DateTimeOffset.TryParseExact(text, Formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? null
        : isEnd && text.Length == "yyyy-MM-dd".Length && time < DateTimeOffset.MaxValue.AddDays(-1) ? time.AddDays(1)
        : time;
}
