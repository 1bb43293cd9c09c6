using System.Globalization;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Admin.Logs;

public sealed record LogProblem(string Name, string Rule);

public readonly record struct LogPlace(LogCursor? Cursor, bool IsNewer);

/// <summary>A filter and a place, as a query string says it.</summary>
public sealed class LogQuery
{
    private static readonly string[] TimeFormats = ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'"];

    public LogFilter Filter { get; private init; } = new();

    public LogPlace Place { get; private init; }

    public int Limit { get; private init; } = 50;

    public IReadOnlyList<LogProblem> Problems { get; private init; } = [];

    public static LogQuery Read(IQueryCollection query, params string[] others)
    {
        var problems = new List<LogProblem>();
        List<LogStatus> statuses = [];
        Dictionary<string, List<string>> lists = [];
        DateTimeOffset? from = null, to = null;
        KeyEnvironment? environment = null;
        LogCursor? cursor = null;
        bool isNewer = false, isUnpriced = false;
        var limit = 50;
        foreach (var (name, values) in query)
        {
            if (values.Count > 1 && name is "from" or "to" or "environment" or "env" or "unpriced" or "newer" or "cursor" or "limit" && values.Count > 1)
            {
                problems.Add(new(name, "is given twice"));
                continue;
            }

            foreach (var value in values.Where(value => !string.IsNullOrEmpty(value)))
            {
                switch (name)
                {
                    case "status":
                        if (LogStatus.Parse(value!) is { } status) { statuses.Add(status); } else { problems.Add(new(name, "is a status such as 429, a class such as 4xx, or one of success, success_fallback, error, rate_limited, filtered and cancelled")); }
                        break;
                    case "model" or "served" or "provider" or "key" or "agent" or "prompt" or "endpoint" or "error":
                        (lists.TryGetValue(name, out var list) ? list : lists[name] = []).Add(value!);
                        break;
                    case "from":
                        from = Time(value!);
                        if (from is null) { problems.Add(new(name, "is a time as in RFC 3339, such as 2026-01-31T00:00:00Z")); }
                        break;
                    case "to":
                        to = Time(value!);
                        if (to is null) { problems.Add(new(name, "is a time as in RFC 3339, such as 2026-01-31T00:00:00Z")); }
                        break;
                    case "environment" or "env":
                        if (Enum.TryParse<KeyEnvironment>(value, true, out var parsed) && Enum.IsDefined(parsed)) { environment = parsed; } else { problems.Add(new(name, "is production or test")); }
                        break;
                    case "unpriced":
                        isUnpriced = value == "true";
                        break;
                    case "newer":
                        isNewer = value == "true";
                        break;
                    case "cursor":
                        if (LogCursor.TryParse(value!, out var c)) { cursor = c; } else { problems.Add(new(name, "is the next_cursor of an answer, unchanged")); }
                        break;
                    case "limit":
                        limit = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var l) && l is > 0 and <= 200 ? l : 0;
                        if (limit == 0) { problems.Add(new(name, "is 1 to 200")); limit = 50; }
                        break;
                    default:
                        if (!others.Contains(name)) { problems.Add(new(name, "is not known")); }
                        break;
                }
            }
        }

        List<string> Of(string name) => lists.GetValueOrDefault(name) ?? [];
        return new()
        {
            Problems = problems,
            Limit = limit,
            Place = new(cursor, isNewer),
            Filter = new()
            {
                From = from, To = to, Environment = environment, Statuses = statuses, IsUnpriced = isUnpriced, Models = Of("model"), ServedModels = Of("served"), Providers = Of("provider"),
                Keys = Of("key"), Agents = Of("agent"), Prompts = Of("prompt"), Endpoints = Of("endpoint"), Errors = Of("error"),
            },
        };
    }

    public static IEnumerable<KeyValuePair<string, string>> Write(LogFilter filter)
    {
        List<KeyValuePair<string, string>> pairs = [];
        foreach (var (name, values) in (ReadOnlySpan<(string, IReadOnlyList<string>)>)[
            ("status", [.. filter.Statuses.Select(s => s.Outcome is { } o ? Exchanges.GenAi.Outcome(o) : s.First == s.Last ? s.First.ToString(CultureInfo.InvariantCulture) : $"{s.First / 100}xx")]),
            ("model", filter.Models), ("served", filter.ServedModels), ("provider", filter.Providers), ("key", filter.Keys), ("agent", filter.Agents), ("prompt", filter.Prompts), ("endpoint", filter.Endpoints), ("error", filter.Errors)])
        {
            pairs.AddRange(values.Select(value => KeyValuePair.Create(name, value)));
        }

        if (filter.Environment is { } environment) { pairs.Add(KeyValuePair.Create("env", environment == KeyEnvironment.Test ? "test" : "production")); }
        if (filter.IsUnpriced) { pairs.Add(KeyValuePair.Create("unpriced", "true")); }
        if (filter.From is { } from) { pairs.Add(KeyValuePair.Create("from", from.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFF'Z'", CultureInfo.InvariantCulture))); }
        if (filter.To is { } to) { pairs.Add(KeyValuePair.Create("to", to.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFF'Z'", CultureInfo.InvariantCulture))); }
        return pairs;
    }

    private static DateTimeOffset? Time(string text) =>
        DateTimeOffset.TryParseExact(text, TimeFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time.ToUniversalTime() : null;
}
