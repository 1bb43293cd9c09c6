using Cencori.Edge.Metrics;
using Cencori.Edge.Records.Sql;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Admin.Logs;

/// <summary>Filter for a project's records. Values of one member are alternatives; an empty list matches all.</summary>
public sealed record LogFilter
{
    /// <summary>In <see cref="Rules"/>: any rule.</summary>
    public const string AnyRule = "*";

    /// <summary>Default period of sums.</summary>
    public static readonly TimeSpan DefaultPeriod = TimeSpan.FromHours(24);

    /// <summary>Start, inclusive.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>End, exclusive.</summary>
    public DateTimeOffset? To { get; init; }

    public KeyEnvironment? Environment { get; init; }

    public IReadOnlyList<LogStatus> Statuses { get; init; } = [];

    /// <summary>Requested or served models.</summary>
    public IReadOnlyList<string> Models { get; init; } = [];

    public IReadOnlyList<string> ServedModels { get; init; } = [];

    public IReadOnlyList<string> Providers { get; init; } = [];

    public IReadOnlyList<string> Keys { get; init; } = [];

    public IReadOnlyList<string> Agents { get; init; } = [];

    public IReadOnlyList<string> Prompts { get; init; } = [];

    /// <summary>Names of routes of the project.</summary>
    public IReadOnlyList<string> Routes { get; init; } = [];

    /// <summary>Ids of policy rules that have findings, or <see cref="AnyRule"/>.</summary>
    public IReadOnlyList<string> Rules { get; init; } = [];

    public IReadOnlyList<string> Endpoints { get; init; } = [];

    public IReadOnlyList<string> Errors { get; init; } = [];

    /// <summary>True: only requests with a part that has no price.</summary>
    public bool IsUnpriced { get; init; }

    /// <summary>True: the filter has times only.</summary>
    public bool IsEmpty =>
        Environment is null && !IsUnpriced && Statuses.Count + Models.Count + ServedModels.Count + Providers.Count + Keys.Count + Agents.Count + Prompts.Count + Routes.Count + Rules.Count + Endpoints.Count + Errors.Count == 0;

    /// <summary>Query along the time index; the other conditions are checked row by row.</summary>
    internal RecordQuery Of(string projectId) => Of(OfAnyTime(projectId));

    /// <summary>Adds <see cref="From"/> and <see cref="To"/> to a query.</summary>
    internal RecordQuery Of(RecordQuery records)
    {
        if (From is { } from)
        {
            records.From(from);
        }

        if (To is { } to)
        {
            records.Before(to);
        }

        return records;
    }

    /// <summary>The query without <see cref="From"/> and <see cref="To"/>.</summary>
    internal RecordQuery OfAnyTime(string projectId)
    {
        var records = new RecordQuery(projectId);
        if (Environment is { } environment)
        {
            records.Where($"r.\"Environment\" = {(int)environment}");
        }

        if (Statuses.Count > 0)
        {
            records.Where($"({string.Join(" OR ", Statuses.Select(status => status.Condition))})");
        }

        if (IsUnpriced)
        {
            // Same condition as in the sums.
            records.Where($"r.\"Picodollars\" IS NULL AND (r.\"Outcome\" <= {(int)RequestOutcome.SuccessFallback} OR r.\"PromptTokens\" + r.\"CompletionTokens\" > 0)");
        }

        records.WhereEither(nameof(RequestRecord.ModelAsked), nameof(RequestRecord.ModelServed), Models);
        records.WhereText(nameof(RequestRecord.ModelServed), ServedModels);
        records.WhereName(nameof(RequestRecord.Provider), Providers);
        records.WhereName(nameof(RequestRecord.KeyId), Keys);
        records.WhereName(nameof(RequestRecord.AgentId), Agents);
        records.WhereName(nameof(RequestRecord.Prompt), Prompts);
        records.WhereName(nameof(RequestRecord.Route), Routes);
        records.WhereWithin(nameof(RequestRecord.Policy), Rules.Contains(AnyRule) ? [RequestPolicy.NamingAny] : [.. Rules.Select(RequestPolicy.Naming)]);
        records.WhereName(nameof(RequestRecord.Endpoint), Endpoints);
        records.WhereName(nameof(RequestRecord.ErrorCode), Errors);
        return records;
    }

    /// <summary>Query of the sums for these requests; null: the sums do not distinguish them.</summary>
    public UsageQuery? ToUsage(string projectId, DateTimeOffset now, UsageStep step, UsageGroup group) => Models.Count + Prompts.Count + Routes.Count + Rules.Count + Endpoints.Count + Errors.Count > 0
        || (IsUnpriced && Statuses.Count > 0) || !LogStatus.CanBeCounted(Statuses) ? null : new()
    {
        ProjectId = projectId,
        From = From ?? now - DefaultPeriod,
        To = To ?? now.AddMilliseconds(1),
        Step = step,
        Group = group,
        Environment = Environment,
        Models = ServedModels,
        Providers = Providers,
        Keys = Keys,
        Agents = Agents,
    };
}
