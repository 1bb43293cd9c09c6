using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Cencori.Edge.Errors;
using Cencori.Edge.Records.Sql;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Admin.Logs;

/// <summary>Which records of a project are asked for, as a query string says it. An empty parameter is as good as none.</summary>
internal sealed class LogFilter
{
    private const int MaxLimit = 200;

    // RFC 3339. A time without a zone is nobody's.
    private static readonly string[] TimeFormats = ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'"];

    private LogStatus? _status;
    private string? _model;
    private string? _key;
    private string? _agent;
    private string? _prompt;
    private DateTimeOffset? _from;
    private DateTimeOffset? _to;
    private LogCursor? _cursor;

    private LogFilter()
    {
    }

    /// <summary>Records of one page at most.</summary>
    public int Limit { get; private set; } = 50;

    public static bool TryRead(IQueryCollection query, [NotNullWhen(true)] out LogFilter? filter, [NotNullWhen(false)] out EdgeError? problem)
    {
        filter = null;
        var read = new LogFilter();
        foreach (var (name, values) in query)
        {
            problem = values.Count > 1 ? EdgeError.Invalid($"The parameter '{name}' is given twice.", name)
                : string.IsNullOrEmpty(values[0]) ? null
                : read.Set(name, values[0]!);
            if (problem is not null)
            {
                return false;
            }
        }

        (filter, problem) = (read, null);
        return true;
    }

    /// <summary>Newest first. Every case is read along an index that ends in the time; what else is asked for is looked up row by row.</summary>
    public RecordQuery Of(string projectId)
    {
        var records = new RecordQuery(projectId);
        if (_key is { } key)
        {
            records.WhereName(nameof(RequestRecord.KeyId), key);
        }

        if (_agent is { } agent)
        {
            records.WhereName(nameof(RequestRecord.AgentId), agent);
        }

        if (_prompt is { } prompt)
        {
            records.WhereName(nameof(RequestRecord.Prompt), prompt);
        }

        if (_from is { } from)
        {
            records.From(from);
        }

        if (_to is { } to)
        {
            records.Before(to);
        }

        if (_model is { } model)
        {
            records.Where("(r.\"ModelAsked\" = @model OR r.\"ModelServed\" = @model)", ("model", model));
        }

        if (_cursor is var (at, id))
        {
            records.OlderThan(at, id);
        }

        _status?.Narrow(records);
        return records;
    }

    private EdgeError? Set(string name, string value)
    {
        switch (name)
        {
            case "status":
                _status = LogStatus.Parse(value);
                return Check(_status is not null, "is a status such as 429, a class such as 4xx, or one of success, success_fallback, error, rate_limited, filtered and cancelled");
            case "model":
                _model = value;
                return null;
            case "key":
                _key = value;
                return null;
            case "agent":
                _agent = value;
                return null;
            case "prompt":
                _prompt = value;
                return null;
            case "from":
                _from = Time(value);
                return Check(_from is not null, "is a time as in RFC 3339, such as 2026-01-31T00:00:00Z");
            case "to":
                _to = Time(value);
                return Check(_to is not null, "is a time as in RFC 3339, such as 2026-01-31T00:00:00Z");
            case "cursor":
                _cursor = LogCursor.TryParse(value, out var cursor) ? cursor : null;
                return Check(_cursor is not null, "is the next_cursor of an answer, unchanged");
            case "limit":
                Limit = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) ? limit : 0;
                return Check(Limit is > 0 and <= MaxLimit, $"is 1 to {MaxLimit}");
            default:
                return EdgeError.Invalid($"Unknown parameter '{name}'.", name);
        }

        EdgeError? Check(bool isGood, string rule) => isGood ? null : EdgeError.Invalid($"{name} {rule}.", name);
    }

    private static DateTimeOffset? Time(string text) =>
        DateTimeOffset.TryParseExact(text, TimeFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time.ToUniversalTime() : null;
}
