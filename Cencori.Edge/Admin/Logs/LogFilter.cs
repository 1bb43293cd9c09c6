using Cencori.Edge.Metrics;
using Cencori.Edge.Records.Sql;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Admin.Logs;

/// <summary>Which records of a project are asked for. Of several values of one member any is meant; an empty list means all.</summary>
public sealed record LogFilter
{
    /// <summary>Where it begins.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Where it ends, exclusively.</summary>
    public DateTimeOffset? To { get; init; }

    public KeyEnvironment? Environment { get; init; }

    public IReadOnlyList<LogStatus> Statuses { get; init; } = [];

    /// <summary>Asked for or served.</summary>
    public IReadOnlyList<string> Models { get; init; } = [];

    public IReadOnlyList<string> ServedModels { get; init; } = [];

    public IReadOnlyList<string> Providers { get; init; } = [];

    public IReadOnlyList<string> Keys { get; init; } = [];

    public IReadOnlyList<string> Agents { get; init; } = [];

    public IReadOnlyList<string> Prompts { get; init; } = [];

    public IReadOnlyList<string> Endpoints { get; init; } = [];

    public IReadOnlyList<string> Errors { get; init; } = [];

    public bool IsUnpriced { get; init; }

    /// <summary>Nothing but times.</summary>
    public bool IsEmpty => this == new LogFilter { From = From, To = To };

    internal RecordQuery Of(string projectId)
    {
        var records = new RecordQuery(projectId);
        if (From is { } from)
        {
            records.From(from);
        }

        if (To is { } to)
        {
            records.Where("r.\"StartedAt\" < @to", ("to", to.ToUnixTimeMilliseconds()));
        }

        Any(records, "md", Models, name => $"(r.\"ModelAsked\" = @{name} OR r.\"ModelServed\" = @{name})");
        Any(records, "ky", Keys, name => $"r.\"KeyId\" = {RecordRow.NumberOf(name)}");
        Any(records, "ag", Agents, name => $"r.\"AgentId\" = {RecordRow.NumberOf(name)}");
        Any(records, "pv", Providers, name => $"r.\"Provider\" = {RecordRow.NumberOf(name)}");
        Any(records, "er", Errors, name => $"r.\"ErrorCode\" = {RecordRow.NumberOf(name)}");
        Any(records, "pm", Prompts, name => $"r.\"Prompt\" = {RecordRow.NumberOf(name)}");
        if (Environment is { } environment)
        {
            records.Where("r.\"Environment\" = @environment", ("environment", (int)environment));
        }

        if (Statuses.Count > 0)
        {
            records.Where("(" + string.Join(" OR ", Statuses.Select(s => s.Outcome is { } o ? $"r.\"Outcome\" = {(int)o}" : $"r.\"Status\" BETWEEN {s.First} AND {s.Last}")) + ")");
        }

        return records;
    }

    private static void Any(RecordQuery records, string prefix, IReadOnlyList<string> values, Func<string, string> condition)
    {
        if (values.Count > 0)
        {
            records.Where("(" + string.Join(" OR ", values.Select((_, i) => condition(prefix + i))) + ")", [.. values.Select((value, i) => (prefix + i, (object)value))]);
        }
    }
}
