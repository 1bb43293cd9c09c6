using Cencori.Edge.Metrics;
using Cencori.Edge.Records.Sql;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Requests;

namespace Cencori.Edge.Admin.Logs;

/// <summary>Filter for a project's request records. All members must match. Values of one list are alternatives; an empty list matches every record.</summary>
public sealed record LogFilter
{
    /// <summary>Value of <see cref="Rules"/> that matches records with a finding of any rule.</summary>
    public const string AnyRule = "*";

    /// <summary>Length of the period before now that <see cref="ToUsage"/> counts if <see cref="From"/> is null.</summary>
    public static readonly TimeSpan DefaultPeriod = TimeSpan.FromHours(24);

    /// <summary>Start of the period, inclusive. Null: no start.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>End of the period, exclusive. Null: no end.</summary>
    public DateTimeOffset? To { get; init; }

    public KeyEnvironment? Environment { get; init; }

    public IReadOnlyList<LogStatus> Statuses { get; init; } = [];

    /// <summary>Names of models. Matches records whose requested model, or whose model that served the request, is one of them.</summary>
    public IReadOnlyList<string> Models { get; init; } = [];

    public IReadOnlyList<string> ServedModels { get; init; } = [];

    public IReadOnlyList<string> Providers { get; init; } = [];

    public IReadOnlyList<string> Keys { get; init; } = [];

    public IReadOnlyList<string> Agents { get; init; } = [];

    public IReadOnlyList<string> Prompts { get; init; } = [];

    /// <summary>Names of routes of the project.</summary>
    public IReadOnlyList<string> Routes { get; init; } = [];

    /// <summary>Ids of policy rules, or <see cref="AnyRule"/>. Matches records of requests in which one of these rules had a finding.</summary>
    public IReadOnlyList<string> Rules { get; init; } = [];

    public IReadOnlyList<string> Endpoints { get; init; } = [];

    public IReadOnlyList<string> Errors { get; init; } = [];

    /// <summary>True: matches only requests whose cost is unknown because a price is missing.</summary>
    public bool IsUnpriced { get; init; }

    /// <summary>True: the filter has no conditions except <see cref="From"/> and <see cref="To"/>.</summary>
    public bool IsEmpty =>
        Environment is null && !IsUnpriced && Statuses.Count + Models.Count + ServedModels.Count + Providers.Count + Keys.Count + Agents.Count + Prompts.Count + Routes.Count + Rules.Count + Endpoints.Count + Errors.Count == 0;

    /// <summary>Creates a query that reads along the time index and checks the other conditions row by row.</summary>
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

    /// <summary>Creates the query without the conditions <see cref="From"/> and <see cref="To"/>.</summary>
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
            // The same condition decides which requests the roll-up tables count as requests without a price.
            records.Where($"r.\"Picodollars\" IS NULL AND (r.\"Outcome\" <= {(int)RequestOutcome.SuccessFallback} OR r.\"PromptTokens\" + r.\"CompletionTokens\" > 0)");
        }

        records.WhereEither(nameof(RequestRecord.ModelAsked), nameof(RequestRecord.ModelServed), Models);
        records.WhereText(nameof(RequestRecord.ModelServed), ServedModels);
        records.WhereName(nameof(RequestRecord.Provider), Providers);
        records.WhereName(nameof(RequestRecord.KeyId), Keys);
        records.WhereName(nameof(RequestRecord.AgentId), Agents);
        records.WhereName(nameof(RequestRecord.Prompt), Prompts);
        records.WhereName(nameof(RequestRecord.Route), Routes);
        records.WhereWithin(nameof(RequestRecord.Policy), Rules.Contains(AnyRule) ? [RequestPolicy.AnyRuleSearchText] : [.. Rules.Select(RequestPolicy.SearchTextOf)]);
        records.WhereName(nameof(RequestRecord.Endpoint), Endpoints);
        records.WhereName(nameof(RequestRecord.ErrorCode), Errors);
        return records;
    }

    /// <summary>Creates a query of the roll-up tables that counts the requests of this filter. Null: the roll-ups do not count them separately.</summary>
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
