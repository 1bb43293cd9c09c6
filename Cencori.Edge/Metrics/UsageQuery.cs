using Cencori.Edge.Storage;

namespace Cencori.Edge.Metrics;

/// <summary>How usage is split into series.</summary>
public enum UsageGroup
{
    None,

    /// <summary>By model as served.</summary>
    Model,
    Provider,

    /// <summary>By key id.</summary>
    Key,

    /// <summary>By agent id.</summary>
    Agent,
    Environment,
}

/// <summary>A question about a project's usage. A request must pass all filters; a filter with several values means any of them, an empty one means all.</summary>
public sealed record UsageQuery
{
    public required string ProjectId { get; init; }

    /// <summary>Start, inclusive.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>End, exclusive. An end of now or later means no end.</summary>
    public required DateTimeOffset To { get; init; }

    /// <summary>
    /// Default <see cref="UsageStep.Hour"/>. Minutes exist for the last two days. The result has hours instead for older times, or if minutes are
    /// incomplete, and days instead of very many hours.
    /// </summary>
    public UsageStep Step { get; init; } = UsageStep.Hour;

    public UsageGroup Group { get; init; }

    /// <summary>Number of groups with their own series, those with the most requests; default 10.</summary>
    public int Top { get; init; } = 10;

    /// <summary>Null: both.</summary>
    public KeyEnvironment? Environment { get; init; }

    /// <summary>Models as served. An empty text stands for requests that were refused before they had a model; the other lists likewise.</summary>
    public IReadOnlyList<string> Models { get; init; } = [];

    public IReadOnlyList<string> Providers { get; init; } = [];

    /// <summary>Key ids.</summary>
    public IReadOnlyList<string> Keys { get; init; } = [];

    /// <summary>Agent ids.</summary>
    public IReadOnlyList<string> Agents { get; init; } = [];
}
