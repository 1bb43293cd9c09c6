using Cencori.Edge.Metrics;
using Cencori.Edge.Records.Sql;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Admin.Logs;

/// <summary>Which records of a project are asked for. Of several values of one member any is meant; an empty list means all.</summary>
public sealed record LogFilter
{
    /// <summary>In <see cref="Rules"/>: any.</summary>
    public const string AnyRule = "*";

    /// <summary>How far back sums go where nothing is said.</summary>
    public static readonly TimeSpan DefaultPeriod = TimeSpan.FromHours(24);

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

    /// <summary>Names of routes of the project.</summary>
    public IReadOnlyList<string> Routes { get; init; } = [];

    /// <summary>Ids of rules of policies that have found something, or <see cref="AnyRule"/>.</summary>
    public IReadOnlyList<string> Rules { get; init; } = [];

    public IReadOnlyList<string> Endpoints { get; init; } = [];

    public IReadOnlyList<string> Errors { get; init; } = [];

    /// <summary>Only requests that used something for which there is no price.</summary>
    public bool IsUnpriced { get; init; }

    /// <summary>Nothing but times.</summary>
    public bool IsEmpty =>
        Environment is null && !IsUnpriced && Statuses.Count + Models.Count + ServedModels.Count + Providers.Count + Keys.Count + Agents.Count + Prompts.Count + Routes.Count + Rules.Count + Endpoints.Count + Errors.Count == 0;

    /// <summary>Along the index, which is by time; what else is asked for is looked up row by row.</summary>
    internal RecordQuery Of(string projectId) => Of(OfAnyTime(projectId));

    /// <summary>Within <see cref="From"/> and <see cref="To"/>.</summary>
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

    /// <summary>The same without <see cref="From"/> and <see cref="To"/>.</summary>
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
            // As the sums count them.
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

    /// <summary>What the sums say about these requests; null: they do not tell them apart from others.</summary>
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
