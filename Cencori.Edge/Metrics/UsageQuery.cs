using Cencori.Edge.Storage;

namespace Cencori.Edge.Metrics;

/// <summary>How usage is split into series.</summary>
public enum UsageGroup
{
    None,

    /// <summary>By the model that served the request.</summary>
    Model,
    Provider,

    /// <summary>By key id.</summary>
    Key,

    /// <summary>By agent id.</summary>
    Agent,
    Environment,
}

/// <summary>A query for a project's usage. A request must pass all filters. A filter with several values means any of them; an empty filter means all.</summary>
public sealed record UsageQuery
{
    public required string ProjectId { get; init; }

    /// <summary>Inclusive start.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>Exclusive end. The current time or later means no end.</summary>
    public required DateTimeOffset To { get; init; }

    /// <summary>
    /// Length of one point of a series. Default <see cref="UsageStep.Hour"/>. The edge keeps sums by minute for two days. For older times, or if these sums
    /// are incomplete, the result has hours instead of minutes. It also has longer points if the series would have too many points.
    /// </summary>
    public UsageStep Step { get; init; } = UsageStep.Hour;

    public UsageGroup Group { get; init; }

    /// <summary>Number of groups with their own series; the groups with the most requests get one. Default 10.</summary>
    public int Top { get; init; } = 10;

    /// <summary>The environment; null: both.</summary>
    public KeyEnvironment? Environment { get; init; }

    /// <summary>Models that served the requests. In this and the other lists, an empty text stands for requests without such a value, such as refused ones.</summary>
    public IReadOnlyList<string> Models { get; init; } = [];

    public IReadOnlyList<string> Providers { get; init; } = [];

    /// <summary>Ids of the keys that made the requests.</summary>
    public IReadOnlyList<string> Keys { get; init; } = [];

    /// <summary>Ids of the agents that the requests ran as.</summary>
    public IReadOnlyList<string> Agents { get; init; } = [];
}
