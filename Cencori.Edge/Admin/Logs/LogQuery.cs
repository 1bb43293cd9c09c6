using System.Globalization;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Admin.Logs;

/// <summary>An error in a parameter of a query string.</summary>
/// <param name="Name">Name of the parameter.</param>
/// <param name="Rule">The violated rule, such as "must be true or false". Name and rule together form a sentence.</param>
public sealed record LogProblem(string Name, string Rule);

/// <summary>Position of a page in the list of records.</summary>
/// <param name="Cursor">The record that borders the page; the page does not include this record. Null: the page begins with the newest record.</param>
/// <param name="IsNewer">True: the page has the records that are just newer than the cursor. Default: the records that are just older.</param>
public readonly record struct LogPosition(LogCursor? Cursor, bool IsNewer);

/// <summary>Reads a filter and a page position from a query string. Empty parameters are ignored. Invalid ones are ignored and reported.</summary>
public sealed class LogQuery
{
    private const int MaxLimit = 200;
    private const string TimeRule = "must be a time as in RFC 3339, such as 2026-01-31T00:00:00Z";

    // Time formats of RFC 3339. A time without a zone is ambiguous, so it is not accepted.
    private static readonly string[] TimeFormats = ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'"];

    private readonly List<LogProblem> _problems = [];
    private LogPosition _place;

    private LogQuery()
    {
    }

    public LogFilter Filter { get; private set; } = new();

    public LogPosition Place => _place;

    /// <summary>Number of records on a page. Default 50.</summary>
    public int Limit { get; private set; } = 50;

    public IReadOnlyList<LogProblem> Problems => _problems;

    /// <param name="query">The query string of the request.</param>
    /// <param name="others">Parameter names that other code reads.</param>
    public static LogQuery Read(IQueryCollection query, params string[] others)
    {
        var read = new LogQuery();
        foreach (var (name, values) in query)
        {
            if (others.Contains(name))
            {
                continue;
            }

            string[] given = [.. values.OfType<string>().Where(value => value.Length > 0)];
            if (values.Count > 1 && name is ("from" or "to" or "environment" or "env" or "unpriced" or "cursor" or "newer" or "limit"))
            {
                read._problems.Add(new(name, "is given twice"));
            }
            else if (given.Length > 0 && read.Set(name, given) is { } rule)
            {
                read._problems.Add(new(name, rule));
            }
        }

        return read;
    }

    /// <summary>Converts a filter to query parameters. Parameters without effect are omitted.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Write(LogFilter filter) =>
    [
        .. Pairs("status", filter.Statuses.Select(status => status.ToString())),
        .. Pairs("model", filter.Models),
        .. Pairs("served", filter.ServedModels),
        .. Pairs("provider", filter.Providers),
        .. Pairs("key", filter.Keys),
        .. Pairs("agent", filter.Agents),
        .. Pairs("prompt", filter.Prompts),
        .. Pairs("route", filter.Routes),
        .. Pairs("rule", filter.Rules),
        .. Pairs("endpoint", filter.Endpoints),
        .. Pairs("error", filter.Errors),
        .. Pairs("env", filter.Environment is { } environment ? [environment == KeyEnvironment.Test ? "test" : "production"] : []),
        .. Pairs("unpriced", filter.IsUnpriced ? ["true"] : []),
        .. Pairs("from", filter.From is { } from ? [Text(from)] : []),
        .. Pairs("to", filter.To is { } to ? [Text(to)] : []),
    ];

    private static IEnumerable<KeyValuePair<string, string>> Pairs(string name, IEnumerable<string> values) => values.Select(value => KeyValuePair.Create(name, value));

    /// <returns>The rule that the values violate. Null: the values are valid.</returns>
    private string? Set(string name, string[] values)
    {
        switch (name)
        {
            case "status":
                LogStatus[] statuses = [.. values.Select(LogStatus.Parse).OfType<LogStatus>()];
                Filter = Filter with { Statuses = statuses };
                return statuses.Length == values.Length ? null : "must be a status such as 429, a class such as 4xx, or one of success, success_fallback, error, rate_limited, filtered and cancelled";
            case "model":
                Filter = Filter with { Models = values };
                return null;
            case "served":
                Filter = Filter with { ServedModels = values };
                return null;
            case "provider":
                Filter = Filter with { Providers = values };
                return null;
            case "key":
                Filter = Filter with { Keys = values };
                return null;
            case "agent":
                Filter = Filter with { Agents = values };
                return null;
            case "prompt":
                Filter = Filter with { Prompts = values };
                return null;
            case "route":
                Filter = Filter with { Routes = values };
                return null;
            case "rule":
                Filter = Filter with { Rules = values };
                return null;
            case "endpoint":
                Filter = Filter with { Endpoints = values };
                return null;
            case "error":
                Filter = Filter with { Errors = values };
                return null;
            default:
                return SetOne(name, values[0]);
        }
    }

    private string? SetOne(string name, string value)
    {
        switch (name)
        {
            case "environment" or "env":
                Filter = Filter with { Environment = value switch { "production" => KeyEnvironment.Production, "test" => KeyEnvironment.Test, _ => null } };
                return Filter.Environment is null ? "must be production or test" : null;
            case "unpriced":
                Filter = Filter with { IsUnpriced = value == "true" };
                return value is "true" or "false" ? null : "must be true or false";
            case "from":
                Filter = Filter with { From = Time(value) };
                return Filter.From is null ? TimeRule : null;
            case "to":
                Filter = Filter with { To = Time(value) };
                return Filter.To is null ? TimeRule : null;
            case "cursor":
                _place = _place with { Cursor = LogCursor.TryParse(value, out var cursor) ? cursor : null };
                return _place.Cursor is null ? "must be the next_cursor of a response, unchanged" : null;
            case "newer":
                _place = _place with { IsNewer = value == "true" };
                return value is "true" or "false" ? null : "must be true or false";
            case "limit":
                var isGood = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is > 0 and <= MaxLimit;
                Limit = isGood ? limit : Limit;
                return isGood ? null : $"must be 1 to {MaxLimit}";
            default:
                return "is not known";
        }
    }

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString(TimeFormats[1], CultureInfo.InvariantCulture);

    private static DateTimeOffset? Time(string text) =>
        DateTimeOffset.TryParseExact(text, TimeFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time.ToUniversalTime() : null;
}
